// Topics of one runtime: who publishes, who subscribes, who listens on the host, and the rings that this takes.
//
// A topic is no place that messages pass through: each ring kernel that publishes has a ring to each that subscribes, where one device has both in that
// device's own memory. The host has a ring from each that publishes while somebody listens here, while the last message is to be retained, or while nobody
// subscribes, so that what is published goes somewhere.
import { PRIORITY_DEFAULT, pair, type Envelope } from '../ring/envelope.js'
import { schemaDifference, structCodec, type Fields, type Schema, type Struct } from '../schema/index.js'
import { validated } from '../schema/message-codec.js'
import { packable, packer } from '../schema/message-values.js'
import type { Actor } from './actor.js'
import type { HostBell } from './bell.js'
import { checkConnectOptions, isActor, requireConnectable, schemaOf, type Link, type LinkAsk, type ConnectOptions, type EdgeTelemetry } from './connection.js'
import { quotedSource, requireOutput, type Change, type Connections } from './connections.js'
import { TimeoutError } from './errors.js'
import { Fifo } from './fifo.js'
import type { HostSender } from './host-sender.js'
import { isExpired, Listener, type MessagesOptions, type Published } from './subscription.js'
import { checkMessageOptions } from './message-options.js'
import { Tap } from './tap.js'
import { matcher, type Topic } from './topic.js'
import type { SendOptions } from './types.js'
import { Wait, throwIfAborted } from './wait.js'

/** Messages a ring to the host holds, unless the ring kernel that writes it holds more. */
const TAP_CAPACITY = 256

interface Publisher { readonly actor: Actor; readonly port: number; readonly options: ConnectOptions }

/** One topic as this runtime has it; or one output that the host listens to, which is a topic without a name that nobody else publishes to. */
class Route {
  topic: Topic | undefined
  readonly publishers = new Set<Publisher>()
  readonly subscribers = new Map<Actor, ConnectOptions>()
  readonly listeners = new Set<Listener>()
  readonly roomWaits = new Fifo<Wait<void>>()
  retained: Published | undefined

  constructor(topic: Topic | undefined) { this.topic = topic }

  get name(): string | undefined { return this.topic?.name }
  get isUsed(): boolean { return this.publishers.size > 0 || this.subscribers.size > 0 || this.listeners.size > 0 }
  get needsTap(): boolean { return this.listeners.size > 0 || this.topic?.retained === true || this.subscribers.size === 0 }

  mayTake(): boolean {
    for (const listener of this.listeners) if (!listener.hasRoom) return false
    return true
  }

  give(published: Published): void {
    if (this.topic?.retained === true) this.retained = published
    for (const listener of this.listeners) listener.give(published)
  }
}

export interface Handle extends AsyncDisposable { telemetry(): Promise<readonly EdgeTelemetry[]> }

export class Topics {
  readonly #connections: Connections
  readonly #bell: HostBell
  readonly #routes = new Map<string, Route>()
  /** Outputs that the host listens to by themselves. */
  readonly #outputs = new Set<Route>()
  readonly #patterns = new Map<Listener, (name: string) => boolean>()
  /** Routes whose rings are made with the next change, all at once. */
  #waiting: { readonly routes: Set<Route>; readonly done: Promise<unknown> } | undefined
  readonly #sender: HostSender

  constructor(connections: Connections, bell: HostBell, sender: HostSender) {
    this.#connections = connections
    this.#bell = bell
    this.#sender = sender
  }

