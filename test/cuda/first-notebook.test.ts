// The first notebook in a real session, its cells in order and unchanged: with `%device cuda` before them they give what they give on the CPU device.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readNotebook, sourceOf } from '#ringlab/cli/run/notebook.js'
import { root } from '../environment/paths.js'
import { DrivenSession, type Ran } from '../session/driver.js'
import { cacheFolder } from './simulated.js'

const cells = readNotebook(join(root, 'notebooks', '01-first-ring-kernel.ipynb')).cells.flatMap((cell) => cell.cell_type === 'code' ? [sourceOf(cell)] : [])
/** The cell that launches, counted from 0. */
const launching = cells.findIndex((cell) => cell.includes('runtime.launch('))

test('the first notebook gives on the simulated GPU what it gives on the CPU device', async () => {
  expect(cacheFolder).not.toBe('')
  const [onGpu, onCpu] = [await runOn('cuda'), await runOn('cpu')]
  expect(onGpu.map(comparable)).toEqual(onCpu.map(comparable))
  expect(onGpu.filter((ran) => comparable(ran).shown !== '').length).toBeGreaterThanOrEqual(5)
  expect(onGpu.map(({ stderr }) => stderr).join('')).toBe('')
}, 120_000)

async function runOn(device: 'cuda' | 'cpu'): Promise<Ran[]> {
  const session = await DrivenSession.open()
  try {
    const chosen = await session.run(`%device ${device}`)
    expect(chosen.error).toBe('')
    const ran: Ran[] = []
    for (const cell of cells) ran.push(await session.run(cell))
    for (const { error } of ran) expect(error, device).toBe('')
    // The launching cell is told once it runs, which is after that cell has ended.
    expect(session.outputOf(launching + 2, 'stdout')).toMatch(device === 'cuda' ? /^summer: resident on cuda:0 \((compiled \d+ ms|cached)\)\n$/ : /^$/)
    return ran
  } finally { await session.close() }
}

/** What a person reads, without the line that says where it runs; of figures, that they are there. */
function comparable({ stdout, text, displays }: Ran): { shown: string; figures: number } {
  const printed = stdout.split('\n').filter((line) => !line.includes(': resident on ')).join('\n')
  return { shown: `${printed}${text ?? ''}`, figures: displays.filter(({ bundle }) => 'image/svg+xml' in bundle || 'application/vnd.plotly.v1+json' in bundle).length > 0 ? 1 : 0 }
}
