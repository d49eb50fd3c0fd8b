// Names and what they stand for. A scope is one block of one inlined function; nothing here makes code.
import type typescript from 'typescript'
import type { Value } from './value.js'

export type Binding =
  /** A constant, an alias, a function: what never changes. */
  | { readonly kind: 'value'; readonly value: Value; readonly declaration: typescript.Node | undefined; readonly constant: boolean }
  /** A number, boolean or bigint that may be assigned. */
  | { readonly kind: 'scalar'; readonly local: number; readonly type: 'number' | 'boolean' | 'bigint'; readonly present: number | undefined; readonly declaration: typescript.Node }
  /** A variable that holds one aggregate after another: assigning copies. */
  | { readonly kind: 'cell'; readonly value: Value; readonly present: number | undefined; readonly declaration: typescript.Node }
  /** Declared further down. */
  | { readonly kind: 'ahead' }

/** Answers names that no scope holds: what a function captured, and globals. */
export type Outside = (name: string) => Value | undefined

export class Scope {
  readonly names = new Map<string, Binding>()

  constructor(readonly outer: Scope | undefined, private readonly outside?: Outside) {}

  find(name: string): Binding | undefined {
    const binding = this.names.get(name)
    if (binding) return binding
    const value = this.outside?.(name)
    return value ? { kind: 'value', value, declaration: undefined, constant: true } : this.outer?.find(name)
  }
}
