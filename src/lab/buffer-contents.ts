// Contents of unified buffers and arrays, copied into memory apart from them.
import { elementsOf, type Element } from '../schema/index.js'
import { lookInto, type UnifiedBuffer } from '../runtime/unified-buffer.js'

/** What `buffers` of a replay or a comparison may name. */
export type GivenBuffers = Readonly<Record<string, UnifiedBuffer | ArrayLike<unknown>>>

/** Elements in their C layout. */
export interface CopiedBuffer { readonly memory: SharedArrayBuffer; readonly offset: number; readonly count: number }

/** `call` begins the sentence of an error. @throws TypeError when `from` is neither, or its contents are not on the host. */
export function copied(call: string, element: Element, name: string, from: unknown): CopiedBuffer {
  const values = contents(from)
  if (values === undefined) throw new TypeError(`${call}: the buffer '${name}' must be an array, or a unified buffer whose contents are on the host (await ${name}.onHost() first)`)
  const memory = new SharedArrayBuffer(Math.ceil((values.length * element.bytes) / 16) * 16)
  const elements = elementsOf(element, memory, 0, values.length) as { [index: number]: unknown }
  for (let i = 0; i < values.length; i++) elements[i] = values[i]
  return { memory, offset: 0, count: values.length }
}

function contents(from: unknown): ArrayLike<unknown> | undefined {
  const look = lookInto(from)
  if (look !== undefined) return look.state === 'DEVICE_DIRTY' ? undefined : look.elements
  return typeof from === 'object' && from !== null && 'length' in from ? from as ArrayLike<unknown> : undefined
}
