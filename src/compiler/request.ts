// What is asked of the compiler: one captured body and the schemas of everything it may touch. Plain data. Shapes only.
import type { SchemaText } from '../schema/index.js'
import type { CapturedBody } from '../source/index.js'

/** An element of a buffer: a struct, or a scalar by its storage type. */
export type ElementText = Extract<SchemaText, { kind: 'struct' }>['fields'][number][1]

export interface CompileRequest {
  readonly name: string
  readonly body: CapturedBody
  readonly input: SchemaText
  readonly output: SchemaText | undefined
  readonly ports: Readonly<Record<string, SchemaText>>
  /** A struct named State. */
  readonly state: SchemaText | undefined
  readonly buffers: Readonly<Record<string, ElementText>>
  /** One-shot kernels: the scalar arguments, as a struct. */
  readonly arguments?: SchemaText
  readonly form: 'ring-kernel' | 'one-shot'
  readonly parallel: 'messages' | undefined
  readonly math: 'exact' | 'fast'
}
