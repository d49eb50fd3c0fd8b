// What is told of a message that faulted where the ring kernel goes on without it (`parallel: 'messages'`): one line, the same on every device.
import { inspect } from 'node:util'
import type { CompiledSite } from '../../compiler/compiled.js'
import { structCodec, type Fields, type Schema, type Struct } from '../../schema/index.js'
import { faultAt } from './fault-text.js'

/** Structured-clonable. `payload` is the message as it lay in its slot, without the envelope. */
export interface DeadLetter {
  readonly site: number
  readonly value: number | bigint | boolean | undefined
  readonly payload: Uint8Array
}

/** Characters of the message that the line shows. */
const MESSAGE_CHARACTERS_MAX = 200

/** The fault's sentence, its place, and the message: what a log needs to find out why. */
export function deadLetterLine(id: string, input: Schema, sites: readonly CompiledSite[], { site, value, payload }: DeadLetter): string {
  const { error, place } = faultAt(sites[site], value)
  const at = place === undefined ? '' : ` at ${place}`
  return `ring kernel '${id}' gave up a message and goes on: ${error.message} (in ring kernel '${id}'${at}); the message was ${messageText(input, payload)}`
}

function messageText(input: Schema, payload: Uint8Array): string {
  const message = structCodec(input as Struct<Fields>).bind(payload.buffer).read(payload.byteOffset)
  const text = `${input.name} ${inspect(message, { breakLength: Infinity, compact: true, maxArrayLength: 16, depth: 4 })}`
  return text.length <= MESSAGE_CHARACTERS_MAX ? text : `${text.slice(0, MESSAGE_CHARACTERS_MAX)}…`
}
