// Dead letters: messages that were sent and given up, kept with the reason, for whoever wants to know, to send them again or to replay them.
import { inspect } from 'node:util'
import { ENVELOPE_BYTES, readEnvelope, type Envelope } from '../ring/envelope.js'
import { messageUuid } from '../ring/uuid.js'
import { structCodec, type Fields, type Struct } from '../schema/index.js'
import type { Definition } from './definition.js'
import type { Fault } from './device.js'
import { Fifo } from './fifo.js'
import type { RingKernelDefinition } from './types.js'

const CAPACITY_DEFAULT = 1000
const CAPACITY_MAX = 1 << 20
/** Letters that printing the whole queue shows. */
const SHOWN_MAX = 20

/**
 * Why a message was given up: the body `failed` while it had it in hand; its time-to-live had `expired` before the body took it; a full queue `dropped` it; it is
 * a `duplicate`; its ring kernel was `terminated` while it was queued; it was `undeliverable`: nobody took it.
 */
export type DeadLetterReason = 'failed' | 'expired' | 'dropped' | 'duplicate' | 'terminated' | 'undeliverable'

/** A message that was given up. */
export interface DeadLetter {
  /** Of the ring kernel it was sent to. */
  readonly id: string
  /** What that ring kernel ran. */
  readonly definition: RingKernelDefinition
  /** `cpu`, `host`, `cuda:0`. */
  readonly device: string
  readonly reason: DeadLetterReason
  readonly message: unknown
  readonly envelope: Envelope
  /** Of a message the body failed with: what it failed with, and where, as `file:line:column` or `cell [n]:line:column`. */
  readonly error: Error | undefined
  readonly place: string | undefined
  /**
   * The declared state the message met, in its layout, and the compiled body's place and locals; only where the ring kernel keeps them (see `record` of its launch).
   */
  readonly state: Uint8Array | undefined
  readonly frame: Uint8Array | undefined
  readonly at: Date
}

/** How a runtime keeps dead letters. */
export interface DeadLetterOptions {
  /** Letters kept, 0 … 1,048,576; the oldest goes first. Default 1000. */
  capacity?: number
}

/** Dead letters, oldest first: of a runtime, or of one ring kernel. */
export interface DeadLetterQueue extends Iterable<DeadLetter> {
  /** Letters kept now, how many of the runtime may be, and how many were not, or no longer: the queue was full. */
  readonly size: number
  readonly capacity: number
  readonly lost: number
  /** The oldest letters, at most `count`; takes none. */
  peek(count?: number): DeadLetter[]
  /** The oldest letter, taken out; undefined when there is none. */
  take(): DeadLetter | undefined
  /** All letters, taken out. */
  drain(): DeadLetter[]
  /** Forgets all letters and returns how many. */
  clear(): number
}

/** What is known of a message that was given up. */
export interface LetterParts {
  readonly id: string
  readonly definition: Definition
  readonly device: string
  readonly reason: DeadLetterReason
  /** Envelope and payload, in a buffer of its own; undefined where the message never lay in bytes. */
  readonly slot: Uint8Array | undefined
  readonly envelope?: Envelope | undefined
  /** The message itself, where it is no struct. */
  readonly message?: unknown
  readonly fault?: Fault | undefined
  readonly state?: Uint8Array | undefined
  readonly frame?: Uint8Array | undefined
}

/** Reads envelope and message only when somebody looks: most letters are never read. */
export class KeptLetter implements DeadLetter {
  readonly #parts: LetterParts
  #envelope: Envelope | undefined
  #message: { readonly value: unknown } | undefined
  readonly #at = Date.now()

