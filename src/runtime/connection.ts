// One ring between a ring kernel and whoever takes its messages, as the runtime keeps it; and what may be told about it when it is made.
import { inspect } from 'node:util'
import { edgeBytes, edgeRing, edgeSlots, edgeWord } from '../ring/edge.js'
import { firstIndex } from '../ring/first-index.js'
import { CAPACITY_MAX, CAPACITY_MIN, RingConsumer } from '../ring/ring.js'
import type { Schema } from '../schema/index.js'
import { Actor } from './actor.js'
import type { DeviceActor, DeviceMemory, Edge } from './device.js'
import { DeviceError } from './errors.js'

/** What a full ring between ring kernels does: hold its sender up, or drop and count. */
export type EdgeBackpressure = Edge['whenFull']

export interface ConnectOptions {
  /** Messages the ring holds: a power of two, 16 … 1,048,576; default the capacity of the ring kernel that takes them. */
  capacity?: number
  /**
   * `block` (the default): a full ring holds its sender up, and with it everything else that the sender sends. `dropNewest`: what finds no room is dropped;
   * `dropOldest`: it takes the place of the oldest message. Both count what is dropped. A GPU's ring kernels cannot drop what they send, nor take from a ring that
   * drops its oldest. From such a ring, a message that is in hand when its thread is lost is lost with it.
   */
  backpressure?: EdgeBackpressure
}

/** One ring as it stands. */
export interface EdgeTelemetry {
  /** `tokenizer`, or `tokenizer.ports.errors`. */
  readonly from: string
  /** The ring kernel that takes the messages; `host` where this thread does. */
  readonly to: string
  /** The topic that joins the two; undefined for a connection of their own. */
  readonly topic: string | undefined
  readonly capacity: number
  readonly backpressure: EdgeBackpressure
  /** Messages in it now, and the most there were. */
  readonly depth: number
  readonly depthMax: number
  /** Messages put into it, and those that were finished at its other end. */
  readonly sent: number
  readonly taken: number
  /** Messages that found no room; where the oldest are dropped, those of `sent` that were, to make room for newer ones. */
  readonly dropped: number
}

/** Who takes messages from a ring: a ring kernel, or the host. */
export interface Taker {
  readonly id: string
  readonly isLive: boolean
  readonly deviceActor: DeviceActor
  wakeDevice(): void
}

/** What is to be connected. */
export interface LinkAsk {
  readonly from: Actor
  /** 0 is the output, then the ports in the order they are declared. */
  readonly port: number
  readonly to: Actor | HostTaker
  /** The topic it belongs to. */
  readonly topic: string | undefined
  /** Whoever asked for it, where somebody looks after several. */
  readonly owner?: object
  readonly options: ConnectOptions
}

/** A taker in this thread: payloads lie for it as the device of the sender lays them. */
export interface HostTaker extends Taker {
  readonly capacity: number
  opened(edge: Edge): void
}

export interface Link extends LinkAsk {
  readonly edge: Edge
  /** `draining`: nothing is written any more, and what lies in it is still delivered. */
  phase: 'open' | 'draining' | 'closed'
  /** Messages counted as dropped when its consumer ended. */
  counted: number
  readonly counters: EdgeCounters
}

/** What a ring's words, which wrap, add up to. */
export interface EdgeCounters { sent: number; taken: number; dropped: number; depth: number; depthMax: number; readonly seen: { tail: number; head: number; dropped: number } }

export function noCounters(): EdgeCounters { return { sent: 0, taken: 0, dropped: 0, depth: 0, depthMax: 0, seen: { tail: firstIndex(), head: firstIndex(), dropped: 0 } } }

/** New memory, of zeros, is an empty ring where indices begin at 0; elsewhere both ends are told. */
export async function beginRing(at: Edge['at'], memory: Pick<DeviceMemory, 'upload'>): Promise<void> {
  if (firstIndex() === 0) return
  const lines = at.kind === 'arena' ? at.block.arena.words.subarray(at.block.offset >>> 2) : new Int32Array(edgeSlots / 4)
  lines[edgeWord.tail] = lines[edgeWord.head] = firstIndex()
  if (at.kind === 'device') await memory.upload(at.block, 0, new Uint8Array(lines.buffer))
}

