// Is a program what ir.ts says? Every representation, reference, label and suspension point. A fault here is the compiler's own, never the user's.
import type { Dtype } from '../../../schema/index.js'
import type { Parallel, Program, Repr, Statement } from '../../ir.js'
import { expressionsOf, rootsOf, statementsIn } from '../walk.js'
import { checkExpression, checkPlace } from './expressions.js'
import { loadedAs, sameLayout, type Scope } from './scope.js'

/** @throws Error that lists what is wrong, when something is. */
export function validate(program: Program): void {
  const faults = faultsOf(program)
  if (faults.length > 0) throw new Error(`The compiler made a wrong program of '${program.name}'; this is a defect of ringlab, please report it with the body: ${faults.slice(0, 8).join('; ')}`)
}

function faultsOf(program: Program): string[] {
  const faults: string[] = []
  const scope: Scope = { program, out: undefined, breaks: new Set(), continues: new Set(), wrong: (what) => { faults.push(what) } }
  checkList(program.body, scope)
  for (const parallel of program.parallels) checkParallel(parallel, scope)
  checkNumbers(program, scope)
  return faults
}

/** Labels name one statement each, and points run from 1 without a gap. */
function checkNumbers(program: Program, scope: Scope): void {
  const all = [...rootsOf(program)].flatMap((root) => [...statementsIn(root)])
  const labels = all.flatMap((s) => (s.kind === 'loop' || s.kind === 'block' ? [s.label] : []))
  if (new Set(labels).size !== labels.length) scope.wrong('a label stands at two statements')
  const points = all.flatMap((s) => ('point' in s ? [s.point] : [])).sort((a, b) => a - b)
  if (points.length !== program.points || points.some((point, i) => point !== i + 1)) scope.wrong(`suspension points are ${points.join(', ')} and the program says ${program.points}`)
  for (const { name, layout, offset } of program.tables) if (offset % 16 !== 0 || offset + layout.bytes > program.constants.length) scope.wrong(`table ${name} lies outside the constants`)
}

function checkParallel(parallel: Parallel, scope: Scope): void {
  checkList(parallel.body, scope)
  const { locals } = scope.program
  if (locals[parallel.index]?.repr !== 'u32') scope.wrong('the index of a parallel body is no u32')
  if ((parallel.kind === 'reduce') !== (parallel.value !== undefined && parallel.combine !== undefined)) scope.wrong(`${parallel.kind} with or without a value`)
  if (parallel.value) checkValue(parallel.value, 'f64', scope)
  if (!parallel.combine) return
  checkList(parallel.combine.body, scope)
  checkValue(parallel.combine.value, 'f64', scope)
  for (const local of [parallel.combine.left, parallel.combine.right]) if (locals[local]?.repr !== 'f64') scope.wrong('a fold is given what is no f64')
}

function checkList(list: readonly Statement[], scope: Scope): void {
  for (const s of list) {
    for (const e of expressionsOf(s)) checkExpression(e, scope)
    checkStatement(s, scope)
  }
}

function checkStatement(s: Statement, scope: Scope): void {
  switch (s.kind) {
    case 'set': checkSet(s.local, s.value.repr, scope); return
    case 'if':
      checkRepr('if', s.condition.repr, 'bool', scope)
      checkList(s.then, scope)
      checkList(s.otherwise, scope)
      return
    case 'loop': checkLoop(s, scope); return
    case 'block': checkList(s.body, { ...scope, breaks: new Set([...scope.breaks, s.label]) }); return
    case 'break': if (!scope.breaks.has(s.label)) scope.wrong(`break of ${s.label}, which is not around it`); return
    case 'continue': if (!scope.continues.has(s.label)) scope.wrong(`continue of ${s.label}, which is not around it`); return
    case 'guard': checkRepr('guard', s.condition.repr, 'bool', scope); checkFault(s.site, scope); return
    case 'fault': checkFault(s.site, scope); return
    case 'log': checkLog(s, scope); return
    case 'receive': case 'tryReceive':
      if (scope.program.messages[s.message] === undefined) scope.wrong(`message ${s.message} is not there`)
      if (s.kind === 'tryReceive') checkSet(s.present, 'bool', scope)
      return
    case 'reserve':
      if (scope.program.ports[s.port] === undefined || !Number.isInteger(s.count) || s.count < 0) scope.wrong(`reserve of ${s.count} at port ${s.port}`)
      return
    case 'emit': checkEmit(s, scope); return
    case 'each': case 'reduce': checkLaunch(s, scope); return
    case 'store': case 'copy': case 'clear': case 'atomic': checkWrite(s, scope); return
  }
}

