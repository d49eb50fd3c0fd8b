// Connections between the ring kernels of one runtime: makes the ring of each, tells both ends, and ends it without losing what lies in it.
//
// Messages do not pass through here: the producer writes a ring that the consumer polls. Between devices the ring lies in the host's arena, and this
// thread only wakes whoever sleeps over it. One timer, unreferenced, looks after rings that empty out and after ring kernels that wait in a circle.
import { waitsFor, word } from '../ring/control.js'
import { edgeBytes } from '../ring/edge.js'
import type { Block } from '../ring/arena.js'
import { describeSchema, schemaDifference } from '../schema/index.js'
import { connectedQueue, leftIn, type ConnectedQueue } from './connected-queue.js'
import type { Actor } from './actor.js'
import type { HostBell } from './bell.js'
import {
  beginRing, checkConnectOptions, checkDrops, depthOf, isActor, lookAtCounters, noCounters, readCounters, requireConnectable, schemaOf, sourceName, telemetryOfLink, type Link, type LinkAsk, type ConnectOptions, type EdgeTelemetry,
} from './connection.js'
import { Deadlocks } from './deadlock.js'
import type { Edge } from './device.js'
import type { ConnectedRings } from './telemetry.js'
import { ringsLeave, traceRingsOf } from './trace.js'

/** Between two looks at what waits, ms: a circle is reported once two looks agree. */
const LOOK_MS = 30
/** How long a closed ring's memory stays untouched, ms: a figure in another thread may still be reading it. */
const MEMORY_GRACE_MS = 2_000

export interface ConnectionParts {
  allocate(bytes: number): Block
  release(block: Block): void
  readonly bell: HostBell
}

/** Rings to make, and rings to take off. */
export interface Change { readonly open: readonly LinkAsk[]; readonly stop: readonly Link[] }

export class Connections {
  readonly #parts: ConnectionParts
  readonly #all = new Set<Link>()
  readonly #deadlocks = new Deadlocks()
  #numbers = 0
  /** Ends whose ring kernel was cut off: it may write to its rings for ever, so they are never given back. */
  readonly #cutOff = new WeakSet<Actor>()
  /** Changes of connections, one after the other: each tells several devices. */
  #lastChange: Promise<unknown> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  readonly #untraced = traceRingsOf({ traced: () => [...this.#all] })

  constructor(parts: ConnectionParts) { this.#parts = parts }

  /** @throws TypeError when the schemas differ, an end is no longer live, or the two are connected already; DeviceError when a device does not take it. */
  connect(from: Actor, port: number, to: Actor, options: ConnectOptions): Promise<Link> {
    checkConnectOptions(options)
    const name = quotedSource(from, port)
    requireOutput(from, port)
    const difference = schemaDifference(schemaOf(from, port), to.input, [`what ${name} sends`, `what '${to.id}' takes`])
    if (difference !== undefined) throw new TypeError(`connect: ${name} cannot send to '${to.id}': ${difference}`)
    return this.change(() => {
      for (const end of [from, to]) requireConnectable('connect', end)
      if (this.of((each) => each.phase === 'open' && each.from === from && each.port === port && each.to === to && each.topic === undefined).length > 0) throw new TypeError(`connect: ${name} is already connected to '${to.id}': every message would arrive twice`)
      return { open: [{ from, port, to, topic: undefined, options }], stop: [] }
    }).then(([opened]) => opened as Link)
  }

  /** Makes and takes off rings, all in one step: each device is told once of each of its ring kernels. `plan` runs when it is this change's turn. Returns what was opened. */
  change(plan: () => Change): Promise<readonly Link[]> {
    return this.#inTurn(async () => {
      const { open, stop } = plan()
      const opened: Link[] = []
      try {
        for (const ask of open) { const connection = await this.#make(ask); opened.push(connection); this.#all.add(connection) }
        for (const connection of stop) if (connection.phase === 'open') connection.phase = 'draining'
        await this.#wireAll(opened, stop)
      } catch (error) {
        await this.#stop(opened).catch(() => undefined)
        throw error
      }
      for (const connection of opened) this.#opened(connection)
      await this.#closeEmpty(stop)
      // One end may have ended while the others were told.
      await this.#stop(opened.filter(({ from, to }) => !from.isLive || !to.isLive))
      return opened
    })
  }

