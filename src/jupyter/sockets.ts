// The five ZeroMQ sockets of a Jupyter kernel: bound, read one message at a time, written in order. No meaning of messages.

import { Publisher, Router, XPublisher } from 'zeromq'
import type { Socket } from 'zeromq'
import type { Channel, Connection } from './connection.js'

/** Frames on their way out of one socket. */
export type Frames = readonly (Uint8Array | string)[]

/** Writes to one socket in the order asked: ZeroMQ refuses a send while another is waiting. */
export class Sender {
  readonly #queue: Frames[] = []
  #sending = false
  #idle: (() => void)[] = []

  constructor(private readonly socket: { send(frames: (Uint8Array | string)[]): Promise<void> }) {}

  send(frames: Frames): void {
    this.#queue.push(frames)
    if (!this.#sending) void this.#drain()
  }

  /** Resolves once everything given so far is in ZeroMQ's hands. */
  settled(): Promise<void> {
    return this.#sending ? new Promise(resolve => this.#idle.push(resolve)) : Promise.resolve()
  }

  async #drain(): Promise<void> {
    this.#sending = true
    for (let frames = this.#queue.shift(); frames !== undefined; frames = this.#queue.shift()) {
      // A peer that went away is its own affair; the next message must still leave.
      try { await this.socket.send(frames as (Uint8Array | string)[]) } catch { continue }
    }
    this.#sending = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}

export interface Sockets {
  readonly shell: Router; readonly control: Router; readonly stdin: Router; readonly heartbeat: Router; readonly iopub: XPublisher
}

/** Binds all five. Throws a one-sentence error naming the channel whose port is taken. */
export async function bindSockets(connection: Connection): Promise<Sockets> {
  // Unlimited queues: what is printed is never dropped, and a slow client costs memory, not output.
  const unlimited = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: lingerMs }
  const sockets: Sockets = {
    shell: new Router({ ...unlimited, handover: true }), control: new Router({ ...unlimited, handover: true }), stdin: new Router({ ...unlimited, handover: true }),
    heartbeat: new Router(unlimited), iopub: new XPublisher({ ...unlimited, verbosity: 'allSubsUnsubs' }),
  }
  const bind = async (channel: Channel, socket: Router | Publisher | XPublisher): Promise<void> => {
    try {
      await socket.bind(connection.endpoints[channel])
    } catch (error) {
      throw new Error(`cannot listen on ${connection.endpoints[channel]} for Jupyter's ${channel} channel: ${(error as Error).message}`)
    }
  }
  const bound = await Promise.allSettled([bind('shell', sockets.shell), bind('control', sockets.control), bind('stdin', sockets.stdin), bind('hb', sockets.heartbeat), bind('iopub', sockets.iopub)])
  const refused = bound.find(each => each.status === 'rejected')
  if (refused === undefined) return sockets
  closeSockets(sockets)
  throw refused.reason
}

/** How long a closed socket may go on delivering its last messages. */
const lingerMs = 500

/** Reads a socket until it closes. A listener that throws is reported, and reading goes on. */
export async function readForever(socket: AsyncIterable<Buffer[]>, listener: (frames: Buffer[]) => void, report: (error: unknown) => void): Promise<void> {
  for (;;) {
    try {
      for await (const frames of socket) {
        try { listener(frames) } catch (error) { report(error) }
      }
      return
    } catch (error) {
      if ((socket as unknown as Socket).closed) return
      report(error)
    }
  }
}

export function closeSockets(sockets: Sockets): void {
  for (const socket of Object.values(sockets) as Socket[]) if (!socket.closed) socket.close()
}
