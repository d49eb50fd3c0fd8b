// Walking and rebuilding the tree: the parts of an expression, a place and a statement. Knows the shapes, and no analysis.
import type { Expr, Parallel, Place, Program, Statement, Step } from '../ir.js'

/** The expressions directly inside an expression, in the order they are evaluated. */
export function partsOf(e: Expr): readonly Expr[] {
  switch (e.op) {
    case 'load': return indicesOf(e.place)
    case 'negate': case 'complement': case 'not': case 'convert': case 'sqrt32': case 'clz32': return [e.value]
    case 'binary': case 'compare': case 'logical': return [e.left, e.right]
    case 'select': return [e.condition, e.then, e.otherwise]
    case 'math': return e.values
    case 'isIndex': return [e.value, e.length]
    case 'constant': case 'local': case 'bufferLength': case 'shouldTerminate': case 'nowNs': case 'envelope': return []
  }
}

/** The same expression with each part replaced. */
export function withParts(e: Expr, map: (part: Expr) => Expr): Expr {
  switch (e.op) {
    case 'load': return { ...e, place: withIndices(e.place, map) }
    case 'negate': case 'complement': case 'not': case 'convert': case 'sqrt32': case 'clz32': return { ...e, value: map(e.value) }
    case 'binary': case 'compare': case 'logical': return { ...e, left: map(e.left), right: map(e.right) }
    case 'select': return { ...e, condition: map(e.condition), then: map(e.then), otherwise: map(e.otherwise) }
    case 'math': return { ...e, values: e.values.map(map) }
    case 'isIndex': return { ...e, value: map(e.value), length: map(e.length) }
    case 'constant': case 'local': case 'bufferLength': case 'shouldTerminate': case 'nowNs': case 'envelope': return e
  }
}

/** The indices of a place. */
export function indicesOf(place: Place): readonly Expr[] {
  return place.steps.flatMap((step) => (step.kind === 'element' ? [step.index] : []))
}

/** The same place with each index replaced. */
export function withIndices(place: Place, map: (index: Expr) => Expr): Place {
  return { ...place, steps: place.steps.map((step): Step => (step.kind === 'element' ? { ...step, index: map(step.index) } : step)) }
}

/** The expressions directly inside a statement, those of its places included; nested statements are `listsOf`. */
export function expressionsOf(s: Statement): readonly Expr[] {
  switch (s.kind) {
    case 'set': return [s.value]
    case 'store': return [...indicesOf(s.place), s.value]
    case 'copy': return [...indicesOf(s.to), ...indicesOf(s.from)]
    case 'clear': return indicesOf(s.place)
    case 'if': case 'loop': return [s.condition]
    case 'guard': return s.value ? [s.condition, s.value] : [s.condition]
    case 'log': return s.values
    case 'emit': return [s.correlationId, s.priority, s.timeToLiveMs].filter((e) => e !== undefined)
    case 'each': return [s.count]
    case 'reduce': return [s.count, s.initial]
    case 'atomic': return [...indicesOf(s.place), s.value, ...(s.expected ? [s.expected] : [])]
    case 'block': case 'break': case 'continue': case 'fault': case 'receive': case 'tryReceive': case 'reserve': return []
  }
}

/** The lists of statements directly inside a statement. */
export function listsOf(s: Statement): readonly (readonly Statement[])[] {
  switch (s.kind) {
    case 'if': return [s.then, s.otherwise]
    case 'loop': return [s.body, s.update]
    case 'block': return [s.body]
    case 'emit': return [s.stores]
    default: return []
  }
}

/** The same statement with its expressions and its lists replaced. */
export function withInside(s: Statement, map: (e: Expr) => Expr, list: (statements: readonly Statement[]) => readonly Statement[]): Statement {
  switch (s.kind) {
    case 'set': return { ...s, value: map(s.value) }
    case 'store': return { ...s, place: withIndices(s.place, map), value: map(s.value) }
    case 'copy': return { ...s, to: withIndices(s.to, map), from: withIndices(s.from, map) }
    case 'clear': return { ...s, place: withIndices(s.place, map) }
    case 'if': return { ...s, condition: map(s.condition), then: list(s.then), otherwise: list(s.otherwise) }
    case 'loop': return { ...s, condition: map(s.condition), body: list(s.body), update: list(s.update) }
    case 'block': return { ...s, body: list(s.body) }
    case 'guard': return { ...s, condition: map(s.condition), value: s.value && map(s.value) }
    case 'log': return { ...s, values: s.values.map(map) }
    case 'emit': return { ...s, stores: list(s.stores), correlationId: s.correlationId && map(s.correlationId), priority: s.priority && map(s.priority), timeToLiveMs: s.timeToLiveMs && map(s.timeToLiveMs) }
    case 'each': return { ...s, count: map(s.count) }
    case 'reduce': return { ...s, count: map(s.count), initial: map(s.initial) }
    case 'atomic': return { ...s, place: withIndices(s.place, map), value: map(s.value), expected: s.expected && map(s.expected) }
    case 'break': case 'continue': case 'fault': case 'receive': case 'tryReceive': case 'reserve': return s
  }
}

/** Every statement of a list, nested ones too, each before those inside it. Bodies of parallels are not inside. */
export function* statementsIn(list: readonly Statement[]): Generator<Statement> {
  for (const s of list) {
    yield s
    for (const inner of listsOf(s)) yield* statementsIn(inner)
  }
}

/** An expression and every expression inside it. */
export function* expressionsIn(e: Expr): Generator<Expr> {
  yield e
  for (const part of partsOf(e)) yield* expressionsIn(part)
}

/** Places a statement writes. */
export function writesOf(s: Statement): readonly Place[] {
  switch (s.kind) {
    case 'store': case 'clear': case 'atomic': return [s.place]
    case 'copy': return [s.to]
    default: return []
  }
}

/** The lists of statements of a program: its body, and those of its parallels. */
export function* rootsOf(program: Program): Generator<readonly Statement[]> {
  yield program.body
  for (const parallel of program.parallels) {
    yield parallel.body
    if (parallel.combine) yield parallel.combine.body
  }
}

/** The expressions of a parallel that stand in no statement. */
export function looseExpressionsOf(parallel: Parallel): readonly Expr[] {
  return [parallel.value, parallel.combine?.value].filter((e) => e !== undefined)
}

/** The program with every list of statements and every loose expression of its parallels replaced. */
export function withRoots(program: Program, list: (statements: readonly Statement[]) => readonly Statement[], map: (e: Expr) => Expr = (e) => e): Program {
  const parallels = program.parallels.map((parallel): Parallel => ({
    ...parallel, body: list(parallel.body), value: parallel.value && map(parallel.value),
    combine: parallel.combine && { ...parallel.combine, body: list(parallel.combine.body), value: map(parallel.combine.value) },
  }))
  return { ...program, body: list(program.body), parallels }
}
