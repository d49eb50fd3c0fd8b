// Small programs in the compiler's own representation, written by hand: what the front end would make of the bodies in the comments, and nothing of the front end.
import { layoutOf, struct, u32, f32, array, type StructLayout } from '#ringlab/schema/index.js'
import type { Expr, Local, Place, Program, Repr, Statement } from '#ringlab/compiler/ir.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'

export const Value = struct('Value', { v: u32 })
export const Pair = struct('Pair', { v: u32, served: u32 })
export const Numbers = struct('Numbers', { id: u32, values: array(f32, 8) })
const where = { file: 0, line: 1, column: 1, length: 1 }

export const local = (index: number, repr: Repr = 'u32'): Expr => ({ op: 'local', repr, local: index })
export const constant = (value: number | bigint | boolean, repr: Repr = 'u32'): Expr => ({ op: 'constant', repr, value })
export const set = (index: number, value: Expr): Statement => ({ kind: 'set', local: index, value })
export const add = (left: Expr, right: Expr, repr: Repr = 'u32'): Expr => ({ op: 'binary', repr, name: 'add', left, right })
export const field = (base: Place['base'], layout: StructLayout, name: string): Place => {
  const found = layout.fields.find((each) => each.name === name)
  if (found === undefined) throw new Error(`no field ${name}`)
  return { base, steps: [{ kind: 'field', name, offset: found.offset }], layout: found.layout }
}
export const element = (place: Place, index: Expr): Place => {
  if (place.layout.kind !== 'array') throw new Error('no array')
  return { base: place.base, steps: [...place.steps, { kind: 'element', index, stride: place.layout.element.bytes }], layout: place.layout.element }
}
export const load = (place: Place, repr: Repr = 'u32'): Expr => ({ op: 'load', repr, place })
export const store = (place: Place, value: Expr): Statement => ({ kind: 'store', place, dtype: place.layout.kind === 'scalar' ? place.layout.dtype : 'u32', value })
export const always = constant(true, 'bool')
export const loop = (label: number, body: readonly Statement[], condition: Expr = always, update: readonly Statement[] = [], fuel = true): Statement => (
  { kind: 'loop', label, condition, test: 'before', body, update, trips: undefined, fuel })
export const fault = (text: string): Program['sites'][number] => ({ kind: 'fault', text, at: where })

const pair = layoutOf(Pair)
const value = layoutOf(Value)

/** A program with the parts that hand-written ones rarely differ in. */
export function program(parts: Partial<Program> & Pick<Program, 'name' | 'body'>): Program {
  return runPasses({
    form: 'loop', files: ['hand.ts'], input: value, ports: [{ name: 'output', layout: pair, emitsMax: undefined }], state: undefined, arguments: undefined,
    buffers: [], locals: [], regions: [], messages: [{ name: 'request', region: undefined }], tables: [], constants: new Uint8Array(0), parallels: [], sites: [],
    points: 0, frameBytes: 0, math: 'exact', ...parts,
  }, (finding) => { throw new Error(JSON.stringify(finding)) })
}

const request = field({ kind: 'message', message: 0 }, value, 'v')
const answer = (v: Expr, served: Expr): Statement => ({
  kind: 'emit', port: 0, correlationId: undefined, priority: undefined,
  stores: [store(field({ kind: 'out' }, pair, 'v'), v), store(field({ kind: 'out' }, pair, 'served'), served)],
})
const served: Local = { name: 'served', repr: 'u32' }
const i: Local = { name: 'i', repr: 'u32' }

/** `let served = 0; for (;;) { const request = await ctx.receive(); served++; await ctx.send({ v: request.v, served }) }` */
export const counting = program({
  name: 'counting', points: 2, locals: [served],
  body: [set(0, constant(0)), loop(0, [
    { kind: 'receive', point: 1, message: 0 },
    set(0, add(local(0), constant(1))),
    { kind: 'reserve', point: 2, port: 0, count: 1 },
    answer(load(request), local(0)),
  ])],
})

/**
 * Points in branches, in nested loops, in an update and behind one another:
 * `for (;;) { const request = await ctx.receive(); for (let i = 0; i < request.v % 4; i++) { if (i & 1) await send(i, served) else { served++; await send(v, served) } } … }`
 * with the update of the inner loop sending as well.
 */
