// Comms as the wire sees them: which are open, and their messages both ways. What a comm means is the session's business.

import type { Incoming } from './frames.js'
import type { CommKind, ToMain, ToWire } from './link.js'
import type { Iopub } from './iopub.js'

/** Main may be blocked: a client's comm message counts as busy no longer than this. */
const handledWithinMs = 30_000

const messageTypes: Record<CommKind, string> = { open: 'comm_open', message: 'comm_msg', close: 'comm_close' }

export class CommTable {
  readonly #targets = new Map<string, string>()
  readonly #handled = new Map<number, () => void>()
  #next = 1

  constructor(private readonly post: (message: ToMain) => void) {}

  /** The content of comm_info_reply's `comms`; an empty target means all. */
  info(target: string): Record<string, { target_name: string }> {
    const open = [...this.#targets].filter(([, name]) => target === '' || name === target)
    return Object.fromEntries(open.map(([id, name]) => [id, { target_name: name }]))
  }

  /** Passes a client's message to main; resolves when main took it, or waited too long. */
  fromClient(kind: CommKind, incoming: Incoming): Promise<void> {
    const { comm_id: id, target_name: target } = incoming.content
    if (typeof id !== 'string') return Promise.resolve()
    this.#note(kind, id, typeof target === 'string' ? target : '')
    const number = this.#next++
    return new Promise(resolve => {
      const timer = setTimeout(() => { this.onHandled(number) }, handledWithinMs)
      this.#handled.set(number, () => {
        clearTimeout(timer)
        resolve()
      })
      this.post({ kind: 'comm', comm: kind, id: number, content: incoming.content, buffers: incoming.buffers })
    })
  }

  onHandled(number: number): void {
    this.#handled.get(number)?.()
    this.#handled.delete(number)
  }

  /** Publishes a message of the session's. `metadata` beside the comm's own fields travels as the message's metadata (widgets' version). */
  fromSession(iopub: Iopub, parentText: string, message: ToWire & { kind: 'comm' }): void {
    const { metadata, ...content } = JSON.parse(message.contentText) as Record<string, unknown>
    const { comm_id: id, target_name: target } = content
    if (typeof id === 'string') this.#note(message.comm, id, typeof target === 'string' ? target : '')
    iopub.publish({ type: messageTypes[message.comm], parentText, contentText: JSON.stringify(content), metadataText: JSON.stringify(metadata ?? {}), buffers: message.buffers })
  }

  #note(kind: CommKind, id: string, target: string): void {
    if (kind === 'open') this.#targets.set(id, target)
    if (kind === 'close') this.#targets.delete(id)
  }
}
