// Connections between the ring kernels of one runtime: makes the ring of each, tells both ends, and ends it without losing what lies in it.
//
// Messages do not pass through here: the producer writes a ring that the consumer polls. Between devices the ring lies in the host's arena, and this
// thread only wakes whoever sleeps over it. One timer, unreferenced, looks after rings that empty out and after ring kernels that wait in a circle.
import { waitsFor, word } from '../ring/control.js'
import { edgeBytes, edgeRing, edgeWord } from '../ring/edge.js'
import type { Block } from '../ring/arena.js'
import { RingConsumer } from '../ring/ring.js'
import { describeSchema, schemaDifference, type Schema } from '../schema/index.js'
import type { Actor } from './actor.js'
import type { HostBell } from './bell.js'
import { Deadlocks } from './deadlock.js'
import type { Edge } from './device.js'

/** Between two looks at what waits, ms: a circle is reported once two looks agree. */
const LOOK_MS = 30
/** How long a closed ring's memory stays untouched, ms: a figure in another thread may still be reading it. */
const MEMORY_GRACE_MS = 2_000

/** One ring between two ring kernels. */
export interface Connection {
  readonly edge: Edge
  readonly from: Actor
  /** 0 is the output, then the ports in the order they are declared. */
  readonly port: number
  readonly to: Actor
  /** `draining`: nothing is written any more, and what lies in it is still delivered. */
  phase: 'open' | 'draining' | 'closed'
  /** Messages counted as dropped when its consumer ended. */
  counted: number
}

export interface ConnectionParts {
  allocate(bytes: number): Block
  release(block: Block): void
  readonly bell: HostBell
}

export class Connections {
  readonly #parts: ConnectionParts
  readonly #all = new Set<Connection>()
  readonly #deadlocks = new Deadlocks()
  #numbers = 0
  /** Ends whose ring kernel was cut off: it may write to its rings for ever, so they are never given back. */
  readonly #cutOff = new WeakSet<Actor>()
  /** Changes of connections, one after the other: each tells two devices. */
  #lastChange: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(parts: ConnectionParts) { this.#parts = parts }

  /** @throws TypeError when the schemas differ, an end is no longer live, or the two are connected already; DeviceError when a device does not take it. */
  connect(from: Actor, port: number, to: Actor): Promise<AsyncDisposable> {
    const output = port === 0 ? from.output : from.portSchemas[port - 1] as Schema
    const name = port === 0 ? `'${from.id}'` : `'${from.id}'.ports.${Object.keys(from.definition.ports)[port - 1] ?? ''}`
    if (port === 0 && !from.definition.sends) throw new TypeError(`connect: ring kernel '${from.id}' declares no output, so there is nothing to connect: add output: … to its options, or connect one of its ports`)
    const difference = schemaDifference(output, to.input, [`what ${name} sends`, `what '${to.id}' takes`])
    if (difference !== undefined) throw new TypeError(`connect: ${name} cannot send to '${to.id}': ${difference}`)
    return this.#inTurn(() => this.#open(from, port, to, output, name))
  }

  /** Messages that lie in rings to a ring kernel that ends now; they are counted here once. */
  loseInputsOf(actor: Actor): number {
    let lost = 0
    for (const connection of this.#all) {
      if (connection.to !== actor) continue
      connection.counted = depthOf(connection.edge)
      lost += connection.counted
    }
    return lost
  }