export const branching = program({
  name: 'branching', points: 4, locals: [served, i],
  body: [set(0, constant(0)), loop(0, [
    { kind: 'receive', point: 1, message: 0 },
    set(1, constant(0)),
    loop(1, [
      set(0, add(local(0), constant(1))),
      {
        kind: 'if', condition: { op: 'compare', repr: 'bool', name: 'eq', left: { op: 'binary', repr: 'u32', name: 'and', left: local(1), right: constant(1) }, right: constant(1) },
        then: [{ kind: 'reserve', point: 2, port: 0, count: 1 }, answer(local(1), local(0))],
        otherwise: [set(0, add(local(0), constant(10))), { kind: 'reserve', point: 3, port: 0, count: 1 }, answer(load(request), local(0))],
      },
    ], { op: 'compare', repr: 'bool', name: 'lt', left: local(1), right: { op: 'binary', repr: 'u32', name: 'rem', left: load(request), right: constant(4) } },
    [set(1, add(local(1), constant(1))), { kind: 'reserve', point: 4, port: 0, count: 1 }, answer(add(constant(1000), local(1)), local(0))]),
  ])],
})

/** What `branching` answers, as its comment says it. */
export function branchingAnswers(inputs: readonly number[]): { v: number; served: number }[] {
  const answers: { v: number; served: number }[] = []
  let count = 0
  for (const v of inputs) {
    for (let at = 0; at < v % 4;) {
      count++
      if ((at & 1) === 1) answers.push({ v: at, served: count })
      else { count += 10; answers.push({ v, served: count }) }
      at++
      answers.push({ v: 1000 + at, served: count })
    }
  }
  return answers
}

/** `onMessage(request, ctx) { ctx.send({ v: request.v, served: ++n }); if (request.v === 13) throw new Error('thirteen {}'); while (request.v === 99) {} }` */
export const handling = program({
  name: 'handling', form: 'handler', points: 2, state: pair, sites: [fault('thirteen is no {}')],
  body: [
    { kind: 'reserve', point: 1, port: 0, count: 1 },
    { kind: 'receive', point: 2, message: 0 },
    store(field({ kind: 'state' }, pair, 'served'), add(load(field({ kind: 'state' }, pair, 'served')), constant(1))),
    answer(load(request), load(field({ kind: 'state' }, pair, 'served'))),
    { kind: 'guard', site: 0, value: load(request), condition: { op: 'compare', repr: 'bool', name: 'ne', left: load(request), right: constant(13) } },
    loop(0, [], { op: 'compare', repr: 'bool', name: 'eq', left: load(request), right: constant(99) }),
  ],
})

/** Looks for messages without waiting, and counts its looks; ends by itself after a message of 0. */
export const looking = program({
  name: 'looking', points: 2, locals: [served, { name: 'present', repr: 'bool' }],
  body: [set(0, constant(0)), loop(0, [
    set(0, add(local(0), constant(1))),
    { kind: 'tryReceive', point: 1, message: 0, present: 1 },
    {
      kind: 'if', condition: local(1, 'bool'), otherwise: [],
      then: [
        { kind: 'if', condition: { op: 'compare', repr: 'bool', name: 'eq', left: load(request), right: constant(0) }, then: [{ kind: 'break', label: 0 }], otherwise: [] },
        { kind: 'reserve', point: 2, port: 0, count: 1 }, answer(load(request), local(0)),
      ],
    },
  ])],
})

/** `let served = 0; for (;;) { const request = await receive(); served++; await send({ v: request.v, served }); for (let i = 0; i < 10000; i++) {}; await send({ v: i, served }) }` */
export const computing = program({
  name: 'computing', points: 3, locals: [served, i],
  body: [set(0, constant(0)), loop(0, [
    { kind: 'receive', point: 1, message: 0 },
    set(0, add(local(0), constant(1))),
    { kind: 'reserve', point: 2, port: 0, count: 1 }, answer(load(request), local(0)),
    set(1, constant(0)),
    loop(1, [set(1, add(local(1), constant(1)))], { op: 'compare', repr: 'bool', name: 'lt', left: local(1), right: constant(10_000) }),
    { kind: 'reserve', point: 3, port: 0, count: 1 }, answer(local(1), local(0)),
  ])],
})
