// The Jupyter kernel as JupyterLab's own client library meets it, through a real server: no page, but every message the page would send.
import { KernelManager, ServerConnection, type Kernel, type KernelMessage } from '@jupyterlab/services'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { part } from '../environment/read.js'
import { JupyterLabServer } from './jupyterlab.js'

/** Longest that one answer may take. */
const answerMsMax = 30_000

describe.skipIf(part('python') === undefined)('a Jupyter kernel behind a server', () => {
  let server: JupyterLabServer
  let manager: KernelManager
  let kernel: Kernel.IKernelConnection

  beforeAll(async () => {
    server = await JupyterLabServer.start()
    const { origin } = new URL(server.url())
    manager = new KernelManager({ serverSettings: ServerConnection.makeSettings({ baseUrl: `${origin}/`, wsUrl: `${origin.replace('http', 'ws')}/`, token: 'test' }) })
    kernel = await manager.startNew({ name: 'ringlab' })
  })
  afterAll(async () => {
    await kernel.shutdown()
    kernel.dispose()
    manager.dispose()
    await server.stop()
  })

  /** Runs a cell to its end; returns the reply and what it put out. */
  async function run(code: string): Promise<{ reply: KernelMessage.IExecuteReplyMsg; outputs: KernelMessage.IIOPubMessage[] }> {
    const future = kernel.requestExecute({ code })
    const outputs: KernelMessage.IIOPubMessage[] = []
    future.onIOPub = (message) => { outputs.push(message) }
    return { reply: await within(future.done), outputs }
  }

  test('names itself, its language and its protocol', async () => {
    const info = await within(kernel.info)
    expect(info).toMatchObject({ implementation: 'ringlab', language_info: { name: 'typescript', file_extension: '.ts' } })
    expect(info.protocol_version).toMatch(/^5\.\d/)
  })

  test('gives a cell its printed text, then its result', async () => {
    const { reply, outputs } = await run('console.log("hello")\nconst answer: number = 42\nanswer')
    expect(reply.content.status).toBe('ok')
    expect(outputs.map((message) => message.header.msg_type)).toEqual(['status', 'execute_input', 'stream', 'execute_result', 'status'])
    expect(outputs[2]?.content).toMatchObject({ name: 'stdout', text: 'hello\n' })
    expect(outputs[3]?.content).toMatchObject({ data: { 'text/plain': '42' } })
  })

  test('completes and inspects names of the session', async () => {
    const completed = await within(kernel.requestComplete({ code: 'answ', cursor_pos: 4 }))
    expect(completed.content).toMatchObject({ status: 'ok', matches: expect.arrayContaining(['answer']) as unknown })
    const inspected = await within(kernel.requestInspect({ code: 'answer', cursor_pos: 3, detail_level: 0 }))
    expect(inspected.content).toMatchObject({ status: 'ok', found: true })
  })

  test('is interrupted in an endless loop and keeps its names', async () => {
    const looping = run('await null; while (true) {}')
    await within(busy(kernel))
    await within(kernel.interrupt())
    expect((await looping).reply.content.status).toBe('error')
    expect((await run('answer + 1')).outputs.find((message) => message.header.msg_type === 'execute_result')?.content).toMatchObject({ data: { 'text/plain': '43' } })
  })

  test('starts afresh when it is restarted', async () => {
    await within(kernel.restart())
    const { reply } = await run('answer')
    expect(reply.content).toMatchObject({ status: 'error', execution_count: 1 })
  })
})

/** Resolves when the kernel says that it is busy. */
async function busy(kernel: Kernel.IKernelConnection): Promise<void> {
  if (kernel.status === 'busy') return
  await new Promise<void>((resolve) => {
    kernel.statusChanged.connect((_sender, status) => { if (status === 'busy') resolve() })
  })
}

async function within<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => { reject(new Error(`no answer within ${answerMsMax / 1000} s`)) }, answerMsMax) })
  try { return await Promise.race([answer, late]) } finally { clearTimeout(timer) }
}
