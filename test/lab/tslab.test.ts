// Inside a stock tslab kernel displays go through tslab's own function, with every form and a display id; ringlab never loads tslab for it.
import { createRequire } from 'node:module'
import { afterEach, expect, test } from 'vitest'
import { lab } from 'ringlab'

const require = createRequire(import.meta.url)
interface TslabJupyter { lastWriteDisplayData: ((data: { data: Record<string, unknown>; transient: { display_id?: string } }, update?: boolean) => void) | null }
const loaded = (): boolean => Object.keys(require.cache).some((path) => path.includes('/tslab/'))
afterEach(() => { if (loaded()) (require('tslab/dist/jupyter.js') as TslabJupyter).lastWriteDisplayData = null })

test('a display asks for tslab only where it is loaded, and writes through it with all forms', () => {
  expect(loaded()).toBe(false)
  const written: { mimes: string[]; id: string | undefined; update: boolean | undefined }[] = []
  ;(require('tslab/dist/jupyter.js') as TslabJupyter).lastWriteDisplayData = ({ data, transient }, update) => { written.push({ mimes: Object.keys(data).sort(), id: transient.display_id, update }) }
  lab.display(lab.buffer(new Float32Array([1, 2, 2])))
  const own = lab.newDisplay()
  own.html('<i>a</i>')
  own.html('<i>b</i>')
  expect(written[0]?.mimes).toEqual(['image/svg+xml', 'text/html', 'text/plain'])
  expect(written.map(({ update }) => update)).toEqual([false, false, true])
  expect(written[1]?.id).toBe(written[2]?.id)
})