function checkWrite(s: Extract<Statement, { kind: 'store' | 'copy' | 'clear' | 'atomic' }>, scope: Scope): void {
  if (s.kind === 'copy') {
    checkPlace(s.to, scope)
    checkPlace(s.from, scope)
    if (!sameLayout(s.to.layout, s.from.layout)) scope.wrong('copy between two layouts')
    return
  }
  checkPlace(s.place, scope)
  if (s.kind === 'clear') return
  if (s.place.layout.kind !== 'scalar' || s.place.layout.dtype !== s.dtype) scope.wrong(`${s.kind} of ${s.dtype} to what is none`)
  if (s.kind === 'store') {
    if (!storable(s.value.repr, s.dtype)) scope.wrong(`store of ${s.value.repr} as ${s.dtype}`)
    return
  }
  if (!['i32', 'u32', 'i64', 'u64'].includes(s.dtype)) scope.wrong(`atomic of ${s.dtype}`)
  for (const value of [s.value, ...(s.expected ? [s.expected] : [])]) checkRepr('atomic', value.repr, loadedAs[s.dtype], scope)
  if ((s.name === 'compareExchange') !== (s.expected !== undefined)) scope.wrong(`atomic ${s.name} with or without what it expects`)
  if (s.old !== undefined) checkSet(s.old, loadedAs[s.dtype], scope)
}

function storable(repr: Repr, dtype: Dtype): boolean {
  if (dtype === 'bool') return repr === 'bool'
  if (dtype === 'i64' || dtype === 'u64') return repr === 'i64' || repr === 'u64'
  return repr === 'f64' || repr === 'f32' || ((repr === 'i32' || repr === 'u32') && dtype !== 'f16' && dtype !== 'bf16')
}

function checkLoop(s: Extract<Statement, { kind: 'loop' }>, scope: Scope): void {
  checkRepr('loop', s.condition.repr, 'bool', scope)
  if (s.trips !== undefined && !(Number.isInteger(s.trips) && s.trips >= 0)) scope.wrong(`a loop of ${s.trips} rounds`)
  const breaks = new Set([...scope.breaks, s.label])
  checkList(s.body, { ...scope, breaks, continues: new Set([...scope.continues, s.label]) })
  checkList(s.update, { ...scope, breaks })
}

function checkLaunch(s: Extract<Statement, { kind: 'each' | 'reduce' }>, scope: Scope): void {
  if (scope.program.parallels[s.parallel]?.kind !== s.kind) scope.wrong(`${s.kind} of parallel ${s.parallel}, which is none`)
  checkRepr(`the count of ${s.kind}`, s.count.repr, 'u32', scope)
  if (s.kind === 'each') return
  checkSet(s.target, 'f64', scope)
  checkRepr('what a reduce begins with', s.initial.repr, 'f64', scope)
}

const insideEmit: readonly Statement['kind'][] = ['set', 'store', 'copy', 'clear', 'if', 'loop', 'block', 'break', 'continue']

function checkEmit(s: Extract<Statement, { kind: 'emit' }>, scope: Scope): void {
  const out = scope.program.ports[s.port]?.layout
  if (out === undefined) scope.wrong(`emit at port ${s.port}, which is not there`)
  checkList(s.stores, { ...scope, out, breaks: new Set(), continues: new Set() })
  for (const inner of statementsIn(s.stores)) if (!insideEmit.includes(inner.kind)) scope.wrong(`${inner.kind} inside emit`)
  if (s.correlationId) checkRepr('a correlation id', s.correlationId.repr, 'u64', scope)
  if (s.priority) checkRepr('a priority', s.priority.repr, 'u32', scope)
  if (s.timeToLiveMs) checkRepr('a time to live', s.timeToLiveMs.repr, 'u32', scope)
}

function checkLog(s: Extract<Statement, { kind: 'log' }>, scope: Scope): void {
  const site = scope.program.sites[s.site]
  const reprs = site?.kind === 'log' ? site.parts.flatMap((part) => (typeof part === 'string' ? [] : [part.repr])) : undefined
  if (reprs?.join() !== s.values.map((value) => value.repr).join()) scope.wrong(`log of ${s.values.map((value) => value.repr).join()} at a site for ${reprs?.join() ?? 'no log'}`)
}

function checkFault(site: number, scope: Scope): void {
  if (scope.program.sites[site]?.kind !== 'fault') scope.wrong(`site ${site} is no fault`)
}

function checkSet(local: number, repr: Repr, scope: Scope): void {
  const found = scope.program.locals[local]
  if (found?.repr !== repr) scope.wrong(`local ${local} is ${found?.repr ?? 'not there'}, set to ${repr}`)
}

function checkValue(e: Parameters<typeof checkExpression>[0], repr: Repr, scope: Scope): void {
  checkExpression(e, scope)
  checkRepr('a value', e.repr, repr, scope)
}

function checkRepr(what: string, given: Repr, asked: Repr, scope: Scope): void {
  if (given !== asked) scope.wrong(`${what} is ${given}, not ${asked}`)
}
