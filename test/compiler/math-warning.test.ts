// An engine whose Math differs from the devices' is named once, at the first compile of the process; a good one says nothing.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from '../environment/paths.js'

function warningsAfter(before: string): string {
  const script = `${before}
    const { RingKernelRuntime, f64, ringKernel, struct } = await import('ringlab')
    const Value = struct('Value', { x: f64 })
    const runtime = new RingKernelRuntime({ device: 'cpu' })
    for (const name of ['one', 'two']) await runtime.launch(ringKernel(name, { input: Value, output: Value }, { onMessage(m, ctx) { ctx.send({ x: m.x + 1 }) } }))
    await runtime.shutdown()`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8', timeout: 30_000 })
  expect(status, stderr).toBe(0)
  return stderr
}

test('a differing engine is named once', () => {
  const said = warningsAfter('const { sin } = Math; Math.sin = (x) => sin(x) * (1 + 2 ** -52)')
  expect(said).toMatch(/RINGLAB_MATH.*computes Math\.sin differently/)
  expect(said.split('RINGLAB_MATH')).toHaveLength(2)
})

test('this one is not', () => {
  expect(warningsAfter('')).toBe('')
})
