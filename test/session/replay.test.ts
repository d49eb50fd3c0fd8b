// A failing message in a notebook: the ask that brought it, its dead letter, and the replay that shows the line of the cell.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DrivenSession } from './driver.js'

let session: DrivenSession
beforeAll(async () => { session = await DrivenSession.open() })
afterAll(async () => { await session.close() })

test('the cell that defined the body is quoted as it was written, with a caret at the place', async () => {
  await session.run("import { array, f64, lab, RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'\nconst runtime = new RingKernelRuntime({ device: 'cpu' })")
  await session.run([
    "const Request = struct('Request', { at: u32, values: array(f64, 4) })",
    "const Picked = struct('Picked', { value: f64 })",
    "const picker = ringKernel('picker', { input: Request, output: Picked, state: { picked: u32 } }, {",
    '  onMessage({ at, values }, ctx) {',
    '    const twice: number = at * 2',
    '    const value: number = values[twice]!',
    '    ctx.state.picked += 1',
    '    ctx.send({ value })',
    '  },',
    '})',
    'const actor = await runtime.spawn(picker)',
  ].join('\n'))
  await session.run('await actor.ask({ at: 1, values: [1, 2, 3, 4] })')
  const asked = await session.run('await actor.ask({ at: 3, values: [1, 2, 3, 4] })')
  expect(asked.status).toBe('error')
  expect(asked.error).toContain('index 6 is outside')
  const letters = await session.run('runtime.deadLetters')
  expect(letters.text).toMatch(/picker +cpu +failed +\{ at: 3, values:/)
  const { text = '' } = await session.run('await lab.replay(runtime.deadLetters.peek(1)[0]!)')
  const lines = text.split('\n')
  expect(lines).toContain('  state    { picked: 1 }')
  const caret = lines.findIndex((line) => /^ +│ +\^$/.test(line))
  expect(lines.slice(caret - 3, caret + 2)).toEqual([
    'It fails again: Error: index 6 is outside the message.values, which has 4 elements', expect.stringMatching(/^ {2}at cell \[2\]:6:\d+$/) as unknown,
    '     6 │     const value: number = values[twice]!', `       │ ${' '.repeat(26)}^`, '  with at = 3, twice = 6',
  ])
  expect(lines.some((line) => /^ +5 │ const twice: number = at \* 2 +twice = 6$/.test(line))).toBe(true)
})
