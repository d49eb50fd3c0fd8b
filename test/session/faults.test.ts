// What goes wrong outside a cell's own run, what outlives it, and what ends with the session.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DrivenSession } from './driver.js'

/** From this version on output is attributed by asynchronous context. */
const attributes = Number(process.versions.node.split('.')[0]) >= 24

describe('faults', () => {
  let session: DrivenSession
  beforeAll(async () => { session = await DrivenSession.open() })
  afterAll(async () => { await session.close() })

  it('an uncaught error in a timer goes to stderr of its cell and the session goes on', async () => {
    const ran = await session.run('let f1 = 1; setTimeout(() => { throw new RangeError("late") }, 5)')
    const token = session.token
    expect(ran.status).toBe('ok')
    await session.until(() => session.outputOf(token, 'stderr').includes('late'), 'the error on stderr')
    expect(session.outputOf(token, 'stderr')).toMatch(/Uncaught RangeError: late[\s\S]*cell \[\d+\]:1:\d+/)
    expect((await session.run('f1')).text).toBe('1')
  })

  it('an unhandled rejection goes to stderr of its cell, also when another cell ran since', async () => {
    await session.run('setTimeout(() => { void Promise.reject(new TypeError("nobody caught")) }, 30)')
    const token = session.token
    await session.run('1')
    await session.until(() => session.outputOf(token, 'stderr').includes('nobody caught'), 'the rejection on stderr')
    expect(session.outputOf(token, 'stderr')).toMatch(/Unhandled rejection: TypeError: nobody caught/)
  })

  it('a rejection with something that is no error is told, too', async () => {
    await session.run('void Promise.reject("plain")')
    await session.until(() => session.outputOf(session.token, 'stderr').includes('plain'), 'the rejection on stderr')
  })

  it.runIf(attributes)('output of a timer belongs to its cell', async () => {
    await session.run('setTimeout(() => console.log("later"), 50)')
    const token = session.token
    await session.run('await new Promise(r => setTimeout(r, 100)); console.log("mine")')
    expect(session.outputOf(token, 'stdout')).toBe('later\n')
    expect(session.outputOf(session.token, 'stdout')).toBe('mine\n')
  })

  it('process.exit in a timer stops nothing', async () => {
    const ran = await session.run('setTimeout(() => process.exit(4), 5); await new Promise(r => setTimeout(r, 50)); "alive"')
    expect(ran.text).toBe("'alive'")
    expect(ran.stderr).toMatch(/ExitError/)
  })

  it('a second cell while one runs is refused, not mixed in', async () => {
    const first = session.start('await new Promise(r => setTimeout(r, 200)); 1')
    const second = await session.run('2')
    expect(second.error).toMatch(/another cell is running/)
    expect((await first.outcome).text).toBe('1')
  })

  it('silent cells show nothing and do not count', async () => {
    const before = await session.run('1')
    const silent = await session.run('2', { silent: true })
    const after = await session.run('3')
    expect(silent.text).toBeUndefined()
    expect(after.outcome.executionCount).toBe(before.outcome.executionCount + 1)
  })

  it('user expressions are evaluated after the cell, each on its own', async () => {
    const { outcome } = await session.run('const f9 = 20', { userExpressions: { sum: 'f9 + 1', bad: 'notThere', object: '{ a: f9 }' } })
    if (outcome.status !== 'ok') throw new Error('the cell failed')
    expect(outcome.userExpressions['sum']).toMatchObject({ status: 'ok', data: { 'text/plain': '21' } })
    expect(outcome.userExpressions['bad']).toMatchObject({ status: 'error', ename: 'TypeScriptError' })
    expect(outcome.userExpressions['object']).toMatchObject({ status: 'ok', data: { 'text/plain': '{ a: 20 }' } })
  })
})

describe('the end of a session', () => {
  it('using is disposed, last first, and ring kernels end', async () => {
    const session = await DrivenSession.open()
    await session.run('import { appendFileSync } from "fs"; const note = (text: string) => appendFileSync(__dirname + "/ended", text)\nusing end1 = { [Symbol.dispose]() { note("one ") } }; await using end2 = { async [Symbol.asyncDispose]() { await null; note("two ") } }')
    await session.run('const endMessage = message<string>("EndMessage"); const endless = ringKernel("endless", { input: endMessage, output: endMessage }, async (ctx) => { while (!ctx.shouldTerminate) { await ctx.receive() } }); await new RingKernelRuntime({ device: "cpu" }).spawn(endless)')
    const { readFileSync } = await import('node:fs')
    await session.call('shutdown', 2000)
    expect(readFileSync(`${session.folder}/ended`, 'utf8')).toBe('two one ')
    const ended = new Promise((resolve) => { session.child.once('exit', resolve) })
    session.child.disconnect()
    expect(await ended).toBe(0)
  })
})
