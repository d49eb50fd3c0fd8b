// Is an expression well typed, and does every reference in it lead somewhere?
import type { Layout } from '../../../schema/index.js'
import type { Base, Expr, Place, Repr } from '../../ir.js'
import { partsOf } from '../walk.js'
import { integers, loadedAs, numbers, sameLayout, type Scope } from './scope.js'

export function checkExpression(e: Expr, scope: Scope): void {
  for (const part of partsOf(e)) checkExpression(part, scope)
  const wrong = expressionFault(e, scope)
  if (wrong !== undefined) scope.wrong(`${e.op}: ${wrong}`)
  if (e.op === 'load') checkPlace(e.place, scope)
}

export function checkPlace(place: Place, scope: Scope): void {
  let layout = layoutOfBase(place.base, scope)
  if (layout === undefined) {
    scope.wrong(`a place begins at ${place.base.kind}, which is not there`)
    return
  }
  for (const step of place.steps) {
    const next: Layout | undefined = step.kind === 'field'
      ? (layout.kind === 'struct' ? layout.fields.find(({ name, offset }) => name === step.name && offset === step.offset)?.layout : undefined)
      : (layout.kind === 'array' && layout.element.bytes === step.stride ? layout.element : undefined)
    if (step.kind === 'element' && step.index.repr !== 'u32') scope.wrong(`an index is ${step.index.repr}, not u32`)
    if (next === undefined) {
      scope.wrong(`a step ${step.kind === 'field' ? `.${step.name} at ${step.offset}` : `of stride ${step.stride}`} leads nowhere in a ${layout.kind}`)
      return
    }
    layout = next
  }
  if (!sameLayout(layout, place.layout)) scope.wrong(`a place says ${place.layout.kind} of ${place.layout.bytes} bytes and leads to ${layout.kind} of ${layout.bytes}`)
}

/** Elements of a buffer are an array of a length that is known at launch. */
export function layoutOfBase(base: Base, { program, out }: Pick<Scope, 'program' | 'out'>): Layout | undefined {
  switch (base.kind) {
    case 'region': return program.regions[base.region]?.layout
    case 'message': return program.messages[base.message] === undefined ? undefined : program.input
    case 'state': return program.state
    case 'buffer': {
      const element = program.buffers[base.buffer]?.element
      return element && { kind: 'array', element, length: 0, bytes: 0, align: element.align }
    }
    case 'table': return program.tables[base.table]?.layout
    case 'out': return out
    case 'arguments': return program.arguments
  }
}

function expressionFault(e: Expr, scope: Scope): string | undefined {
  switch (e.op) {
    case 'constant': return constantFits(e.repr, e.value) ? undefined : `${String(e.value)} is no ${e.repr}`
    case 'local': {
      const local = scope.program.locals[e.local]
      return local?.repr === e.repr ? undefined : `local ${e.local} is ${local?.repr ?? 'not there'}, read as ${e.repr}`
    }
    case 'load': return e.place.layout.kind !== 'scalar' ? 'of an aggregate' : loadedAs[e.place.layout.dtype] === e.repr ? undefined : `${e.place.layout.dtype} read as ${e.repr}`
    case 'negate': return all(numbers, e.repr, e.value)
    case 'complement': return all(integers, e.repr, e.value)
    case 'binary': return binaryFault(e)
    case 'compare': return e.left.repr !== e.right.repr ? `${e.left.repr} with ${e.right.repr}`
      : e.left.repr === 'bool' && e.name !== 'eq' && e.name !== 'ne' ? `${e.name} of bool` : undefined
    case 'not': return all(['bool'], 'bool', e.value)
    case 'logical': return all(['bool'], 'bool', e.left, e.right)
    case 'select': return e.condition.repr !== 'bool' ? `on ${e.condition.repr}` : all([e.repr], e.repr, e.then, e.otherwise)
    case 'convert': return convertible(e.value.repr, e.repr) ? undefined : `${e.value.repr} to ${e.repr}`
    case 'math': return e.values.length === arityOf(e.name, e.values.length) ? all(['f64'], 'f64', ...e.values) : `${e.name} of ${e.values.length} values`
    case 'sqrt32': return all(['f32'], 'f32', e.value)
    case 'clz32': return e.value.repr === 'u32' || e.value.repr === 'i32' ? undefined : `of ${e.value.repr}`
    case 'isIndex': return e.length.repr !== 'u32' ? `below ${e.length.repr}` : ['f64', 'f32', 'i32', 'u32'].includes(e.value.repr) ? undefined : `of ${e.value.repr}`
    case 'bufferLength': return scope.program.buffers[e.buffer] ? undefined : `buffer ${e.buffer} is not there`
    case 'envelope': return e.repr === (e.field === 'priority' || e.field === 'sender' || e.field === 'timeToLiveMs' ? 'u32' : 'u64') ? undefined : `${e.field} as ${e.repr}`
    case 'shouldTerminate': case 'nowNs': return undefined
  }
}

function binaryFault(e: Extract<Expr, { op: 'binary' }>): string | undefined {
  const { name, repr, left, right } = e
  if (name === 'shl' || name === 'shr') return !integers.includes(repr) || left.repr !== repr || right.repr !== 'u32' ? `${name} of ${left.repr} by ${right.repr} to ${repr}` : undefined
  if (name === 'and' || name === 'or' || name === 'xor') return all([...integers, 'bool'], repr, left, right)
  if (name === 'rem' && repr === 'f32') return 'rem of f32'
  return all(numbers, repr, left, right)
}

function all(allowed: readonly Repr[], repr: Repr, ...parts: readonly Expr[]): string | undefined {
  if (!allowed.includes(repr)) return `of ${repr}`
  return parts.every((part) => part.repr === repr) ? undefined : `${parts.map((part) => part.repr).join(', ')} to ${repr}`
}

/** How many values a function of mathematics takes, given how many there are. */
function arityOf(name: Extract<Expr, { op: 'math' }>['name'], given: number): number {
  if (name === 'min' || name === 'max' || name === 'hypot') return Math.max(1, given)
  return name === 'atan2' || name === 'pow' ? 2 : 1
}

/** 64 bits reach f32 by way of f64, as in JavaScript, where that rounds twice. */
function convertible(from: Repr, to: Repr): boolean {
  if (from === to || to === 'bool' || to === 'f64') return true
  if (to === 'f32') return !['i64', 'u64'].includes(from)
  if (to === 'i64' || to === 'u64') return from === 'f64' || integers.includes(from)
  return true
}

function constantFits(repr: Repr, value: number | bigint | boolean): boolean {
  switch (repr) {
    case 'bool': return typeof value === 'boolean'
    case 'i64': return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
    case 'u64': return typeof value === 'bigint' && BigInt.asUintN(64, value) === value
    case 'i32': return typeof value === 'number' && Object.is(value | 0, value)
    case 'u32': return typeof value === 'number' && Object.is(value >>> 0, value)
    case 'f32': return typeof value === 'number' && Object.is(Math.fround(value), value)
    case 'f64': return typeof value === 'number'
  }
}
