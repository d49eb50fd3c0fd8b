// The protocol as a client meets it: what is answered, in which order, and what is dropped without harm.

import { connect } from 'node:net'
import { Dealer, Subscriber } from 'zeromq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KernelClient, at, executeContent } from './client.js'

let kernel: KernelClient
beforeAll(async () => { kernel = await (await KernelClient.start()).ready() })
afterAll(() => kernel.stop())

const alive = async (): Promise<void> => { expect((await kernel.execute('6 * 7')).result).toBe('42') }

describe('kernel_info', () => {
  test('introduces TypeScript, protocol 5.4, and only features that work', async () => {
    const info = await kernel.ask('kernel_info_request', {})
    expect(info).toMatchObject({ status: 'ok', protocol_version: '5.4', implementation: 'ringlab', language_info: { name: 'typescript', file_extension: '.ts', pygments_lexer: 'typescript', codemirror_mode: 'typescript' } })
    expect(info['banner']).toContain('ringlab')
    expect(info['supported_features']).toEqual([])
    expect(info['help_links']).toContainEqual(expect.objectContaining({ url: expect.stringContaining('https://') as unknown }))
  })

  test('is answered on control too, within busy and idle', async () => {
    const id = kernel.send('kernel_info_request', {}, 'control')
    expect((await kernel.reply(id)).channel).toBe('control')
    await kernel.idle(id)
    expect(kernel.of(id).map(message => message.content['execution_state'])).toEqual(['busy', 'idle'])
  })

  test('is answered while a cell blocks main', async () => {
    const blocked = kernel.send('execute_request', executeContent('{ const end = Date.now() + 700; while (Date.now() < end); }'))
    await kernel.until(() => kernel.of(blocked).find(message => message.type === 'execute_input'), 5_000, 'execute_input')
    const from = performance.now()
    await kernel.ask('kernel_info_request', {})
    expect(performance.now() - from).toBeLessThan(300)
    await kernel.outcome(blocked)
  })
})

describe('execute', () => {
  test('sends busy, execute_input, output, result, reply and idle, in this order', async () => {
    const { messages, reply } = await kernel.execute('console.log("out"); 5')
    expect(messages.map(message => message.type)).toEqual(['status', 'execute_input', 'stream', 'execute_result', 'status'])
    expect(reply).toMatchObject({ status: 'ok', payload: [], user_expressions: {} })
    expect(messages[1]?.content).toEqual({ code: 'console.log("out"); 5', execution_count: reply['execution_count'] })
    expect(messages[3]?.content).toMatchObject({ execution_count: reply['execution_count'], data: { 'text/plain': '5' }, metadata: {} })
  })

  test('counts stored cells only; a silent cell shows nothing', async () => {
    const before = (await kernel.execute('1')).reply['execution_count'] as number
    const silent = await kernel.execute('7', { silent: true })
    expect(silent.messages.map(message => message.type)).toEqual(['status', 'status'])
    expect((await kernel.execute('8', { store_history: false })).result).toBe('8')
    expect((await kernel.execute('9')).reply['execution_count']).toBe(before + 1)
  })

  test('evaluates user_expressions', async () => {
    const { reply } = await kernel.execute('const base = 20', { user_expressions: { good: 'base + 1', bad: 'base.missing.deeper' } })
    expect(at(reply, 'user_expressions', 'good')).toMatchObject({ status: 'ok', data: { 'text/plain': '21' } })
    expect(at(reply, 'user_expressions', 'bad')).toMatchObject({ status: 'error' })
  })

  test('an error stops the cells that wait, unless they say otherwise', async () => {
    const ids = [
      kernel.send('execute_request', executeContent('throw new Error("first")')),
      kernel.send('execute_request', executeContent('1')),
      kernel.send('execute_request', executeContent('2', { stop_on_error: false })),
    ]
    const [failed, stopped, went] = await Promise.all(ids.map(id => kernel.outcome(id)))
    expect(failed?.reply).toMatchObject({ status: 'error', ename: 'Error', evalue: 'first' })
    expect(failed?.messages.some(message => message.type === 'error')).toBe(true)
    expect(stopped?.reply['status']).toBe('aborted')
    expect(went?.reply['status']).toBe('ok')
  })

  test('an error with stop_on_error false stops nothing; a cell sent after an error\'s answer runs', async () => {
    const first = kernel.send('execute_request', executeContent('throw new Error("x")', { stop_on_error: false }))
    const second = kernel.send('execute_request', executeContent('3'))
    expect((await kernel.outcome(first)).reply['status']).toBe('error')
    expect((await kernel.outcome(second)).reply['status']).toBe('ok')
    for (let round = 0; round < 20; round++) {
      const failed = kernel.send('execute_request', executeContent('throw new Error("y")'))
      await kernel.reply(failed)
      await alive()
    }
  })

  test('prompt() asks the front end and blocks; without one it says so', async () => {
    const id = kernel.send('execute_request', executeContent('prompt("name? ")', { allow_stdin: true }))
    const asked = await kernel.until(() => kernel.heard.find(message => message.type === 'input_request' && message.parentId === id), 5_000, 'input_request')
    expect(asked.content).toEqual({ prompt: 'name? ', password: false })
    kernel.send('input_reply', { status: 'ok', value: 'Ada' }, 'stdin')
    expect((await kernel.outcome(id)).result).toBe('\'Ada\'')
    const refused = await kernel.execute('prompt("name? ")')
    expect(refused.reply).toMatchObject({ status: 'error' })
    expect(refused.reply['evalue']).toMatch(/allow_stdin/)
  })

  test('displays carry transient always, update by id, and clear', async () => {
    const { messages } = await kernel.execute('const shown = lab.newDisplay(); lab.display.html("<b>x</b>"); lab.display.clear?.()')
    const shown = messages.find(message => message.type === 'display_data')
    expect(shown?.content['data']).toMatchObject({ 'text/html': '<b>x</b>' })
    expect(shown?.content['transient']).toBeTypeOf('object')
  })
})