  /** Messages that lie in rings to `actor` now. */
  depthTo(actor: Actor): number {
    let depth = 0
    for (const { edge, to } of this.#all) if (to === actor) depth += depthOf(edge)
    return depth
  }

  /** A ring kernel ended: its rings to others still empty out, those to it are closed. */
  actorEnded(actor: Actor, wasCutOff: boolean): void {
    if (wasCutOff) this.#cutOff.add(actor)
    for (const connection of this.#all) {
      if (connection.from !== actor && connection.to !== actor) continue
      this.#inTurn(() => this.#stop(connection)).catch((error: unknown) => { if (!this.#isClosed) connection.from.log(`the connection of '${connection.from.id}' to '${connection.to.id}' could not be taken off: ${error instanceof Error ? error.message : String(error)}`) })
    }
  }

  isConnected(actor: Actor): Actor | undefined {
    for (const { from, port, phase, to } of this.#all) if (from === actor && port === 0 && phase === 'open') return to
    return undefined
  }

  deadlockOf(actor: Actor): string | undefined { return this.#deadlocks.of(actor) }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#all.clear()
  }

  async #open(from: Actor, port: number, to: Actor, schema: Schema, name: string): Promise<AsyncDisposable> {
    for (const end of [from, to]) if (!end.isLive) throw new TypeError(`connect: ring kernel '${end.id}' is ${end.state}, so it cannot be connected: launch it again`)
    if ([...this.#all].some((each) => each.phase === 'open' && each.from === from && each.port === port && each.to === to)) throw new TypeError(`connect: ${name} is already connected to '${to.id}': every message would arrive twice`)
    const shape = { capacity: to.definition.capacity, payloadBytes: Math.max(from.place.format(schema).bytes, to.place.format(schema).bytes) }
    const inDevice = from.place === to.place && from.place.edgesIn === 'device'
    const at: Edge['at'] = inDevice ? { kind: 'device', block: await from.place.memory.allocate(edgeBytes(shape), { what: `the ring from '${from.id}' to '${to.id}'`, kind: 'ring', bytes: edgeBytes(shape), madeAt: undefined }) } : { kind: 'arena', block: this.#parts.allocate(edgeBytes(shape)) }
    const edge: Edge = { ...shape, number: (this.#numbers += 1), at, schema, schemaText: describeSchema(schema), from: from.deviceActor, to: to.deviceActor, fromBlock: from.block }
    const connection: Connection = { edge, from, port, to, phase: 'open', counted: 0 }
    this.#all.add(connection)
    try {
      // The consumer first: nothing lies in a ring that nobody polls.
      await this.#wire(to)
      await this.#wire(from)
    } catch (error) {
      await this.#stop(connection).catch(() => undefined)
      throw error
    }
    if (from.place !== to.place) this.#parts.bell.accompany(connection, () => { wakeSleepers(connection) })
    this.#timer ??= setTimeout(() => { this.#look() }, LOOK_MS).unref()
    // One end may have ended while the other was told.
    if (!from.isLive || !to.isLive) await this.#stop(connection)
    return { [Symbol.asyncDispose]: () => this.#inTurn(() => this.#stop(connection)) }
  }

  /** Nothing is written any more; what lies in the ring is delivered, unless its consumer has ended. */
  async #stop(connection: Connection): Promise<void> {
    if (connection.phase === 'open') {
      connection.phase = 'draining'
      await this.#wire(connection.from)
    }
    if (connection.phase === 'draining' && (!connection.to.isLive || depthOf(connection.edge) === 0)) await this.#close(connection)
  }

  async #close(connection: Connection): Promise<void> {
    connection.phase = 'closed'
    this.#all.delete(connection)
    this.#parts.bell.leave(connection)
    await this.#wire(connection.to)
    const { edge: { at }, from, to } = connection
    if (!to.isLive) to.dropLate((await lastDepthOf(connection)) - connection.counted)
    if (this.#cutOff.has(from) || this.#cutOff.has(to)) return
    // The device may still read it to its end.
    if (at.kind === 'device') from.place.memory.discard(at.block)
    else setTimeout(() => { this.#parts.release(at.block) }, MEMORY_GRACE_MS).unref()
  }

  /** Tells the device of `actor` all its connections as they are now. */
  async #wire(actor: Actor): Promise<void> {
    if (!actor.isLive) return
    const all = [...this.#all]
    const outputs = Array.from({ length: 1 + actor.portSchemas.length }, (_, port) => all.filter((each) => each.phase === 'open' && each.from === actor && each.port === port).map((each) => each.edge))
    await actor.deviceActor.wire({ inputs: all.filter((each) => each.to === actor).map((each) => each.edge), outputs })
  }

  #look(): void {
    if (this.#all.size === 0) { this.#timer = undefined; return }
    // First, because an interrupt in here would end an interval for good.
    this.#timer?.refresh()
    for (const connection of this.#all) {
      if (connection.from.place !== connection.to.place) wakeSleepers(connection)
      if (connection.phase === 'draining' && depthOf(connection.edge) === 0) void this.#inTurn(() => this.#stop(connection)).catch(() => undefined)
    }
    this.#deadlocks.look([...this.#all].filter((each) => each.phase === 'open'))
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change, change)
    this.#lastChange = done.catch(() => undefined)
    return done
  }
}

/** Messages in a ring of the host's arena; of one in a device's memory only the device knows, so it counts as empty. */
function depthOf({ at, capacity, payloadBytes }: Edge): number {
  return at.kind === 'arena' ? new RingConsumer(edgeRing(at.block.arena, at.block.offset, { capacity, payloadBytes })).depth() : 0
}

/** Once nobody writes any more: what was left behind. */
async function lastDepthOf({ edge, from }: Connection): Promise<number> {
  if (edge.at.kind === 'arena') return depthOf(edge)
  const lines = new Uint8Array(edgeBytes({ capacity: 0, payloadBytes: edge.payloadBytes }))
  await from.place.memory.download(edge.at.block, 0, lines)
  const words = new Int32Array(lines.buffer)
  return ((words[edgeWord.tail] as number) - (words[edgeWord.head] as number)) | 0
}

/** Between devices nobody but this thread can wake the other side. */
function wakeSleepers({ edge, from, to }: Connection): void {
  if (edge.at.kind !== 'arena') return
  if (to.isLive && depthOf(edge) > 0) to.wakeDevice()
  if (!from.isLive) return
  const { arena: { words }, offset } = edge.fromBlock
  if (Atomics.load(words, (offset >>> 2) + word.waitsFor) === waitsFor.outputRoom) from.wakeDevice()
}
