// What a captured body is: plain, structured-clonable data that a worker thread or a compiler can hold. Types and the error only.

import type { SchemaText } from '../schema/describe.js'

/** Any function, whatever it takes. */
export type AnyFunction = (...values: never[]) => unknown

/** A body with everything it reads from around it, by value. Structured-clonable: post it to a worker, or keep it. */
export interface CapturedBody {
  /** JavaScript of the body, types stripped: a function expression, or `{ onMessage … }` for a handler object. */
  readonly text: string
  /** What the body itself reads from around it. */
  readonly captures: readonly Capture[]
  /** The body's node: a function, or an object of functions. */
  readonly root: number
  /** Every captured value once, so that shared and recursive ones stay so; `node` fields are indices into it. */
  readonly nodes: readonly CapturedNode[]
  /** The file or cell that holds the body. Lines and columns count from 1. */
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A name that a function reads from around it. */
export interface Capture {
  readonly name: string
  readonly kind: CapturedNode['kind']
  readonly node: number
}

export type CapturedNode =
  | { readonly kind: 'value'; readonly value: unknown }
  | CapturedFunction
  /** An export of ringlab, such as `f32`. */
  | { readonly kind: 'ringlab'; readonly name: string }
  | { readonly kind: 'schema'; readonly schema: SchemaText }
  /** A plain object, namespace or array that holds functions, or of which only these members are read. */
  | { readonly kind: 'object'; readonly array: boolean; readonly entries: readonly (readonly [string, number])[] }

export interface CapturedFunction {
  readonly kind: 'function'
  /** A function expression, or a method as it stands in its object literal (`form`). */
  readonly text: string
  readonly form: 'expression' | 'method'
  /** The name of a method, which its expression is read by. */
  readonly method: string
  readonly captures: readonly Capture[]
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A body that cannot be captured. `variable` is what stands in the way. */
export class CaptureError extends Error {
  declare readonly name: 'CaptureError'
  declare readonly ringKernel: string
  declare readonly variable: string

  constructor(ringKernel: string, variable: string, why: string) {
    super(`The body of ringKernel '${ringKernel}' cannot leave this thread: ${why} Or run it on the host with { device: 'host' }, where any async body works.`)
    // The sentence says them already: printing an error does not list them again.
    Object.defineProperties(this, { name: { value: 'CaptureError' }, ringKernel: { value: ringKernel }, variable: { value: variable } })
  }
}
