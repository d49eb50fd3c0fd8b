// What an expression of a body is while it is compiled: a number, an aggregate in memory, a function, something that only the compiler knows. Shapes only.
import type typescript from 'typescript'
import type { Expr, Place } from '../ir.js'
import type { Scope } from './scope.js'

export interface NumberValue { readonly kind: 'number'; /** f64. */ readonly expr: Expr }
export interface BooleanValue { readonly kind: 'boolean'; /** bool. */ readonly expr: Expr }
/** A bigint within 64 bits; `wide` ones are only known modulo 2⁶⁴ (then u64), until they are wrapped. */
export interface BigIntValue { readonly kind: 'bigint'; readonly expr: Expr; readonly wide: boolean }
/** A bigint known when compiling, of any size. */
export interface BigIntConstant { readonly kind: 'bigint-constant'; readonly value: bigint }
export type ScalarValue = NumberValue | BooleanValue | BigIntValue | BigIntConstant

/** A struct or an array in memory. */
export interface AggregateValue {
  readonly kind: 'aggregate'
  readonly place: Place
  /** Part of the array only: what `subarray` gives. */
  readonly window?: { readonly start: number; readonly length: number } | undefined
  /** Nobody else refers to it yet. */
  readonly fresh: boolean
  /** How the user wrote it, for sentences. */
  readonly text: string
}

/** An object whose fields are values known by name: a literal, or a variable that holds one (then its scalars are locals). */
export interface RecordValue {
  readonly kind: 'record'
  readonly fields: Map<string, Value>
  /** A number for one that variables hold; a literal has none yet. */
  readonly identity: number | undefined
}

/** An array literal that is not in memory yet. */
export interface ListValue { readonly kind: 'list'; readonly items: readonly Value[] }

/** Something or undefined, told by `present`. */
export interface OptionalValue { readonly kind: 'optional'; readonly present: Expr; readonly value: Value; readonly text: string }

export type FunctionNode = typescript.ArrowFunction | typescript.FunctionExpression | typescript.FunctionDeclaration | typescript.MethodDeclaration
export interface FunctionValue { readonly kind: 'function'; readonly node: FunctionNode; readonly scope: Scope; readonly name: string }

export type ContextPart = 'context' | 'ports' | 'buffers' | 'arguments'

export type Value =
  | ScalarValue | AggregateValue | RecordValue | ListValue | OptionalValue | FunctionValue
  | { readonly kind: 'undefined' | 'null' | 'poison' }
  /** Strings live while compiling only: in logs, errors and comparisons of constants. */
  | { readonly kind: 'string'; readonly text: string }
  /** `Math`, `Float32Array`, `console` … */
  | { readonly kind: 'global'; readonly name: string }
  /** An export of ringlab, such as `f32`. */
  | { readonly kind: 'ringlab'; readonly name: string }
  | { readonly kind: 'schema' }
  /** A captured object of which members are captured one by one. */
  | { readonly kind: 'captured'; readonly entries: ReadonlyMap<string, number>; readonly isArray: boolean; readonly text: string }
  /** Captured data. */
  | { readonly kind: 'raw'; readonly value: object; readonly text: string }
  | { readonly kind: 'part'; readonly part: ContextPart }
  | { readonly kind: 'port'; readonly port: number }
  /** A member that can only be called. */
  | { readonly kind: 'method'; readonly of: Value; readonly name: string }
  | { readonly kind: 'error'; readonly name: string; readonly text: string; readonly value: Expr | undefined }

export const poison: Value = { kind: 'poison' }

export function isScalar(value: Value): value is ScalarValue {
  return value.kind === 'number' || value.kind === 'boolean' || value.kind === 'bigint' || value.kind === 'bigint-constant'
}

/** What a value is called in sentences. */
export function wordsOf(value: Value): string {
  switch (value.kind) {
    case 'number': return 'a number'
    case 'boolean': return 'a boolean'
    case 'bigint': case 'bigint-constant': return 'a bigint'
    case 'aggregate': return value.place.layout.kind === 'array' ? 'an array' : 'an object'
    case 'record': case 'captured': return 'an object'
    case 'list': return 'an array'
    case 'raw': return Array.isArray(value.value) || ArrayBuffer.isView(value.value) ? 'an array' : 'an object'
    case 'optional': return `${wordsOf(value.value)} or undefined`
    case 'function': case 'method': return 'a function'
    case 'undefined': return 'undefined'
    case 'null': return 'null'
    case 'poison': return 'nothing'
    case 'string': return 'a string'
    case 'global': case 'ringlab': return `\`${value.name}\``
    case 'schema': return 'a schema'
    case 'part': return `ctx${value.part === 'context' ? '' : `.${value.part}`}`
    case 'port': return 'a port'
    case 'error': return 'an Error'
  }
}
