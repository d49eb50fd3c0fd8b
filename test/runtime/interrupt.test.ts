// An interrupt stops the main thread between any two instructions, skipping catch and finally. What the runtime holds must be whole afterwards.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const entry = new URL('../../dist/index.js', import.meta.url).href
/** Terminates the main thread's execution at random moments, as a Jupyter kernel's interrupt does, while callbacks of a timer send and ask. */
const script = (times: number): string => `
  import { Worker } from 'node:worker_threads'
  import { RingKernelRuntime, ringKernel, struct, u32 } from '${entry}'
  const Value = struct('Value', { v: u32 })
  const echo = ringKernel('echo', { input: Value, output: Value, capacity: 64 }, async (ctx) => { for (;;) await ctx.send(await ctx.receive()) })
  const runtime = new RingKernelRuntime({ device: 'cpu' })
  const actor = await runtime.spawn(echo)
  const killer = new Worker(\`
    const { Session } = require('node:inspector')
    const session = new Session(); session.connectToMainThread()
    let left = ${times}
    const next = () => {
      if (left-- === 0) { session.disconnect(); setTimeout(() => {}, 200); return }
      session.post('Runtime.terminateExecution', () => { setTimeout(next, Math.random() * 2) })
    }
    setTimeout(next, 20)
  \`, { eval: true, execArgv: [] })
  let sent = 0, received = 0, last = 0, disorder = 0
  const note = (v) => { received++; if (v <= last) disorder++; last = v }
  killer.on('exit', () => { finish = true })
  let finish = false
  const tick = () => {
    if (finish) { setTimeout(close, 50); return }
    // First, because an interrupt in here would end an interval for good.
    setTimeout(tick, 0)
    // Synchronous work only, so that every interruption hits the library's own code or this loop.
    for (let i = 0; i < 300; i++) {
      if (actor.trySend({ v: sent + 1 })) sent++
      const output = actor.tryReceive()
      if (output !== undefined) note(output.v)
    }
  }
  tick()
  async function close() {
    for (let quiet = 0; quiet < 20;) { const output = actor.tryReceive(); if (output === undefined) { quiet++; await new Promise((r) => setTimeout(r, 5)) } else { quiet = 0; note(output.v) } }
    const { processed, depth } = actor.telemetry()
    const answer = await actor.ask({ v: 7 }, { timeoutMs: 2000 })
    console.log(JSON.stringify({ isWhole: disorder === 0, depth, isSane: processed >= sent - 1, lost: Math.max(0, processed - received), answer: answer.v, state: actor.state }))
    await runtime.shutdown()
    // Node forgets to count down the timers whose callbacks were interrupted, so such a process never ends by itself.
    process.exit(0)
  }
`

test('after 300 interrupts at random moments during sends, rings are whole, nothing is out of order, and the ring kernel answers', async () => {
  const times = 300
  const result = await new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, ['--no-force-async-hooks-checks', '--input-type=module', '-e', script(times)], { cwd: fileURLToPath(new URL('../..', import.meta.url)) })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString() })
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    const deadline = setTimeout(() => child.kill('SIGKILL'), 40_000)
    child.on('close', (code) => { clearTimeout(deadline); resolve({ code, stdout, stderr }) })
  })
  expect(result).toMatchObject({ code: 0, stderr: '' })
  const report = JSON.parse(result.stdout) as { lost: number }
  expect(report).toMatchObject({ isWhole: true, depth: 0, isSane: true, answer: 7, state: 'ACTIVE' })
  // An output that was taken at the very moment of the interrupt went with the call that took it, as any value an interrupted cell holds.
  expect(report.lost).toBeLessThanOrEqual(times)
})