/** Adds what a ring's record shows now; called at least every few seconds, so that no word wraps twice between two looks. */
export function readCounters(connection: Link, words: Int32Array, at: number): void {
  const { counters, edge } = connection
  const { seen } = counters
  // In this order, so that what is told as taken is never more than was.
  const [head, tail, dropped] = [Atomics.load(words, at + edgeWord.head), Atomics.load(words, at + edgeWord.tail), Atomics.load(words, at + edgeWord.dropped)]
  const more = (dropped - seen.dropped) >>> 0
  counters.sent += (tail - seen.tail) >>> 0
  counters.taken += ((head - seen.head) >>> 0) - (edge.whenFull === 'dropOldest' ? more : 0)
  counters.dropped += more
  counters.depth = Math.min(Math.max((tail - head) | 0, 0), edge.capacity)
  counters.depthMax = Math.max(counters.depthMax, counters.depth, Math.min(words[at + edgeWord.depthMax] as number, edge.capacity))
  Object.assign(seen, { tail, head, dropped })
}

/** Messages in a ring of the host's arena; of one in a device's memory only the device knows, so it counts as empty. */
export function depthOf({ at, capacity, payloadBytes, whenFull }: Edge): number {
  return at.kind === 'arena' ? Math.min(new RingConsumer(edgeRing(at.block.arena, at.block.offset, { capacity, payloadBytes, whenFull })).depth(), capacity) : 0
}

/** Brings the counters up to date, wherever the ring lies. */
export async function lookAtCounters(connection: Link): Promise<EdgeCounters> {
  const { edge: { at }, from, counters } = connection
  if (at.kind === 'arena') { readCounters(connection, at.block.arena.words, at.block.offset >>> 2); return counters }
  const lines = new Uint8Array(edgeBytes({ capacity: 0, payloadBytes: 0, whenFull: 'block' }))
  await from.place.memory.download(at.block, 0, lines)
  readCounters(connection, new Int32Array(lines.buffer), 0)
  return counters
}

export function telemetryOfLink({ edge, from, port, to, topic, counters: { sent, taken, dropped, depth, depthMax } }: Link): EdgeTelemetry {
  return { from: sourceName(from, port), to: to.id, topic, capacity: edge.capacity, backpressure: edge.whenFull, depth, depthMax, sent, taken, dropped }
}

/** `tokenizer`, or `tokenizer.ports.errors`. */
export function sourceName(actor: Actor, port: number): string { return port === 0 ? actor.id : `${actor.id}.ports.${Object.keys(actor.definition.ports)[port - 1] ?? ''}` }

/** What a source sends: its output, or a port. */
export function schemaOf(actor: Actor, port: number): Schema { return port === 0 ? actor.output : actor.portSchemas[port - 1] as Schema }

const policies: readonly EdgeBackpressure[] = ['block', 'dropOldest', 'dropNewest']
const known = ['capacity', 'backpressure'] as const

/** @throws TypeError when an option is unknown or malformed. */
export function checkConnectOptions(options: ConnectOptions): void {
  for (const key of Object.keys(options)) if (!known.includes(key as never)) throw new TypeError(`connect: there is no option '${key}'; there are ${known.join(' and ')}`)
  const { capacity, backpressure } = options
  if (capacity !== undefined && !(Number.isInteger(capacity) && capacity >= CAPACITY_MIN && capacity <= CAPACITY_MAX && (capacity & (capacity - 1)) === 0)) {
    throw new TypeError(`connect: capacity must be a power of two from ${CAPACITY_MIN} to ${CAPACITY_MAX}, but is ${inspect(capacity)}`)
  }
  if (backpressure !== undefined && !policies.includes(backpressure)) throw new TypeError(`connect: backpressure must be ${policies.join(', ')}, but is ${inspect(backpressure)}`)
}

/** Rings lead to and from ring kernels that have begun and do not end. @throws TypeError of what `call` does. */
export function requireConnectable(call: 'connect' | 'messages', { id, state, acceptsMessages }: Actor): void {
  if (acceptsMessages) return
  throw new TypeError(`${call}: ring kernel '${id}' is ${state}, so ${call === 'connect' ? 'it cannot be connected' : 'there is nothing to listen to'}: launch it again`)
}

/** @throws DeviceError when the device of an end cannot do what `whenFull` says. */
export function checkDrops({ from, port, to }: LinkAsk, whenFull: EdgeBackpressure): void {
  const unable = whenFull === 'block' ? undefined : !from.place.edgesDrop ? from : whenFull === 'dropOldest' && isActor(to) && !to.place.edgesDrop ? to : undefined
  if (unable === undefined) return
  const what = unable === from ? 'which waits for room and drops nothing that it sends' : 'which cannot take from a ring that drops its oldest'
  throw new DeviceError(unable.place.name, `connect: the ring from '${sourceName(from, port)}' to '${to.id}' cannot have backpressure '${whenFull}', because '${unable.id}' runs on ${unable.place.name}, ${what}: use 'block' with a larger capacity${unable === from ? '' : " or 'dropNewest'"}, or let it run on cpu.`)
}

export function isActor(taker: Actor | HostTaker): taker is Actor { return taker instanceof Actor }