describe('questions about code', () => {
  test('completion counts code points, on both ends', async () => {
    const code = 'const 🎉s = "🎉🎉"; consol'
    const reply = await kernel.ask('complete_request', { code, cursor_pos: Array.from(code).length })
    expect(reply).toMatchObject({ status: 'ok', cursor_start: Array.from(code).length - 'consol'.length, cursor_end: Array.from(code).length })
    expect(reply['matches']).toContain('console')
  })

  test('completion, inspection and is_complete are answered while a cell blocks main', async () => {
    await kernel.ask('complete_request', { code: 'cons', cursor_pos: 4 })
    const blocked = kernel.send('execute_request', executeContent('{ const end = Date.now() + 1500; while (Date.now() < end); }'))
    await kernel.until(() => kernel.of(blocked).find(message => message.type === 'execute_input'), 5_000, 'execute_input')
    expect((await kernel.ask('complete_request', { code: 'consol', cursor_pos: 6 }))['matches']).toContain('console')
    expect(await kernel.ask('inspect_request', { code: 'console', cursor_pos: 4, detail_level: 0 })).toMatchObject({ status: 'ok', found: true })
    expect(await kernel.ask('is_complete_request', { code: 'for (;;) {' })).toMatchObject({ status: 'incomplete' })
    expect(kernel.of(blocked).some(message => message.content['execution_state'] === 'idle'), 'the cell still runs').toBe(false)
    await kernel.outcome(blocked)
  })

  test('a request without code is refused in one sentence', async () => {
    expect(await kernel.ask('complete_request', {})).toMatchObject({ status: 'error', evalue: 'complete_request needs "code", a string' })
  })
})

describe('what is not supported says so', () => {
  test('the debugger', async () => {
    expect(await kernel.ask('debug_request', { type: 'request', seq: 3, command: 'initialize' }, 'control')).toMatchObject({ success: false, request_seq: 3, command: 'initialize' })
  })
  test('subshells', async () => {
    for (const type of ['create_subshell_request', 'list_subshell_request', 'delete_subshell_request']) expect(await kernel.ask(type, {}, 'control')).toMatchObject({ status: 'error', ename: 'SubshellsNotSupported' })
  })
})

describe('comms', () => {
  test('a target nobody registered: the comm is known while open and forgotten when closed', async () => {
    const id = kernel.send('comm_open', { comm_id: 'c1', target_name: 'nobody', data: {} })
    await kernel.idle(id)
    const refused = await kernel.until(() => kernel.heard.find(message => message.type === 'comm_close'), 5_000, 'comm_close')
    expect(refused.content).toMatchObject({ comm_id: 'c1' })
    await kernel.idle(kernel.send('comm_msg', { comm_id: 'c1', data: { n: 1 } }, 'shell', { buffers: [Buffer.of(1, 2, 3)] }))
    await kernel.idle(kernel.send('comm_close', { comm_id: 'c1', data: {} }))
    expect((await kernel.ask('comm_info_request', {}))['comms']).toEqual({})
    await alive()
  })
})

