// Random programs of the typed representation, well typed and as a front end writes them: every number f64, every index guarded, conversions all over.
import { layoutOf, array, bool, f16, f32, f64, i16, i32, i64, i8, struct, u16, u32, u64, u8 } from '#ringlab/schema/index.js'
import type { Layout } from '../../src/schema/index.js'
import type { BinaryName, Expr, Local, MathName, Place, Program, Repr, Site, Statement } from '../../src/compiler/ir.js'

export type Random = () => number

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const fields = { a: u8, b: i8, c: u16, d: i16, e: u32, f: i32, g: f32, h: f64, i: i64, j: u64, k: bool, l: f16, values: array(f32, 8), ints: array(i32, 5) } as const
const input = layoutOf(struct('Input', fields))
const output = layoutOf(struct('Output', fields))
const state = layoutOf(struct('State', fields))
const numberFields = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'l'] as const
const reprOf = { a: 'u32', b: 'i32', c: 'u32', d: 'i32', e: 'u32', f: 'i32', g: 'f32', h: 'f64', l: 'f32' } as const
const specials = [0, -0, 1, -1, 2, 3, 0.5, -0.5, 7, 10, 255, 256, 65_535, 2 ** 24, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 53, 1e308, NaN, Infinity, -Infinity, 0.1]
const binaries: readonly BinaryName[] = ['add', 'add', 'sub', 'sub', 'mul', 'mul', 'div', 'rem']
const unaries: readonly MathName[] = ['floor', 'ceil', 'trunc', 'round', 'abs', 'sqrt', 'sign']
const compares = ['lt', 'le', 'gt', 'ge', 'eq', 'ne'] as const

/** A program and messages for it. */
export function randomProgram(random: Random): Program {
  return new Maker(random).program()
}

export function randomPayload(random: Random): Uint8Array {
  const bytes = new Uint8Array(input.bytes)
  for (let i = 0; i < bytes.length; i++) bytes[i] = random() < 0.3 ? 0 : random() * 256
  // Fractions and integers that are not far apart, beside the raw bits.
  const view = new DataView(bytes.buffer)
  const put = (name: string, write: (at: number) => void): void => { if (random() < 0.7) write(input.fields.find((field) => field.name === name)?.offset ?? 0) }
  put('h', (at) => view.setFloat64(at, specials[Math.floor(random() * specials.length)] ?? 0, true))
  put('g', (at) => view.setFloat32(at, Math.fround(random() * 16 - 8), true))
  put('f', (at) => view.setInt32(at, Math.floor(random() * 20 - 10), true))
  put('e', (at) => view.setUint32(at, Math.floor(random() * 20), true))
  put('k', (at) => view.setUint8(at, random() < 0.5 ? 1 : 0))
  return bytes
}

class Maker {
  private readonly locals: Local[] = []
  private readonly sites: Site[] = []
  private readonly set = new Set<number>()
  private readonly messages: { name: string; region: number | undefined }[] = []
  private readonly received = new Set<number>()
  private points = 0
  private labels = 0
  private readonly loops: number[] = []

  constructor(private readonly random: Random) {}

  program(): Program {
    const local = (name: string, repr: Repr): number => this.locals.push({ name, repr }) - 1
    const numbers = Array.from({ length: 5 }, (_, i) => local(`n${i}`, 'f64'))
    const first = this.messages.push({ name: 'm0', region: undefined }) - 1
    this.messages.push({ name: 'm1', region: undefined })
    const begin: Statement[] = numbers.map((n): Statement => { this.set.add(n); return { kind: 'set', local: n, value: this.constant(this.pick(specials)) } })
    begin.push({ kind: 'clear', place: { base: { kind: 'region', region: 0 }, steps: [], layout: state } })
    const label = this.labels++
    const receive: Statement = { kind: 'receive', point: ++this.points, message: first }
    this.received.add(first)
    this.loops.push(label)
    const inner = this.list(3, 6 + this.below(8))
    const body: Statement[] = [...begin, {
      kind: 'loop', label, condition: { op: 'not', repr: 'bool', value: { op: 'shouldTerminate', repr: 'bool' } }, test: 'before', trips: undefined, fuel: true, update: [],
      body: [receive, ...inner, ...this.emit()],
    }]
    return {
      name: 'random', form: 'loop', files: ['random.ts'], input, ports: [{ name: 'output', layout: output, emitsMax: undefined }], state, arguments: undefined, buffers: [], locals: this.locals,
      regions: [{ name: 'r0', layout: state, offset: 0 }], messages: this.messages, tables: [], constants: new Uint8Array(), parallels: [], sites: this.sites, body, points: this.points, frameBytes: 0, math: 'exact',
    }
  }

