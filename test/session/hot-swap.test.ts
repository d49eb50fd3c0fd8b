// Running the cell of a definition again changes the ring kernels that live: in place, and the cell says what became of each.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DrivenSession } from './driver.js'

let session: DrivenSession
beforeAll(async () => {
  session = await DrivenSession.open()
  await session.run("import { RingKernelRuntime, ringKernel, struct, u32 } from 'ringlab'\nconst Value = struct('Value', { v: u32 })\nconst runtime = new RingKernelRuntime({ device: 'cpu' })")
})
afterAll(async () => { await session.close() })

function definition(body: string, options = ''): string {
  return `ringKernel('live', { input: Value, output: Value, state: { seen: u32 }${options} }, { onMessage({ v }, ctx) { ctx.state.seen += 1; ${body} } })`
}

test('same queue, same state, new code; and one line says so', async () => {
  await session.run(`const live = ${definition('ctx.send({ v: ctx.state.seen * 100 + v })')}\nconst actor = await runtime.spawn(live)`)
  expect((await session.run('(await actor.ask({ v: 1 })).v')).text).toBe('101')
  await session.run('await actor.deactivate(); await actor.send({ v: 2 })')
  const ran = await session.run(definition('ctx.send({ v: ctx.state.seen * 1000 + v })'))
  expect(ran.status).toBe('ok')
  expect(ran.stdout).toBe("ring kernel 'live' runs its new code: its queue and its state are kept\n")
  expect((await session.run('await actor.reactivate(); (await actor.receive()).v')).text).toBe('2002')
})

test('what does not fit, or does not compile, leaves the old code running', async () => {
  const misfit = await session.run(definition('ctx.send({ v })', ', capacity: 16'))
  expect(misfit.stdout).toContain("ring kernel 'live' keeps its old code: its capacity changed from 1024 to 16")
  const wrong = await session.run(definition('ctx.send({ v: new Map([[v, v]]).size })'))
  expect(wrong.status).toBe('error')
  expect((await session.run('(await actor.ask({ v: 3 })).v')).text).toBe('3003')
})