  get names(): readonly string[] { return [...this.#routes.keys()] }

  /** Lets a ring kernel publish. */
  async publisher(actor: Actor, port: number, topic: Topic, options: ConnectOptions): Promise<Handle> {
    checkConnectOptions(options)
    requireOutput(actor, port)
    const name = quotedSource(actor, port)
    requireSame(schemaOf(actor, port), topic.input, `connect: ${name} cannot publish to topic '${topic.name}'`, [`what ${name} sends`, `topic '${topic.name}'`])
    requireConnectable('connect', actor)
    const route = this.#route(topic)
    if ([...route.publishers].some((each) => each.actor === actor && each.port === port)) throw new TypeError(`connect: ${name} publishes to topic '${topic.name}' already: every message would arrive twice`)
    const publisher: Publisher = { actor, port, options }
    route.publishers.add(publisher)
    await this.#settle(route, () => route.publishers.delete(publisher))
    return this.#handle(route, () => route.publishers.delete(publisher), (each) => each.from === actor && each.port === port)
  }

  /** Subscribes a ring kernel. The retained message, where there is one, is the first that it gets. */
  async subscriber(topic: Topic, actor: Actor, options: ConnectOptions): Promise<Handle> {
    checkConnectOptions(options)
    requireSame(topic.output, actor.input, `connect: topic '${topic.name}' cannot send to '${actor.id}'`, [`topic '${topic.name}'`, `what '${actor.id}' takes`])
    requireConnectable('connect', actor)
    const route = this.#route(topic)
    if (route.subscribers.has(actor)) throw new TypeError(`connect: '${actor.id}' subscribes to topic '${topic.name}' already: every message would arrive twice`)
    this.#pump(route)
    route.subscribers.set(actor, options)
    try { if (route.retained !== undefined && !isExpired(route.retained)) await actor.send(route.retained.message) } catch (error) { route.subscribers.delete(actor); throw error }
    await this.#settle(route, () => route.subscribers.delete(actor))
    return this.#handle(route, () => route.subscribers.delete(actor), (each) => each.to === actor)
  }

  /** Gives a message of the host's to all who subscribe, each of which waits for room as for any message sent to it; resolves once all have it. */
  async publish(topic: Topic, message: unknown, options: SendOptions | undefined): Promise<void> {
    if (options !== undefined) checkMessageOptions(options)
    const route = this.#route(topic)
    // One message, whoever gets it.
    const id = options?.id ?? pair(this.#sender.next(), this.#sender.origin)
    const published = { topic: topic.name, message: asRead(topic.output, message), envelope: this.#envelope(id, options) }
    throwIfAborted(options)
    while (!route.mayTake()) await this.#room(route, options)
    route.give(published)
    const takers = [...route.subscribers.keys()].filter((actor) => actor.state === 'ACTIVE' || actor.state === 'LAUNCHED' || actor.state === 'DEACTIVATED')
    const results = await Promise.allSettled(takers.map((actor) => actor.send(message, { ...options, id })))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []))
    if (failures.length > 0) throw failures.length === 1 ? failures[0] as Error : new AggregateError(failures, `topic '${topic.name}': ${failures.length} of ${takers.length} subscribers did not take the message: ${failures.map((each) => each.message).join('; ')}`)
  }

  /** Listens on the host to a topic, to all whose names a pattern stands for (a string is one), or to one output. */
  listen(of: Topic | string | { readonly actor: Actor; readonly port: number }, options: MessagesOptions): { readonly listener: Listener; readonly ready: Promise<void> } {
    if (typeof of === 'string') return this.#listenToMany(of, options)
    let route: Route
    let name: string
    if ('actor' in of) {
      requireOutput(of.actor, of.port)
      requireConnectable('messages', of.actor)
      route = new Route(undefined)
      name = of.actor.id
      route.publishers.add({ ...of, options: {} })
    } else {
      route = this.#route(of)
      name = of.name
    }
    const listener = this.#listener(name, options, () => [route], async () => {
      route.listeners.delete(listener)
      if (route.topic === undefined) { this.#outputs.delete(route); route.publishers.clear() }
      await this.#settle(route)
    })
    if (route.topic === undefined) this.#outputs.add(route)
    if (route.retained !== undefined) listener.give(route.retained)
    route.listeners.add(listener)
    return { listener, ready: this.#settle(route, () => { route.listeners.delete(listener); this.#outputs.delete(route) }) }
  }

  /** A topic that this runtime has used, by name. */
  named(name: string): Topic | undefined { return this.#routes.get(name)?.topic }

  actorEnded(actor: Actor): void {
    for (const route of [...this.#routes.values(), ...this.#outputs]) {
      const [publishers, subscribes] = [[...route.publishers].filter((each) => each.actor === actor), route.subscribers.delete(actor)]
      for (const publisher of publishers) route.publishers.delete(publisher)
      if (publishers.length > 0 || subscribes) this.#settle(route).catch((error: unknown) => { actor.log(`the topics of '${actor.id}' could not be changed: ${error instanceof Error ? error.message : String(error)}`) })
      this.#pump(route)
    }
  }

  close(): void {
    for (const route of [...this.#routes.values(), ...this.#outputs]) {
      this.#pump(route)
      for (const listener of route.listeners) listener.end()
    }
    for (const listener of this.#patterns.keys()) listener.end()
  }

  #listenToMany(pattern: string, options: MessagesOptions): { readonly listener: Listener; readonly ready: Promise<void> } {
    const matches = matcher(pattern)
    const matching = (): Route[] => [...this.#routes.values()].filter((route) => matches(route.name ?? ''))
    const listener = this.#listener(pattern, options, matching, async () => {
      this.#patterns.delete(listener)
      await Promise.all(matching().map(async (route) => { route.listeners.delete(listener); await this.#settle(route) }))
    })
    this.#patterns.set(listener, matches)
    const ready = Promise.all(matching().map((route) => {
      if (route.retained !== undefined) listener.give(route.retained)
      route.listeners.add(listener)
      return this.#settle(route)
    })).then(() => undefined)
    return { listener, ready }
  }

  #listener(name: string, options: MessagesOptions, routes: () => readonly Route[], left: () => Promise<void>): Listener {
    return new Listener({
      name, options, bell: this.#bell, left,
      roomMade: () => { for (const route of routes()) { this.#pump(route); if (route.mayTake()) for (let wait = route.roomWaits.shift(); wait !== undefined; wait = route.roomWaits.shift()) wait.resolve() } },
      pump: () => { for (const route of routes()) this.#pump(route) },
    })
  }

  /** This runtime's own of a topic. */
  #route(topic: Topic): Route {
    const known = this.#routes.get(topic.name)
    if (known === undefined) {
      const route = new Route(topic)
      this.#routes.set(topic.name, route)
      for (const [listener, matches] of this.#patterns) if (matches(topic.name)) route.listeners.add(listener)
      return route
    }
    if (known.topic !== topic) {
      if (known.isUsed && known.topic !== undefined) requireSame(known.topic.output, topic.output, `topic '${topic.name}' is in use with another schema`, ['the one in use', 'this one'])
      else known.retained = undefined
      known.topic = topic
    }
    return known
  }

  /** Makes and takes off rings until they are those that the route wants. */
  async #settle(route: Route, undo?: () => unknown): Promise<void> {
    try { await this.#change(route) } catch (error) {
      // What was taken off for it comes back.
      if (undo !== undefined) { undo(); await this.#change(route).catch(() => undefined) }
      throw error
    }
    this.#pump(route)
  }

  /** Whatever is asked for before its turn comes is one change, so that devices stop for it once. */
  #change(route: Route): Promise<unknown> {
    if (this.#waiting === undefined) {
      const routes = new Set<Route>()
      const done = this.#connections.change(() => {
        this.#waiting = undefined
        const changes = [...routes].map((each) => this.#difference(each))
        return { open: changes.flatMap(({ open }) => open), stop: changes.flatMap(({ stop }) => stop) }
      })
      this.#waiting = { routes, done }
    }
    this.#waiting.routes.add(route)
    return this.#waiting.done
  }

  #difference(route: Route): Change {
    const has = this.#connections.of((each) => each.owner === route && each.phase === 'open')
    const open: LinkAsk[] = []
    const wanted = new Set<Link>()
    for (const { actor, port, options } of route.publishers) {
      const want = (to: Actor | undefined, ask: () => LinkAsk): void => {
        const found = has.find((each) => each.from === actor && each.port === port && (to === undefined ? !isActor(each.to) : each.to === to))
        if (found === undefined) open.push(ask())
        else wanted.add(found)
      }
      const ask = { from: actor, port, topic: route.name, owner: route }
      for (const [to, own] of route.subscribers) want(to, () => ({ ...ask, to, options: { ...options, ...own } }))
      if (route.needsTap) want(undefined, () => ({ ...ask, to: this.#tap(route, Math.max(TAP_CAPACITY, actor.definition.capacity)), options }))
    }
    return { open, stop: has.filter((each) => !wanted.has(each)) }
  }

  #tap(route: Route, capacity: number): Tap {
    return new Tap(capacity, { mayTake: () => route.mayTake(), taken: (received) => { this.#sender.took(Number(received.envelope.sentAtNs)); route.give({ topic: route.name ?? '', ...received }) } })
  }

  /** Hands over what ring kernels have published. */
  #pump(route: Route): void {
    const taps = this.#connections.of((each) => each.owner === route && each.to instanceof Tap)
    for (const { to } of taps) (to as Tap).drain()
    // The output of a ring kernel that has ended.
    if (route.topic === undefined && route.publishers.size === 0 && taps.every(({ to }) => (to as Tap).isEmpty)) for (const listener of route.listeners) listener.end()
  }

  #room(route: Route, options: SendOptions | undefined): Promise<void> {
    const name = route.name ?? ''
    const wait = new Wait<void>().bound(options, (ms) => new TimeoutError(name, ms, 'room', `topic '${name}': a listener on the host is full, and made no room within ${ms} ms: take its messages, leave it, or give it { backpressure: 'dropOldest' }.`))
    wait.onGivenUp = () => route.roomWaits.remove(wait)
    if (!wait.settled) route.roomWaits.push(wait)
    return wait.promise
  }

  #envelope(id: bigint, options: SendOptions | undefined): Envelope {
    return {
      id, correlationId: options?.correlationId ?? 0n, priority: options?.priority ?? PRIORITY_DEFAULT, sender: this.#sender.origin >>> 16,
      sentAtNs: BigInt(this.#sender.stamp()), timeToLiveMs: options?.timeToLiveMs ?? 0,
    }
  }

  #handle(route: Route, leave: () => unknown, which: (connection: Link) => boolean): Handle {
    return {
      telemetry: () => this.#connections.telemetry((each) => each.owner === route && which(each)),
      [Symbol.asyncDispose]: async () => { leave(); await this.#settle(route) },
    }
  }
}

/** @throws MessageError when the message does not fit the schema. */
function asRead(schema: Schema, message: unknown): unknown {
  if (schema.kind !== 'struct') return packer().unpack(packer().pack(packable(schema.name, validated(schema, message)))) as unknown
  const codec = structCodec(schema as Struct<Fields>)
  const bound = codec.bind(new SharedArrayBuffer(Math.ceil(codec.bytes / 16) * 16))
  bound.write(0, message)
  return bound.read(0)
}

function requireSame(one: Schema, other: Schema, sentence: string, names: readonly [string, string]): void {
  const difference = schemaDifference(one, other, [...names])
  if (difference !== undefined) throw new TypeError(`${sentence}: ${difference}`)
}