  private list(depth: number, count: number): Statement[] {
    const known = new Set(this.set)
    const list = Array.from({ length: count }, () => this.statement(depth)).flat()
    // What was set in here may not be set on every way to what follows.
    for (const local of this.set) if (!known.has(local)) this.set.delete(local)
    return list
  }

  private statement(depth: number): Statement[] {
    const roll = this.below(depth > 0 ? 14 : 7)
    if (roll < 4) {
      const value = this.number(3)
      return [{ kind: 'set', local: this.pick([...this.set].filter((l) => this.locals[l]?.repr === 'f64' && !this.locals[l].name.startsWith('count'))), value }]
    }
    if (roll < 6) return [this.store(this.random() < 0.5 ? { kind: 'state' } : { kind: 'region', region: 0 })]
    if (roll === 6) return this.guarded()
    if (roll < 9) return [{ kind: 'if', condition: this.condition(2), then: this.list(depth - 1, 1 + this.below(3)), otherwise: this.list(depth - 1, this.below(3)) }]
    if (roll < 11) return this.counted(depth)
    if (roll === 11) return this.emit()
    if (roll === 12) return this.take()
    const label = this.loops.at(-1) ?? 0
    return [{ kind: 'if', condition: this.condition(1), then: [{ kind: this.random() < 0.5 ? 'break' : 'continue', label }], otherwise: [] }]
  }

  /** `for (let i = from; i < to; i += step)`, up or down, its body free to leave early. */
  private counted(depth: number): Statement[] {
    const local = this.locals.push({ name: `count${this.locals.length}`, repr: 'f64' }) - 1
    const label = this.labels++
    const up = this.random() < 0.7
    const counter: Expr = { op: 'local', repr: 'f64', local }
    const bound = this.random() < 0.5 ? this.constant(this.below(12)) : this.asF64({ op: 'binary', repr: 'i32', name: 'and', left: { op: 'convert', repr: 'i32', value: this.number(1) }, right: { op: 'constant', repr: 'i32', value: 15 } })
    this.set.add(local)
    this.loops.push(label)
    const body = this.list(depth - 1, 1 + this.below(4))
    this.loops.pop()
    this.set.delete(local)
    const step = this.constant(this.random() < 0.8 ? 1 : 1 + this.below(3))
    return [
      { kind: 'set', local, value: up ? this.constant(this.below(4)) : bound },
      {
        kind: 'loop', label, test: this.random() < 0.85 ? 'before' : 'after', trips: undefined, fuel: true, body,
        condition: up ? { op: 'compare', repr: 'bool', name: this.pick(['lt', 'le']), left: counter, right: bound } : { op: 'compare', repr: 'bool', name: this.pick(['gt', 'ge']), left: counter, right: this.constant(0) },
        update: [{ kind: 'set', local, value: { op: 'binary', repr: 'f64', name: up ? 'add' : 'sub', left: counter, right: step } }],
      },
    ]
  }

  /** `values[index]` with its guard, read into a local. */
  private guarded(): Statement[] {
    const index = this.locals.push({ name: `t${this.locals.length}`, repr: 'f64' }) - 1
    const site = this.sites.push({ kind: 'fault', text: 'index {}', at: { file: 0, line: 1, column: 1, length: 1 } }) - 1
    const whole = this.random() < 0.5
    const field = this.pick([['values', 8, 'f32'], ['ints', 5, 'i32']] as const)
    const value: Expr = { op: 'local', repr: 'f64', local: index }
    const place = this.field(this.random() < 0.5 ? this.message() : { kind: 'state' }, field[0])
    const element: Place = { ...place, steps: [...place.steps, { kind: 'element', index: { op: 'convert', repr: 'u32', value }, stride: 4 }], layout: place.layout.kind === 'array' ? place.layout.element : place.layout }
    const target = this.pick([...this.set].filter((l) => this.locals[l]?.repr === 'f64' && !this.locals[l].name.startsWith('count')))
    return [
      { kind: 'set', local: index, value: whole ? this.asF64({ op: 'binary', repr: 'i32', name: 'and', left: { op: 'convert', repr: 'i32', value: this.number(1) }, right: { op: 'constant', repr: 'i32', value: 3 } }) : this.pickNumber() },
      { kind: 'guard', condition: { op: 'isIndex', repr: 'bool', value, length: { op: 'constant', repr: 'u32', value: field[1] } }, site, value },
      { kind: 'set', local: target, value: this.asF64({ op: 'load', repr: field[2], place: element }) },
    ]
  }

  private pickNumber(): Expr {
    const set = [...this.set].filter((l) => this.locals[l]?.repr === 'f64')
    return { op: 'local', repr: 'f64', local: this.pick(set) }
  }

  private store(base: Place['base']): Statement {
    const name = this.pick([...numberFields, 'k'] as const)
    const place = this.field(base, name)
    const dtype = place.layout.kind === 'scalar' ? place.layout.dtype : 'u8'
    return { kind: 'store', place, dtype, value: name === 'k' ? this.condition(2) : this.number(3) }
  }