  constructor(parts: LetterParts) { this.#parts = parts }

  get id(): string { return this.#parts.id }
  get definition(): Definition { return this.#parts.definition }
  get device(): string { return this.#parts.device }
  get reason(): DeadLetterReason { return this.#parts.reason }
  get error(): Error | undefined { return this.#parts.fault?.error }
  get place(): string | undefined { return this.#parts.fault?.place }
  get state(): Uint8Array | undefined { return this.#parts.state }
  get frame(): Uint8Array | undefined { return this.#parts.frame }
  get at(): Date { return new Date(this.#at) }
  /** As it lay in its slot, bit for bit. */
  get slot(): Uint8Array | undefined { return this.#parts.slot }

  get envelope(): Envelope {
    this.#envelope ??= this.#parts.envelope ?? readEnvelope(new Int32Array(this.#aligned().buffer), 0)
    return this.#envelope
  }

  get message(): unknown {
    this.#message ??= { value: this.#read() }
    return this.#message.value
  }

  /** One line: who, why, what, the error, and the message's UUID. */
  toString(): string {
    const { id, device, reason, error, place, envelope } = this
    const message = inspect(this.message, { breakLength: Infinity, compact: true, maxArrayLength: 8, maxStringLength: 100, depth: 3 })
    const why = error === undefined ? '' : `: ${error.message.split('\n', 1)[0] ?? ''}${place === undefined ? '' : ` at ${place}`}`
    return `DeadLetter '${id}' on ${device} ${reason} ${this.definition.input.name} ${message}${why} (${messageUuid(envelope.id)})`
  }

  [inspect.custom](): string { return this.toString() }

  #read(): unknown {
    const { definition: { input }, message, slot } = this.#parts
    if (message !== undefined || slot === undefined || input.kind !== 'struct') return message
    return structCodec(input as Struct<Fields>).bind(this.#aligned(structCodec(input as Struct<Fields>).bytes).buffer).read(ENVELOPE_BYTES)
  }

  /** The slot in memory as long as the payload's codec wants, since it reads whole 16-byte units. */
  #aligned(payloadBytes = 0): Uint8Array<ArrayBuffer> {
    const { slot } = this.#parts
    const copy = new Uint8Array(Math.ceil(Math.max(slot?.byteLength ?? 0, ENVELOPE_BYTES + payloadBytes) / 16) * 16)
    if (slot !== undefined) copy.set(slot)
    return copy
  }
}

/** Letters as they are looked at and taken, whoever's. */
export abstract class LetterQueue implements DeadLetterQueue {
  abstract readonly capacity: number
  abstract readonly lost: number
  /** All there are, oldest first. */
  protected abstract all(): KeptLetter[]
  abstract take(): DeadLetter | undefined
  abstract drain(): DeadLetter[]

  get size(): number { return this.all().length }
  peek(count?: number): DeadLetter[] { return this.all().slice(0, checkedCount(count)) }
  clear(): number { return this.drain().length }
  [Symbol.iterator](): Iterator<DeadLetter> { return this.all()[Symbol.iterator]() }

  [inspect.custom](): string {
    const { size, capacity, lost } = this
    const lines = this.peek(SHOWN_MAX).map((letter) => `  ${inspect(letter)}`)
    const rest = size > SHOWN_MAX ? [`  … ${size - SHOWN_MAX} more`] : []
    return [`${size} dead ${size === 1 ? 'letter' : 'letters'} (capacity ${capacity}, ${lost} lost)`, ...lines, ...rest].join('\n')
  }
}

export class DeadLetters extends LetterQueue {
  readonly capacity: number
  readonly #letters = new Fifo<KeptLetter>()
  #lost = 0
  readonly #lostOf = new Map<string, number>()

  constructor(options: DeadLetterOptions | undefined) {
    super()
    const { capacity = CAPACITY_DEFAULT } = checkedOptions(options)
    if (!Number.isInteger(capacity) || capacity < 0 || capacity > CAPACITY_MAX) throw new TypeError(`new RingKernelRuntime(): deadLetters.capacity must be an integer from 0 to ${CAPACITY_MAX}, but is ${String(capacity)}`)
    this.capacity = capacity
  }

  override get size(): number { return this.#letters.size }
  get lost(): number { return this.#lost }

  add(letter: KeptLetter): void {
    this.#letters.push(letter)
    if (this.#letters.size > this.capacity) this.lose((this.#letters.shift() as KeptLetter).id, 1)
  }

  /** Letters of the ring kernel `id` were not kept. */
  lose(id: string, count: number): void {
    this.#lost += count
    this.#lostOf.set(id, (this.#lostOf.get(id) ?? 0) + count)
  }

  /** The letter is done with; false when it is not here any more. */
  remove(letter: KeptLetter): boolean { return this.#letters.remove(letter) }

  take(): DeadLetter | undefined { return this.#letters.shift() }
  drain(): DeadLetter[] { return this.takeAll(() => true) }
  protected all(): KeptLetter[] { return this.#letters.toArray() }

  /** Those of one ring kernel. */
  of(id: string): DeadLetterQueue { return new OwnLetters(this, id) }
  lostOf(id: string): number { return this.#lostOf.get(id) ?? 0 }

  takeAll(wanted: (letter: KeptLetter) => boolean): DeadLetter[] {
    const all = this.#letters.toArray()
    while (this.#letters.size > 0) this.#letters.shift()
    for (const letter of all) if (!wanted(letter)) this.#letters.push(letter)
    return all.filter(wanted)
  }
}

/** The letters of one ring kernel, among all of the runtime. */
class OwnLetters extends LetterQueue {
  readonly #letters: DeadLetters
  readonly #id: string

  constructor(letters: DeadLetters, id: string) {
    super()
    this.#letters = letters
    this.#id = id
  }

  get capacity(): number { return this.#letters.capacity }
  get lost(): number { return this.#letters.lostOf(this.#id) }
  drain(): DeadLetter[] { return this.#letters.takeAll((letter) => letter.id === this.#id) }
  protected all(): KeptLetter[] { return ([...this.#letters] as KeptLetter[]).filter((letter) => letter.id === this.#id) }

  take(): DeadLetter | undefined {
    const [first] = this.all()
    if (first !== undefined) this.#letters.remove(first)
    return first
  }
}

/** @throws TypeError when it is no dead letter of a runtime. */
export function requireLetter(letter: unknown, call = 'redeliver'): KeptLetter {
  if (letter instanceof KeptLetter) return letter
  throw new TypeError(`${call}() needs a dead letter, as runtime.deadLetters gives it, but was given ${inspect(letter, { depth: 0 })}`)
}

function checkedCount(count: number | undefined): number | undefined {
  if (count !== undefined && !(Number.isInteger(count) && count >= 0)) throw new TypeError(`peek() needs a count of letters, 0 or more, but was given ${String(count)}`)
  return count
}

function checkedOptions(options: unknown): DeadLetterOptions {
  if (options === undefined) return {}
  if (typeof options !== 'object' || options === null) throw new TypeError(`new RingKernelRuntime(): deadLetters must be an object, { deadLetters: { capacity: ${CAPACITY_DEFAULT} } }, but is ${inspect(options)}`)
  const wrong = Object.keys(options).find((name) => name !== 'capacity')
  if (wrong !== undefined) throw new TypeError(`new RingKernelRuntime(): deadLetters has no option '${wrong}'; its option is capacity`)
  return options
}
