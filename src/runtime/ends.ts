// What connect(), publish() and messages() are given, resolved: ring kernels, ports and topics, themselves or by name.
import { sourceOf, Actor } from './actor.js'
import { sourceName, type ConnectOptions, type EdgeTelemetry } from './connection.js'
import type { Connections } from './connections.js'
import type { MessagesOptions, Subscription } from './subscription.js'
import { isPattern, isTopic, topicNamed, topicNames, unknownName, type Topic } from './topic.js'
import type { Topics } from './topics.js'

/** What of a runtime names lead to. */
export interface Known { readonly actors: ReadonlyMap<string, Actor>; readonly topics: Topics; readonly connections: Connections }

/** What connect() made; disposing it takes the connection off. */
export interface Connection extends AsyncDisposable {
  /** `tokenizer`, `tokenizer.ports.errors`, or a topic's name. */
  readonly from: string
  readonly to: string
  /** Its rings as they stand: one for a connection of two ring kernels, one for each that subscribes or publishes where one end is a topic. */
  telemetry(): Promise<readonly EdgeTelemetry[]>
}

type End = { readonly kind: 'actor'; readonly actor: Actor; readonly port: number } | { readonly kind: 'topic'; readonly topic: Topic }

export async function connectEnds(known: Known, from: unknown, to: unknown, options: ConnectOptions): Promise<Connection> {
  const source = endOf(known, 'connect', from)
  if (source === undefined) throw new TypeError('connect(from, to) needs what is sent first: a launched ring kernel, one of its ports, connect(actor.ports.errors, logger), or a topic')
  const sink = to instanceof Actor || typeof to === 'string' || isTopic(to) ? endOf(known, 'connect', to) : undefined
  if (sink === undefined) throw new TypeError('connect(from, to) needs a launched ring kernel or a topic as its second argument')
  const handle = await connected(known, source, sink, options)
  return { from: nameOf(source), to: nameOf(sink), ...handle }
}

export function messagesOf(known: Known, of: unknown, options: MessagesOptions): Subscription<unknown> {
  if (typeof of === 'string' && isPattern(of)) {
    const { listener, ready } = known.topics.listen(of, options)
    return listener.subscription(ready, (published) => published)
  }
  const end = endOf(known, 'messages', of)
  if (end === undefined) throw new TypeError('messages(of) needs a topic, a launched ring kernel, one of its ports, or a pattern of names: messages(\'sensors/#\')')
  const { listener, ready } = known.topics.listen(end.kind === 'topic' ? end.topic : end, options)
  return listener.subscription(ready, typeof of === 'string' ? (published) => ({ ...published, topic: nameOf(end) }) : ({ message }) => message)
}

export function topicOf(topics: Topics, topic: unknown): Topic {
  if (isTopic(topic)) return topic
  const named = typeof topic === 'string' ? topics.named(topic) ?? topicNamed(topic) : undefined
  if (named !== undefined) return named
  if (typeof topic === 'string') throw unknownName('publish', topic, [...new Set([...topics.names, ...topicNames()])])
  throw new TypeError("publish(topic, message) needs a topic as topic('sensors/hall', Reading) makes it, or its name")
}

async function connected({ topics, connections }: Known, source: End, sink: End, options: ConnectOptions): Promise<Pick<Connection, 'telemetry' | typeof Symbol.asyncDispose>> {
  if (source.kind === 'actor' && sink.kind === 'topic') return topics.publisher(source.actor, source.port, sink.topic, options)
  if (source.kind === 'topic' && sink.kind === 'actor') return topics.subscriber(source.topic, sink.actor, options)
  if (source.kind === 'topic' || sink.kind === 'topic') throw new TypeError(`connect: '${nameOf(source)}' and '${nameOf(sink)}' are both topics: connect whoever publishes to both, or whoever subscribes`)
  const connection = await connections.connect(source.actor, source.port, sink.actor, options)
  return { telemetry: () => connections.telemetry((each) => each === connection), [Symbol.asyncDispose]: () => connections.stop([connection]) }
}

function endOf({ actors, topics }: Known, call: string, value: unknown): End | undefined {
  if (isTopic(value)) return { kind: 'topic', topic: value }
  if (typeof value === 'string') {
    const actor = actors.get(value)
    if (actor !== undefined) return { kind: 'actor', actor, port: 0 }
    const topic = topics.named(value) ?? topicNamed(value)
    if (topic === undefined) throw unknownName(call, value, [...new Set([...actors.keys(), ...topics.names, ...topicNames()])])
    return { kind: 'topic', topic }
  }
  const source = sourceOf(value)
  if (source === undefined) return undefined
  if (actors.get(source.actor.id) !== source.actor) throw new TypeError(`${call}: ring kernel '${source.actor.id}' is none of this runtime, and rings lie within one`)
  return { kind: 'actor', ...source }
}

function nameOf(end: End): string { return end.kind === 'topic' ? end.topic.name : sourceName(end.actor, end.port) }
