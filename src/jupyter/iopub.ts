// What every client sees: statuses, streams gathered into few messages, outputs, and who is listening. No requests here.

import type { Codec } from './frames.js'
import type { Sender } from './sockets.js'
import type { StreamName } from './text-frames.js'

/** Streams are held this long, so that ten thousand lines are not ten thousand messages. */
const gatherMs = 100
/** … or until they are this long. */
const gatherCharactersMax = 65_536

export interface IopubMessage {
  readonly type: string
  readonly parentText: string
  readonly contentText: string
  readonly metadataText?: string
  readonly buffers?: readonly Uint8Array[]
}

export class Iopub {
  #gathered: { parentText: string; name: StreamName; parts: string[]; characters: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #subscriptions = 0
  #subscriptionsEver = 0

  constructor(private readonly sender: Sender, private readonly codec: Codec) {}

  /** Someone listens: figures that nobody can see need not be drawn. */
  get watched(): boolean { return this.#subscriptions > 0 }

  /** Grows with each client that comes. */
  get subscriptionsEver(): number { return this.#subscriptionsEver }

  /** A subscription's frame from the XPUB socket: first byte 1 or 0, then the topic. */
  onSubscription(frames: readonly Buffer[]): void {
    const frame = frames[0]
    if (frame === undefined || frames.length !== 1) return
    if (frame[0] === 0) this.#subscriptions = Math.max(0, this.#subscriptions - 1)
    if (frame[0] !== 1) return
    this.#subscriptions++
    this.#subscriptionsEver++
    const topic = frame.subarray(1)
    this.sender.send(this.codec.encode([topic], { type: 'iopub_welcome', parentText: '{}', contentText: JSON.stringify({ subscription: topic.toString() }) }))
  }

  status(parentText: string, state: 'starting' | 'busy' | 'idle'): void {
    this.publish({ type: 'status', parentText, contentText: JSON.stringify({ execution_state: state }) })
  }

  stream(parentText: string, name: StreamName, text: string): void {
    if (text === '') return
    if (this.#gathered !== undefined && (this.#gathered.parentText !== parentText || this.#gathered.name !== name)) this.flush()
    this.#gathered ??= { parentText, name, parts: [], characters: 0 }
    this.#gathered.parts.push(text)
    this.#gathered.characters += text.length
    if (this.#gathered.characters >= gatherCharactersMax) this.flush()
    else this.#timer ??= setTimeout(() => { this.flush() }, gatherMs)
  }

  /** Sends a message, after the streams that came before it. */
  publish(message: IopubMessage): void {
    this.flush()
    this.sender.send(this.codec.encode([`ringlab.${message.type}`], message))
  }

  /** Sends the gathered stream now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const gathered = this.#gathered
    if (gathered === undefined) return
    this.#gathered = undefined
    const contentText = JSON.stringify({ name: gathered.name, text: gathered.parts.join('') })
    this.sender.send(this.codec.encode([`ringlab.stream.${gathered.name}`], { type: 'stream', parentText: gathered.parentText, contentText }))
  }
}
