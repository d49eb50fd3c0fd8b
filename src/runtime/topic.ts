// topic(): a name that ring kernels and the host publish to and subscribe to. What it is in a runtime is in topics.ts.
import { inspect } from 'node:util'
import { isSchema, type Schema } from '../schema/index.js'
import { nearestName } from './errors.js'
import type { Sink, Source } from './types.js'

export interface TopicOptions {
  /** Keeps the last message that was published: whoever subscribes later is given it first. Then each message is also copied to the host. */
  retained?: boolean
}

/**
 * Both a source and a sink: `connect(actor, topic)` lets a ring kernel publish, `connect(topic, actor)` subscribes one. Between them the messages go straight
 * from ring kernel to ring kernel.
 */
export interface Topic<M extends Schema = Schema> extends Source<M>, Sink<M> {
  readonly name: string
  readonly retained: boolean
}

const made = new WeakSet<object>()
const topics = new Map<string, Topic>()

/**
 * Names a topic. Levels of a name are separated by `/`, so that the host may listen to many: `runtime.messages('sensors/+/temperature')`.
 *
 * @throws TypeError when the name cannot be one, or the schema is none.
 * @example
 * const readings = topic('sensors/hall/temperature', Reading)
 * await runtime.connect(thermometer, readings)
 * await runtime.connect(readings, alarm)
 * for await (const reading of runtime.messages(readings)) console.log(reading.celsius)
 */
export function topic<M extends Schema>(name: string, schema: M, options: TopicOptions = {}): Topic<M> {
  const where = `topic(${inspect(name)})`
  if (typeof name !== 'string' || name === '') throw new TypeError("topic() needs a name and a schema: topic('sensors/hall', Reading)")
  if (name.split('/').some((level) => level === '')) throw new TypeError(`${where}: between, before and after each / there must be something`)
  if (/[+#]/.test(name)) throw new TypeError(`${where}: + and # stand for many names in patterns, so a topic's own name cannot have them`)
  if (!isSchema(schema)) throw new TypeError(`${where} needs a schema of its messages, a struct() or message(), but was given ${inspect(schema, { depth: 0 })}`)
  for (const key of Object.keys(options)) if (key !== 'retained') throw new TypeError(`${where}: there is no option '${key}'; there is retained`)
  if (options.retained !== undefined && typeof options.retained !== 'boolean') throw new TypeError(`${where}: retained must be true or false, but is ${inspect(options.retained)}`)
  const result: Topic<M> = Object.freeze({ name, input: schema, output: schema, retained: options.retained ?? false })
  made.add(result)
  topics.set(name, result)
  return result
}

export function isTopic(value: unknown): value is Topic { return typeof value === 'object' && value !== null && made.has(value) }

/** The latest topic of this name. */
export function topicNamed(name: string): Topic | undefined { return topics.get(name) }
export function topicNames(): readonly string[] { return [...topics.keys()] }

/** @throws TypeError that names the nearest of `known`. */
export function unknownName(call: string, wanted: string, known: readonly string[]): TypeError {
  const near = nearestName(wanted, known)
  return new TypeError(`${call}: there is no ring kernel and no topic named '${wanted}' in this runtime${near === undefined ? `; there ${known.length === 1 ? 'is' : 'are'} ${known.length === 0 ? 'none' : known.join(', ')}` : `. Did you mean '${near}'?`}`)
}

/** Does `pattern` stand for many names? */
export function isPattern(pattern: string): boolean { return /[+#]/.test(pattern) }

/**
 * A test for names, as MQTT has it: `+` is any one level, `#` at the end is all levels that follow, none too.
 *
 * @throws TypeError when a wildcard stands where it cannot.
 */
export function matcher(pattern: string): (name: string) => boolean {
  const levels = pattern.split('/')
  for (const [i, level] of levels.entries()) {
    if (level === '' || (/[+#]/.test(level) && level.length > 1) || (level === '#' && i < levels.length - 1)) {
      throw new TypeError(`messages(${inspect(pattern)}): + stands for one whole level and # for all that follow, so # can only be last: 'sensors/+/temperature', 'sensors/#'`)
    }
  }
  const isOpen = levels.at(-1) === '#'
  const fixed = isOpen ? levels.slice(0, -1) : levels
  return (name) => {
    const own = name.split('/')
    if (isOpen ? own.length < fixed.length : own.length !== fixed.length) return false
    return fixed.every((level, i) => level === '+' || level === own[i])
  }
}