  /** What lies in the rings is still delivered. */
  stop(connections: readonly Link[]): Promise<void> { return this.#inTurn(() => this.#stop(connections)) }

  of(which: (connection: Link) => boolean): readonly Link[] { return [...this.#all].filter(which) }

  /** Every ring as it is once the changes under way are done. */
  async telemetry(which: (connection: Link) => boolean = () => true): Promise<readonly EdgeTelemetry[]> {
    await this.#lastChange
    const all = this.of(which)
    await Promise.all(all.map(lookAtCounters))
    // One that was taken off and is empty is as good as gone.
    return all.filter(({ phase, counters }) => phase === 'open' || counters.depth > 0).map(telemetryOfLink)
  }

  /** Messages that lie in rings to a ring kernel that ends now; they are counted here once. */
  loseInputsOf(actor: Actor): number {
    let lost = 0
    for (const connection of this.#all) {
      if (connection.to !== actor) continue
      connection.counted = depthOf(connection.edge)
      actor.letterWriter.lostAll('terminated', leftIn(connection.edge, connection.counted), connection.counted)
      lost += connection.counted
    }
    return lost
  }

  /** The rings at which `actor` stands: those of the host's memory as they are now, those of a device's as they were last looked at. */
  ringsOf(actor: Actor): ConnectedRings {
    const all = this.of(({ from, to, phase }) => (from === actor || to === actor) && phase !== 'closed')
    for (const connection of all) {
      const { at } = connection.edge
      if (at.kind === 'arena') readCounters(connection, at.block.arena.words, at.block.offset >>> 2)
    }
    return { inputs: all.filter(({ to }) => to === actor).map(telemetryOfLink), outputs: all.filter(({ from, phase }) => from === actor && phase === 'open').map(telemetryOfLink) }
  }

  /** What lies in the rings to a parked `actor`. @throws TypeError when that cannot be read. */
  async queuedTo(actor: Actor): Promise<ConnectedQueue[]> {
    return Promise.all([...this.#all].filter((each) => each.to === actor).map(({ edge, from }) => connectedQueue(edge, from, actor)))
  }

  /** A ring kernel ended: its rings to others still empty out, those to it are closed. */
  actorEnded(actor: Actor, wasCutOff: boolean): void {
    if (wasCutOff) this.#cutOff.add(actor)
    const ended = this.of(({ from, to }) => from === actor || to === actor)
    if (ended.length === 0) return
    this.stop(ended).catch((error: unknown) => { if (!this.#isClosed) actor.log(`the connections of '${actor.id}' could not be taken off: ${error instanceof Error ? error.message : String(error)}`) })
  }

  /** Where the output of `actor` goes in place of the host; undefined when it goes to the host. */
  isConnected(actor: Actor): string | undefined {
    for (const { from, port, phase, to, topic } of this.#all) if (from === actor && port === 0 && phase === 'open') return topic ?? to.id
    return undefined
  }

  deadlockOf(actor: Actor): string | undefined { return this.#deadlocks.of(actor) }

  close(): void {
    this.#isClosed = true
    this.#untraced()
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const connection of this.#all) this.#parts.bell.leave(connection)
    this.#all.clear()
  }

  async #make(ask: LinkAsk): Promise<Link> {
    const { from, port, to, options } = ask
    const schema = schemaOf(from, port)
    const format = from.place.format(schema)
    const whenFull = options.backpressure ?? 'block'
    checkDrops(ask, whenFull)
    const shape = { whenFull, capacity: options.capacity ?? (isActor(to) ? to.definition.capacity : to.capacity), payloadBytes: isActor(to) ? Math.max(format.bytes, to.place.format(schema).bytes) : format.bytes }
    const inDevice = isActor(to) && from.place === to.place && from.place.edgesIn === 'device'
    const at: Edge['at'] = inDevice ? { kind: 'device', block: await from.place.memory.allocate(edgeBytes(shape), { what: `the ring from '${from.id}' to '${to.id}'`, kind: 'ring', bytes: edgeBytes(shape), madeAt: undefined }) } : { kind: 'arena', block: this.#parts.allocate(edgeBytes(shape)) }
    await beginRing(at, from.place.memory)
    const edge: Edge = {
      ...shape, number: (this.#numbers += 1), at, schema, schemaText: describeSchema(schema), from: from.deviceActor, to: to.deviceActor, fromBlock: from.block,
      hostCodec: !isActor(to) && at.kind === 'arena' ? format.bind(at.block.arena.memory) : undefined,
    }
    if (!isActor(to)) to.opened(edge)
    return { ...ask, edge, phase: 'open', counted: 0, counters: noCounters() }
  }

  #opened(connection: Link): void {
    const { from, to } = connection
    if (!isActor(to) || from.place !== to.place) this.#parts.bell.accompany(connection, () => { wakeSleepers(connection) })
    this.#timer ??= setTimeout(() => { this.#look() }, LOOK_MS).unref()
  }

  /** Nothing is written any more; what lies in the rings is delivered, unless their consumers have ended. */
  async #stop(connections: readonly Link[]): Promise<void> {
    const open = connections.filter(({ phase }) => phase === 'open')
    for (const connection of open) connection.phase = 'draining'
    await Promise.all([...new Set(open.map(({ from }) => from))].map((actor) => this.#wire(actor)))
    await this.#closeEmpty(connections)
  }

  async #closeEmpty(connections: readonly Link[]): Promise<void> {
    const empty = connections.filter(({ phase, to, edge }) => phase === 'draining' && (!to.isLive || depthOf(edge) === 0))
    if (empty.length > 0) ringsLeave()
    for (const connection of empty) {
      connection.phase = 'closed'
      this.#all.delete(connection)
      this.#parts.bell.leave(connection)
    }
    await Promise.all([...new Set(empty.flatMap(({ to }) => (isActor(to) ? [to] : [])))].map((to) => this.#wire(to)))
    for (const connection of empty) await this.#giveBack(connection)
  }

  async #giveBack(connection: Link): Promise<void> {
    const { edge: { at }, from, to } = connection
    if (isActor(to) && !to.isLive) to.dropLate((await lastDepthOf(connection)) - connection.counted)
    if (this.#cutOff.has(from) || (isActor(to) && this.#cutOff.has(to))) return
    // The device may still read it to its end.
    if (at.kind === 'device') from.place.memory.discard(at.block)
    else setTimeout(() => { this.#parts.release(at.block) }, MEMORY_GRACE_MS).unref()
  }

  /** Consumers first: nothing lies in a ring that nobody polls. Whoever is both is told once. */
  async #wireAll(opened: readonly Link[], stopped: readonly Link[]): Promise<void> {
    const first = new Set(opened.flatMap(({ to }) => (isActor(to) ? [to] : [])))
    await all([...first].map((actor) => this.#wire(actor)))
    const second = new Set([...opened, ...stopped].map(({ from }) => from).filter((actor) => !first.has(actor)))
    await all([...second].map((actor) => this.#wire(actor)))
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
      const { edge: { at }, from, to } = connection
      if (at.kind === 'arena') readCounters(connection, at.block.arena.words, at.block.offset >>> 2)
      if (!isActor(to) || from.place !== to.place) wakeSleepers(connection)
    }
    const drained = this.of(({ phase, edge }) => phase === 'draining' && depthOf(edge) === 0)
    if (drained.length > 0) void this.stop(drained).catch(() => undefined)
    this.#deadlocks.look(this.of(({ phase }) => phase === 'open'))
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change, change)
    this.#lastChange = done.catch(() => undefined)
    return done
  }
}

/** Only then there is something to connect. */
export function requireOutput(from: Actor, port: number): void {
  if (port === 0 && !from.definition.sends) throw new TypeError(`connect: ring kernel '${from.id}' declares no output, so there is nothing to connect: add output: … to its options, or connect one of its ports`)
}

/** As sentences name it: `'tokenizer'`, or `'tokenizer'.ports.errors`. */
export function quotedSource(from: Actor, port: number): string { return `'${from.id}'${sourceName(from, port).slice(from.id.length)}` }

/** All of them, and only then the first error: nothing is undone while a device is still being told. */
async function all(wirings: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(wirings)
  for (const result of results) if (result.status === 'rejected') throw result.reason as Error
}

/** Once nobody writes any more: what was left behind. */
async function lastDepthOf(connection: Link): Promise<number> {
  if (connection.edge.at.kind === 'arena') return depthOf(connection.edge)
  return (await lookAtCounters(connection)).depth
}

/** Between devices nobody but this thread can wake the other side. */
function wakeSleepers({ edge, from, to }: Link): void {
  if (edge.at.kind !== 'arena') return
  if (to.isLive && depthOf(edge) > 0) to.wakeDevice()
  if (!from.isLive) return
  const { arena: { words }, offset } = edge.fromBlock
  if (Atomics.load(words, (offset >>> 2) + word.waitsFor) === waitsFor.outputRoom) from.wakeDevice()
}
