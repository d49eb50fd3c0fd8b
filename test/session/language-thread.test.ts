// The language worker dies and is replaced: what the session knew, it still knows.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askLanguage } from '#ringlab/session/language/client.js'
import { LanguageThread } from '#ringlab/session/language/thread.js'

/** Little enough that the cell below exhausts it within seconds, enough for the platform's types. */
const heapMb = 170

const exhausting = 'type Digit = 0|1|2|3|4|5|6|7|8|9; type Apart<T> = T extends `${infer A}${infer B}` ? [A, Apart<B>] : []\n'
  + Array.from({ length: 120 }, (_, i) => `type Text${i} = Apart<\`n${i}\${Digit}\${Digit}\${Digit}\${Digit}\`>; const text${i}: Text${i} = null!`).join('\n')

describe('a language worker that dies of a cell', () => {
  let thread: LanguageThread
  beforeAll(() => { thread = new LanguageThread(mkdtempSync(join(tmpdir(), 'ringlab-thread-')), undefined, heapMb) })
  afterAll(async () => { await thread.end() })

  it('refuses that cell by name, keeps names and types, and its ports go on', async () => {
    const port = thread.clientPort()
    const questions = askLanguage(port)
    const first = await thread.ask({ kind: 'compile', id: 1, code: 'const kept = { inside: 1 }' })
    if (first.status !== 'compiled' || !first.record) throw new Error('the first cell did not compile')
    thread.keep(first.record)
    thread.settle(1, 'all', [])
    await expect(thread.ask({ kind: 'compile', id: 2, code: exhausting })).rejects.toThrow(/could not handle this cell \(.*memory.*simplify its types/)
    expect(await thread.ask({ kind: 'compile', id: 3, code: 'kept.outside' })).toMatchObject({ status: 'refused', problems: [{ code: 2339, line: 1, column: 6 }] })
    expect(await thread.ask({ kind: 'compile', id: 4, code: 'kept.inside' })).toMatchObject({ status: 'compiled', boxes: ['kept'] })
    expect((await questions.complete('kept.', 5)).matches.map(({ text }) => text)).toEqual(['inside'])
    port.close()
  })
})