  private emit(): Statement[] {
    const stores = Array.from({ length: 1 + this.below(4) }, () => this.store({ kind: 'out' }))
    const whole: Statement[] = this.random() < 0.3 ? [{ kind: 'copy', to: { base: { kind: 'out' }, steps: [], layout: output }, from: { base: this.random() < 0.5 ? this.message() : { kind: 'region', region: 0 }, steps: [], layout: input } }] : []
    return [{ kind: 'reserve', point: ++this.points, port: 0, count: 1 }, { kind: 'emit', port: 0, stores: [...whole, ...stores], correlationId: undefined, priority: undefined }]
  }

  private take(): Statement[] {
    const present = this.locals.push({ name: `present${this.locals.length}`, repr: 'bool' }) - 1
    const before = new Set(this.received)
    const point = ++this.points
    this.received.add(1)
    const then = this.list(1, 1 + this.below(3))
    this.received.clear()
    // Where none was there, the variable holds none: it may not be read on.
    for (const message of before) if (message !== 1) this.received.add(message)
    return [{ kind: 'tryReceive', point, message: 1, present }, { kind: 'if', condition: { op: 'local', repr: 'bool', local: present }, then, otherwise: [] }]
  }

  private number(depth: number): Expr {
    const roll = depth === 0 ? this.below(3) : this.below(14)
    switch (roll) {
      case 0: return this.constant(this.pick(specials))
      case 1: return this.pickNumber()
      case 2: case 3: return this.load()
      case 4: return { op: 'negate', repr: 'f64', value: this.number(depth - 1) }
      case 5: case 6: return { op: 'math', repr: 'f64', name: this.pick(unaries), values: [this.number(depth - 1)] }
      case 7: return { op: 'math', repr: 'f64', name: this.pick(['min', 'max']), values: [this.number(depth - 1), this.number(depth - 1)] }
      case 8: return { op: 'select', repr: 'f64', condition: this.condition(1), then: this.number(depth - 1), otherwise: this.number(depth - 1) }
      case 9: return this.asF64({ op: 'convert', repr: 'f32', value: this.number(depth - 1) })
      case 10: return this.asF64(this.integer(depth - 1))
      default: return { op: 'binary', repr: 'f64', name: this.pick(binaries), left: this.number(depth - 1), right: this.number(depth - 1) }
    }
  }

  private integer(depth: number): Expr {
    const repr = this.pick(['i32', 'u32'] as const)
    if (depth <= 0 || this.random() < 0.3) return { op: 'convert', repr, value: this.number(Math.max(0, depth - 1)) }
    const name = this.pick(['and', 'or', 'xor', 'shl', 'shr', 'mul', 'add', 'sub'] as const)
    const left: Expr = { op: 'convert', repr, value: this.integer(depth - 1) }
    const right: Expr = { op: 'convert', repr: name === 'shl' || name === 'shr' ? 'u32' : repr, value: this.number(depth - 1) }
    return { op: 'binary', repr, name, left, right }
  }

  private condition(depth: number): Expr {
    const roll = this.below(depth > 0 ? 7 : 4)
    if (roll === 0) return { op: 'load', repr: 'bool', place: this.field(this.message(), 'k') }
    if (roll < 4) return { op: 'compare', repr: 'bool', name: this.pick(compares), left: this.number(1), right: this.number(1) }
    if (roll === 4) return { op: 'not', repr: 'bool', value: this.condition(depth - 1) }
    if (roll === 5) return { op: 'convert', repr: 'bool', value: this.number(1) }
    return { op: 'logical', repr: 'bool', name: this.pick(['and', 'or']), left: this.condition(depth - 1), right: this.condition(depth - 1) }
  }

  private load(): Expr {
    const name = this.pick(numberFields)
    return this.asF64({ op: 'load', repr: reprOf[name], place: this.field(this.pick<Place['base']>([this.message(), this.message(), { kind: 'state' }, { kind: 'region', region: 0 }]), name) })
  }

  private message(): Place['base'] { return { kind: 'message', message: this.pick([...this.received]) } }

  private field(base: Place['base'], name: string): Place {
    const field = input.fields.find((each) => each.name === name)
    return { base, steps: [{ kind: 'field', name, offset: field?.offset ?? 0 }], layout: field?.layout as Layout }
  }

  private asF64(value: Expr): Expr { return value.repr === 'f64' ? value : { op: 'convert', repr: 'f64', value } }
  private constant(value: number): Expr { return { op: 'constant', repr: 'f64', value } }
  private below(count: number): number { return Math.floor(this.random() * count) }
  private pick<T>(of: readonly T[]): T { return of[this.below(of.length)] as T }
}
