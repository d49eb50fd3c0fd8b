// A body outside the compiled language is an error of the cell that defines it, not of a later launch; it says everything at once, and nothing is lost.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DrivenSession } from './driver.js'

let session: DrivenSession
beforeAll(async () => {
  session = await DrivenSession.open()
  await session.run("import { RingKernelRuntime, array, f32, ringKernel, struct, u32 } from 'ringlab'\nconst Request = struct('Request', { id: u32, values: array(f32, 8) })")
})
afterAll(async () => { await session.close() })

const wrong = `const wrong = ringKernel('wrong', { input: Request, output: Request }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    const name = \`request \${request.id}\`
    ctx.send(request)
  }
})`

test('all of its errors, each with its line of the cell, what to write instead, and the host', async () => {
  const ran = await session.run(wrong)
  expect(ran.status).toBe('error')
  expect(ran.outcome).toMatchObject({ error: { name: 'CompileError' } })
  expect(ran.traceback).toMatch(/cell \[\d+\]:4:18 - error RL\d+: .*\n\n4 {5}const name = `request \$\{request\.id\}`\n {19}~~~/)
  expect(ran.traceback).toMatch(/cell \[\d+\]:5:5 - error RL\d+: `ctx\.send\(request\)` is not awaited/)
  expect(ran.traceback).toContain("device: 'host'")
  expect(ran.traceback).not.toMatch(/^\[|\n +at /)
})

test('the definition is there, and runs on the host', async () => {
  expect((await session.run('wrong.name')).text).toBe("'wrong'")
  const ran = await session.run("const runtime = new RingKernelRuntime()\nconst actor = await runtime.spawn(wrong, { device: 'host' })\nawait actor.ask({ id: 3, values: [1, 2, 3, 4, 5, 6, 7, 8] })")
  expect(ran.text).toContain('id: 3')
})

test('with %device host nothing is compiled, and what a later cell declares is left to the launch', async () => {
  await session.run('%device host')
  expect((await session.run(wrong.replaceAll('wrong', 'other'))).status).toBe('ok')
  await session.run('%device auto')
  expect((await session.run("function later() { return factor }\nconst waits = ringKernel('waits', { input: Request, output: Request }, { onMessage(m, ctx) { m.id = later(); ctx.send(m) } })\nlet factor = 2")).status).toBe('ok')
})

test('a runtime runs where %device says', async () => {
  await session.run('%device host')
  expect((await session.run("(await new RingKernelRuntime().launch(wrong, { id: 'by-default' })).device")).text).toBe("'host'")
  await session.run('%device auto')
})
