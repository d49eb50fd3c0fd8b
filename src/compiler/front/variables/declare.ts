// Declaring variables: a number becomes a local, an aggregate an alias of its place, an aggregate that is assigned later a cell that is copied into.
import type typescript from 'typescript'
import { materialise } from '../aggregates/convert.js'
import { bits, booleanValue, fittingRepr, numberValue, wrapped } from '../coerce.js'
import { no, yes } from '../expr.js'
import type { Lowering } from '../lowering.js'
import type { Binding } from '../scope.js'
import { frozen } from '../settle.js'
import { poison, type BigIntConstant, type BigIntValue, type Value } from '../value.js'
import { copyToCell, emptyCell, isOfCell, makeCell, makeRecord } from './cells.js'

export interface Declaration {
  readonly name: typescript.Identifier
  /** A `const`; else it may be assigned. */
  readonly constant: boolean
  /** A parameter may be another name of a variable that copies: the call is over before that changes. */
  readonly parameter: boolean
}

/** Declares `name` in the current scope. */
export function declare(t: Lowering, declaration: Declaration, value: Value): void {
  t.scope.names.set(declaration.name.text, bindingOf(t, declaration, value))
}

function bindingOf(t: Lowering, declaration: Declaration, value: Value): Binding {
  const { name, constant } = declaration
  const assigned = !constant && t.facts.assigned.has(name)
  const fixed = (of: Value): Binding => ({ kind: 'value', value: of, declaration: name, constant })
  switch (value.kind) {
    case 'number': case 'boolean': {
      if (assigned) return assignedScalar(t, name, value)
      if (value.expr.op === 'constant') return fixed(value)
      const local = namedLocal(t, name, value.expr)
      return fixed(value.kind === 'number' ? numberValue(t.builder.read(local)) : booleanValue(t.builder.read(local)))
    }
    case 'bigint-constant': return assigned ? assignedScalar(t, name, value) : fixed(value)
    case 'bigint': return assigned ? assignedScalar(t, name, value) : fixed({ ...value, expr: t.builder.read(namedLocal(t, name, value.expr)) })
    case 'undefined': return assigned ? withoutValue(t, name) : fixed(value)
    case 'optional': return optionalBinding(t, declaration, value, assigned)
    case 'aggregate': case 'record': case 'list': return assigned ? makeCell(t, name, value) : fixed(alias(t, declaration, value))
    default: return fixed(value)
  }
}

function namedLocal(t: Lowering, name: typescript.Identifier, value: Parameters<typeof t.builder.set>[1]): number {
  const local = t.builder.local(name.text, value.repr)
  t.builder.set(local, value)
  return local
}

function assignedScalar(t: Lowering, name: typescript.Identifier, value: Extract<Value, { kind: 'number' | 'boolean' }> | BigIntValue | BigIntConstant): Binding {
  const { builder } = t
  const present = t.facts.optional.has(name) ? builder.local(`${name.text} is there`, 'bool') : undefined
  if (present !== undefined) builder.set(present, yes)
  if (value.kind === 'number' || value.kind === 'boolean') return { kind: 'scalar', local: namedLocal(t, name, value.expr), type: value.kind, present, declaration: name }
  const learnt = t.facts.types.get(name)
  const repr = learnt === 'i64' || learnt === 'u64' ? learnt : value.kind === 'bigint-constant' ? fittingRepr(value.value) : undefined
  const expr = value.kind === 'bigint-constant' && repr !== undefined ? bits(value, repr) : wrapped(t, value, name)
  return expr ? { kind: 'scalar', local: namedLocal(t, name, expr), type: 'bigint', present, declaration: name } : { kind: 'value', value: poison, declaration: name, constant: false }
}

/** `let x` and `let x = undefined`: what it will hold is learnt from what is assigned. */
function withoutValue(t: Lowering, name: typescript.Identifier): Binding {
  const type = t.facts.types.get(name)
  const layout = t.facts.layouts.get(name)
  if (type === undefined && layout === undefined) return { kind: 'value', value: { kind: 'undefined' }, declaration: name, constant: false }
  const present = t.builder.local(`${name.text} is there`, 'bool')
  t.builder.set(present, no)
  if (layout !== undefined) return emptyCell(t, name, layout, present)
  const local = t.builder.local(name.text, type === 'number' ? 'f64' : type === 'boolean' ? 'bool' : type ?? 'f64')
  return { kind: 'scalar', local, type: type === 'i64' || type === 'u64' ? 'bigint' : type ?? 'number', present, declaration: name }
}

function optionalBinding(t: Lowering, declaration: Declaration, value: Extract<Value, { kind: 'optional' }>, assigned: boolean): Binding {
  const { name } = declaration
  if (!assigned) {
    const inner = bindingOf(t, declaration, value.value)
    const held = inner.kind === 'value' ? inner.value : value.value
    return { kind: 'value', value: { ...value, present: t.builder.temporary(value.present), value: held, text: name.text }, declaration: name, constant: declaration.constant }
  }
  t.facts.learn(t.facts.optional, name)
  const { value: inner } = value
  const binding = inner.kind === 'aggregate' || inner.kind === 'record' ? makeCell(t, name, inner) : bindingOf(t, declaration, inner)
  if ((binding.kind === 'cell' || binding.kind === 'scalar') && binding.present !== undefined) t.builder.set(binding.present, value.present)
  return binding
}

/** Another name of an aggregate: its indices are evaluated now. */
function alias(t: Lowering, declaration: Declaration, value: Extract<Value, { kind: 'aggregate' | 'record' | 'list' }>): Value {
  const { name } = declaration
  if (value.kind === 'list') {
    const made = materialise(t, value, name.text, name)
    return made ? { ...made, fresh: false } : poison
  }
  if (!declaration.parameter && isOfCell(t, value)) return copyToCell(t, name, value)
  if (value.kind === 'record') return value.identity === undefined ? makeRecord(t, name, value) : value
  const text = value.fresh || value.text === '' ? name.text : value.text
  return { ...value, place: frozen(t, value.place), fresh: false, text }
}
