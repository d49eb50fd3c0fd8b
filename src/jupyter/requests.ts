// What clients ask on the shell and control channels, and the answers that need no user thread. Execution is the queue's, questions
// about code are the language worker's, comms are main's; this file routes and answers.

import type { LanguageQuestions } from '../session/front-end.js'
import type { CommTable } from './comms.js'
import { toCodePoints, toUtf16 } from './code-points.js'
import type { ExecuteQueue } from './execute-queue.js'
import type { Incoming } from './frames.js'
import type { History } from './history.js'
import type { Iopub } from './iopub.js'

export interface Request {
  readonly incoming: Incoming
  readonly reply: (type: string, contentText: string) => void
}

export interface RequestParts {
  readonly iopub: Iopub
  readonly queue: ExecuteQueue
  readonly history: History
  readonly kernelInfoText: string
  /** Resolves when the language worker can be asked; rejects when the session never came up. */
  readonly language: Promise<LanguageQuestions>
  readonly comms: CommTable
  interrupt(): void
  shutdown(restart: boolean): void
}

/** Answers one request, between a busy and an idle status. */
export function answer(parts: RequestParts, request: Request): void {
  const type = request.incoming.header.msg_type
  if (type === 'execute_request') { parts.queue.push(request); return }
  const handler = handlers[type]
  if (handler === undefined) return
  const parent = request.incoming.headerText
  parts.iopub.status(parent, 'busy')
  const idle = (): void => { parts.iopub.status(parent, 'idle') }
  const failed = (error: unknown): void => {
    request.reply(type.replace(/_request$/, '_reply'), errorText('RequestError', error instanceof Error ? error.message : String(error)))
  }
  try {
    const pending = handler(parts, request)
    if (pending === undefined) idle()
    else void pending.catch(failed).then(idle)
  } catch (error) {
    failed(error)
    idle()
  }
}

type Handler = (parts: RequestParts, request: Request) => Promise<void> | undefined

const handlers: Partial<Record<string, Handler>> = {
  kernel_info_request(parts, request) {
    request.reply('kernel_info_reply', parts.kernelInfoText)
    return undefined
  },

  async complete_request(parts, request) {
    const { code, offset } = codeOf(request)
    const completion = await (await parts.language).complete(code, offset)
    const start = toCodePoints(code, completion.start), end = toCodePoints(code, completion.end)
    request.reply('complete_reply', JSON.stringify({
      status: 'ok', matches: completion.matches.map(match => match.text), cursor_start: start, cursor_end: end,
      // JupyterLab reads kinds and signatures here, as ipykernel sends them.
      metadata: { _jupyter_types_experimental: completion.matches.map(match => ({ start, end, text: match.text, type: match.type, signature: match.signature ?? '' })) },
    }))
  },

  async inspect_request(parts, request) {
    const { code, offset } = codeOf(request)
    const inspection = await (await parts.language).inspect(code, offset, request.incoming.content['detail_level'] === 1 ? 1 : 0)
    request.reply('inspect_reply', JSON.stringify({ status: 'ok', found: inspection.found, data: inspection.bundle, metadata: {} }))
  },

  async is_complete_request(parts, request) {
    const { code } = codeOf(request)
    request.reply('is_complete_reply', JSON.stringify(await (await parts.language).isComplete(code)))
  },

  history_request(parts, request) {
    request.reply('history_reply', JSON.stringify({ status: 'ok', history: parts.history.ask(request.incoming.content) }))
    return undefined
  },

  comm_info_request(parts, request) {
    const target = request.incoming.content['target_name']
    request.reply('comm_info_reply', JSON.stringify({ status: 'ok', comms: parts.comms.info(typeof target === 'string' ? target : '') }))
    return undefined
  },
  comm_open(parts, request) { return parts.comms.fromClient('open', request.incoming) },
  comm_msg(parts, request) { return parts.comms.fromClient('message', request.incoming) },
  comm_close(parts, request) { return parts.comms.fromClient('close', request.incoming) },

  interrupt_request(parts, request) {
    parts.interrupt()
    request.reply('interrupt_reply', '{"status":"ok"}')
    return undefined
  },

  shutdown_request(parts, request) {
    const restart = request.incoming.content['restart'] === true
    const contentText = JSON.stringify({ status: 'ok', restart })
    request.reply('shutdown_reply', contentText)
    parts.iopub.publish({ type: 'shutdown_reply', parentText: request.incoming.headerText, contentText })
    parts.shutdown(restart)
    return undefined
  },

  debug_request(_parts, request) {
    const { seq, command } = request.incoming.content
    request.reply('debug_reply', JSON.stringify({ type: 'response', request_seq: seq ?? 0, seq: 0, success: false, command: command ?? '', message: 'this Jupyter kernel has no debugger' }))
    return undefined
  },

  create_subshell_request: noSubshells,
  delete_subshell_request: noSubshells,
  list_subshell_request: noSubshells,
}

function noSubshells(_parts: RequestParts, request: Request): undefined {
  request.reply(request.incoming.header.msg_type.replace(/_request$/, '_reply'), errorText('SubshellsNotSupported', 'this Jupyter kernel has no subshells; completion, inspection and interrupts are answered while a cell runs'))
}

function codeOf(request: Request): { code: string; offset: number } {
  const { code, cursor_pos: cursor } = request.incoming.content
  if (typeof code !== 'string') throw new Error(`${request.incoming.header.msg_type} needs "code", a string`)
  return { code, offset: typeof cursor === 'number' ? toUtf16(code, cursor) : code.length }
}

function errorText(ename: string, evalue: string): string { return JSON.stringify({ status: 'error', ename, evalue, traceback: [] }) }
