// A process that uses ringlab ends when its own work does: no worker, timer or wait is left, and none is missing.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const entry = new URL('../../dist/index.js', import.meta.url).href
const prelude = `
  import { RingKernelRuntime, message, ringKernel, struct, u32 } from '${entry}'
  const Value = struct('Value', { v: u32 })
  const Any = message('Any')
  const echo = ringKernel('echo', { input: Value, output: Value }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
  const spinning = ringKernel('spinning', { input: Value, output: Value }, async (ctx) => { const m = await ctx.receive(); while (m.v > 0) {} })
`

/** Runs a script to its natural end; fails when that does not come. */
function run(script: string, deadlineMs = 10_000): Promise<{ code: number | null; stdout: string; stderr: string; ms: number }> {
  return new Promise((resolve) => {
    const start = performance.now()
    const child = spawn(process.execPath, ['--input-type=module', '-e', prelude + script], { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    const deadline = setTimeout(() => child.kill('SIGKILL'), deadlineMs)
    child.on('close', (code) => { clearTimeout(deadline); resolve({ code, stdout, stderr, ms: performance.now() - start }) })
  })
}

describe.each(['cpu', 'host'])('on %s', (device) => {
  test('after `await using`, the process ends by itself', async () => {
    const result = await run(`{ const runtime = new RingKernelRuntime({ device: '${device}' }); const actor = await runtime.spawn(echo); console.log((await actor.ask({ v: 3 })).v); await runtime[Symbol.asyncDispose]() }`)
    expect(result).toMatchObject({ code: 0, stdout: '3\n', stderr: '' })
  })

  test('a runtime that was never shut down does not keep the process alive', async () => {
    const result = await run(`const runtime = new RingKernelRuntime({ device: '${device}' }); const actor = await runtime.spawn(echo); console.log((await actor.ask({ v: 4 })).v)`)
    expect(result).toMatchObject({ code: 0, stdout: '4\n', stderr: '' })
  })

  test('a wait keeps the process alive until its event comes', async () => {
    const result = await run(`
      const runtime = new RingKernelRuntime({ device: '${device}' })
      const actor = await runtime.launch(ringKernel('later', { input: Any, output: Any }, async (ctx) => { const m = await ctx.receive(); await new Promise((r) => setTimeout(r, 400)); await ctx.send(m) }))
      await actor.activate()
      await actor.send({ v: 5 })
      console.log((await actor.receive()).v)`)
    expect(result).toMatchObject({ code: 0, stdout: '5\n', stderr: '' })
    expect(result.ms).toBeGreaterThan(400)
  })

  test('a wait with a timeout ends the process no later than that', async () => {
    const result = await run(`
      const runtime = new RingKernelRuntime({ device: '${device}' })
      const actor = await runtime.spawn(echo)
      console.log(await actor.receive({ timeoutMs: 200 }).catch((error) => error.name))`)
    expect(result).toMatchObject({ code: 0, stdout: 'TimeoutError\n', stderr: '' })
  })
})

test('an endless body does not keep the process alive, with and without shutdown', async () => {
  const start = 'const runtime = new RingKernelRuntime({ device: \'cpu\' }); const actor = await runtime.spawn(spinning); await actor.send({ v: 1 }); await new Promise((r) => setTimeout(r, 50));'
  expect(await run(start)).toMatchObject({ code: 0, stderr: '' })
  const closed = await run(`${start} const at = performance.now(); await runtime.shutdown({ timeoutMs: 100 }); console.log(performance.now() - at < 1500)`)
  expect(closed).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' })
})

test('importing the library starts nothing and loads no compiler', async () => {
  const result = await run('console.log(process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap").join(), typeof globalThis.ts)')
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout).not.toMatch(/Timeout|Worker|MessagePort/)
})