describe('what must be dropped is dropped, and nothing else', () => {
  test('a wrong signature, a replay, missing frames, garbage', async () => {
    const before = kernel.heard.length
    const forged = kernel.frames('execute_request', executeContent('console.log("forged")'), { key: 'wrong' })
    await kernel.sockets.shell.send(forged.list)
    await kernel.sockets.shell.send(['nonsense'])
    await kernel.sockets.shell.send(['<IDS|MSG>', 'short'])
    await kernel.sockets.shell.send([Buffer.from([0xff, 0xfe, 0]), '<IDS|MSG>', '', '{', '{}', '{}', '[]'])
    await kernel.sockets.control.send(['<IDS|MSG>'])
    await kernel.sockets.stdin.send([Buffer.alloc(100_000, 7)])
    const genuine = kernel.frames('execute_request', executeContent('console.log("once")'))
    await kernel.sockets.shell.send(genuine.list)
    expect((await kernel.outcome(genuine.id)).stdout).toBe('once\n')
    await kernel.sockets.shell.send(genuine.list)
    await alive()
    expect(kernel.text(genuine.id, 'stdout')).toBe('once\n')
    expect(kernel.heard.slice(before).some(message => message.parentId === forged.id)).toBe(false)
  })

  test('signed content that is no object, an unknown message type, wrong field types', async () => {
    for (const content of ['[]', '"text"', 'null', '{']) await kernel.sockets.shell.send(kernel.sign(['{"msg_id":"odd","msg_type":"execute_request"}', '{}', '{}', content]))
    kernel.send('no_such_request', {})
    kernel.send('execute_request', { code: 17, user_expressions: null, silent: 'yes' })
    kernel.send('history_request', { hist_access_type: 9, n: 'many' })
    kernel.send('comm_msg', { comm_id: 5 })
    kernel.send('input_reply', {}, 'stdin')
    await alive()
  })

  test('raw bytes on every port', async () => {
    await Promise.all(Object.values(kernel.ports).map(port => new Promise<void>(resolve => {
      const socket = connect(port, '127.0.0.1', () => { socket.end(Buffer.from(Array.from({ length: 4_096 }, (_, index) => (index * 37) & 255))) })
      socket.on('close', () => resolve()).on('error', () => resolve()).resume()
    })))
    await alive()
  })

  test('unsigned messages are taken when the key is empty', async () => {
    const open = await (await KernelClient.start({ signed: false })).ready()
    try { expect((await open.execute('1 + 2')).result).toBe('3') } finally { await open.stop() }
  })
})

describe('channels', () => {
  test('the heartbeat echoes while a cell blocks', async () => {
    const blocked = kernel.send('execute_request', executeContent('{ const end = Date.now() + 500; while (Date.now() < end); }'))
    await kernel.until(() => kernel.of(blocked).find(message => message.type === 'execute_input'), 5_000, 'execute_input')
    await kernel.sockets.heartbeat.send(['', 'ping'])
    expect((await kernel.sockets.heartbeat.receive()).map(String)).toEqual(['', 'ping'])
    await kernel.outcome(blocked)
  })

  test('each new subscriber is welcomed', async () => {
    const second = new Subscriber({ linger: 0 })
    second.connect(`tcp://127.0.0.1:${kernel.ports['iopub_port']}`)
    second.subscribe('')
    const frames = await second.receive()
    expect(JSON.parse(String(frames[3]))).toMatchObject({ msg_type: 'iopub_welcome' })
    expect(JSON.parse(String(frames[6]))).toEqual({ subscription: '' })
    second.close()
  })

  test('a client that leaves without reading its replies holds nobody up', async () => {
    const rude = new Dealer({ linger: 0 })
    rude.connect(`tcp://127.0.0.1:${kernel.ports['shell_port']}`)
    for (let count = 0; count < 50; count++) await rude.send(kernel.frames('kernel_info_request', {}).list)
    rude.close()
    await alive()
  })
})
