// The shapes of schemas and what they mean to the type checker. Types only.

import type { Bool, Scalar } from './scalars.js'

/** One number, bigint or boolean. */
export type ScalarElement = Scalar<any, any> | Bool
/** What an array may hold at its innermost. */
export type Element = Scalar<any, any> | Bool | Struct<any>
/** What a struct's field may be. */
export type Field = Element | ArrayOf<any>
/** What a ring may carry. */
export type Schema = Struct<any> | Message<any>
export type Fields = Record<string, Field>
export type Elements = Record<string, Element>
export type Schemas = Record<string, Schema>

/** A fixed-length array field, made by `array()`. */
export interface ArrayOf<E> {
  readonly kind: 'array'
  readonly element: E
  /** In elements, at least 1. */
  readonly length: number
}

/** A record with a C layout, made by `struct()`. */
export interface Struct<F> {
  readonly kind: 'struct'
  readonly name: string
  readonly fields: F
  /** Size with padding, as C's `sizeof`. */
  readonly bytes: number
}

/** Any structured value, made by `message()`. */
export interface Message<T> {
  readonly kind: 'message'
  readonly name: string
  readonly validator?: StandardSchema<T>
  readonly _message?: T
}

/** What a Standard Schema validator answers (https://standardschema.dev). */
export type StandardResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined }[] }

/** Any validator that follows Standard Schema version 1: zod, valibot, arktype … */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<T> | Promise<StandardResult<T>>
    readonly types?: { readonly output: T } | undefined
  }
}

/** What a schema reads as: arrays of scalars as TypedArrays, arrays of structs as arrays of objects. */
export type Infer<S> = S extends Message<infer T> ? T : S extends Struct<infer F> ? { [K in keyof F]: Infer<F[K]> }
  : S extends ArrayOf<infer E> ? InferArray<E> : S extends { readonly _value?: infer V } ? V : never
type InferArray<E> = E extends { readonly dtype: string; readonly _array?: infer A } ? NonNullable<A> : Infer<E>[]

/** What may be written to a schema: arrays and TypedArrays alike. Whatever `Infer` reads may be written back. */
export type Init<S> = S extends Message<infer T> ? T : S extends Struct<infer F> ? { readonly [K in keyof F]: Init<F[K]> }
  : S extends ArrayOf<infer E> ? ArrayLike<E extends Bool ? boolean | number : Init<E>> : S extends { readonly _value?: infer V } ? V : never

/** One TypedArray of the field's own type a leaf; count × length elements for an array field. */
export type Columns<S> = S extends Struct<infer F> ? { [K in keyof F]: Columns<F[K]> }
  : S extends ArrayOf<infer E> ? Columns<E> : S extends { readonly _array?: infer A } ? NonNullable<A> : never
