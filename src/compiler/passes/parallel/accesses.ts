// The memory that one round of a parallel body reads and writes: where it begins, and which bytes from there, by its own index.
import type { Expr, Parallel, Place, Program, Statement, Where } from '../../ir.js'
import { ownLocals } from '../frame.js'
import type { Flow } from '../ranges/flow.js'
import type { Known } from '../ranges/known.js'
import { layoutOfBase } from '../validate/expressions.js'
import { expressionsIn, expressionsOf, looseExpressionsOf, statementsIn, writesOf } from '../walk.js'
import { baseName, linearOf, type Inside, type Linear } from './linear.js'

export interface Access {
  readonly base: string
  /** `request.values`, for sentences. */
  readonly text: string
  /** Bytes from the base: from `min` to below `max`, beside scale × i and what is uniform. */
  readonly bytes: Linear
  /** All bytes from the base that it may touch in any round. */
  readonly span: readonly [number, number]
  readonly at: Where | undefined
  readonly atomic: Extract<Statement, { kind: 'atomic' }> | undefined
}

export interface Accesses { readonly reads: readonly Access[]; readonly writes: readonly Access[] }

export function accessesOf(parallel: Parallel, program: Program, flow: Flow): Accesses {
  const statements = [parallel.body, parallel.combine?.body ?? []].flatMap((list) => [...statementsIn(list)])
  const written = new Set(statements.flatMap((s) => writesOf(s).map((place) => baseName(place.base))))
  const inside: Inside = { index: parallel.index, own: ownLocals(parallel), once: setOnce(statements), flow, isWritten: (base) => written.has(base) }
  const access = (place: Place, known: Known, at: Where | undefined, atomic?: Access['atomic']): Access => (
    { base: baseName(place.base), text: textOf(place, program), bytes: bytesOf(place, known, inside), span: spanOf(place, known, program), at, atomic })
  const loads = (e: Expr, known: Known, at: Where | undefined): Access[] => [...expressionsIn(e)].flatMap((part) => (part.op === 'load' ? [access(part.place, known, at)] : []))
  // What no round ever comes to touches nothing, and there is nothing to judge it by.
  const reached = statements.flatMap((s) => { const known = flow.before.get(s); return known ? [{ s, known }] : [] })
  const reads = reached.flatMap(({ s, known }) => [...expressionsOf(s).flatMap((e) => loads(e, known, s.at)), ...(s.kind === 'copy' ? [access(s.from, known, s.at)] : [])])
  const values = flow.values.get(parallel)
  const loose = looseExpressionsOf(parallel).flatMap((e) => {
    const known = e === parallel.value ? values?.value : values?.combine
    return known ? loads(e, known, undefined) : []
  })
  const writes = reached.flatMap(({ s, known }) => writesOf(s).map((place) => access(place, known, s.at, s.kind === 'atomic' ? s : undefined)))
  return { reads: [...reads, ...loose], writes }
}

function setOnce(statements: readonly Statement[]): Map<number, Extract<Statement, { kind: 'set' }>> {
  const once = new Map<number, Extract<Statement, { kind: 'set' }>>()
  const more = new Set<number>()
  for (const s of statements) {
    if (s.kind === 'atomic' && s.old !== undefined) more.add(s.old)
    if (s.kind !== 'set') continue
    if (once.has(s.local)) more.add(s.local)
    once.set(s.local, s)
  }
  for (const local of more) once.delete(local)
  return once
}

function bytesOf(place: Place, known: Known, inside: Inside): Linear {
  let bytes: Linear = { scale: 0, min: 0, max: place.layout.bytes, uniform: [] }
  for (const step of place.steps) {
    if (step.kind === 'field') bytes = { ...bytes, min: bytes.min + step.offset, max: bytes.max + step.offset }
    else {
      const index = linearOf(step.index, known, inside)
      // A uniform part counts in units of its stride.
      const uniform = index.uniform.map((name) => `${step.stride} × ${name}`)
      bytes = { scale: bytes.scale + index.scale * step.stride, min: bytes.min + index.min * step.stride, max: bytes.max + index.max * step.stride, uniform: [...bytes.uniform, ...uniform].sort() }
    }
  }
  return bytes
}

/** An index is known to be in range, so an array is never left; how long a buffer is, is known at launch only. */
function spanOf(place: Place, known: Known, program: Program): readonly [number, number] {
  let layout = layoutOfBase(place.base, { program, out: undefined })
  let [from, to] = [0, place.layout.bytes]
  for (const [i, step] of place.steps.entries()) {
    if (step.kind === 'field') {
      [from, to] = [from + step.offset, to + step.offset]
      layout = layout?.kind === 'struct' ? layout.fields.find(({ name }) => name === step.name)?.layout : undefined
    } else {
      const { min, max } = known.rangeOf(step.index)
      const last = layout?.kind === 'array' && !(place.base.kind === 'buffer' && i === 0) ? layout.length - 1 : 2 ** 32 - 1;
      [from, to] = [from + Math.min(Math.max(0, min), last) * step.stride, to + Math.min(max, last) * step.stride]
      layout = layout?.kind === 'array' ? layout.element : undefined
    }
  }
  return [from, to]
}

/** As the user wrote it, as far as the program still knows. */
function textOf(place: Place, program: Program): string {
  const path = place.steps.map((step) => (step.kind === 'field' ? `.${step.name}` : '[…]')).join('')
  const { base } = place
  switch (base.kind) {
    case 'region': return `${program.regions[base.region]?.name ?? 'a local array'}${path}`
    case 'message': return `${program.messages[base.message]?.name ?? 'the message'}${path}`
    case 'buffer': return `${program.form === 'one-shot' ? '' : 'ctx.buffers.'}${program.buffers[base.buffer]?.name ?? ''}${path}`
    case 'state': return `ctx.state${path}`
    case 'table': return `${program.tables[base.table]?.name ?? 'a table'}${path}`
    case 'out': return `the output${path}`
    case 'arguments': return path.slice(1)
  }
}
