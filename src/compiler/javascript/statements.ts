// Statements as JavaScript text. A list that holds suspension points can be entered again at any of them: what stands before the point to go on from is
// skipped, and loops around it are entered without a look at their condition.
import { accessOf } from '../../schema/memory-text.js'
import type { Parallel, Place, Program, Statement } from '../ir.js'
import { statementsIn } from '../passes/walk.js'
import { FUEL, GO_ON, NONE, left } from './actor.js'
import { Expressions, storedText } from './expressions.js'
import { movingView, scalarView, type Memories } from './memory.js'
import type { Names } from './names.js'
import { eachText, reduceText } from './parallel.js'
import { Points } from './points.js'
import type { Writer } from './writer.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

/** Elements up to which an aggregate is moved one by one in the text; above, in a loop; and from 1 KiB on by the engine. */
const UNROLLED_MAX = 8
const LOOP_BYTES_MAX = 1024

/** What the parts of a body's text share. */
export interface TextParts {
  readonly program: Program
  readonly names: Names
  readonly locals: readonly string[]
  readonly memories: Memories
  readonly out: Writer
  readonly eachOrder: 'ascending' | 'shuffled'
}

export class Statements {
  readonly parts: TextParts
  readonly #points: Points
  readonly #expressions: Expressions
  readonly #isHandler: boolean

  constructor(parts: TextParts) {
    this.parts = parts
    this.#points = new Points(parts.program.body)
    this.#expressions = new Expressions(parts.locals, parts.memories)
    this.#isHandler = parts.program.form === 'handler' || parts.program.form === 'messages'
  }

  get out(): Writer { return this.parts.out }
  readonly text = (e: Parameters<Expressions['text']>[0]): string => this.#expressions.text(e)
  local(index: number): string { return this.parts.locals[index] ?? `local${index}` }
  parallel(index: number): Parallel { return this.parts.program.parallels[index] as Parallel }

  /** The whole body: a handler's once a message, for ever. */
  body(): void {
    const { program } = this.parts
    if (!this.#isHandler) { this.list(program.body); this.out.line(`return ${left.returned}`); return }
    this.out.block('for (;;)', () => {
      this.list(program.body)
      this.out.line('actor.finish()')
    })
  }

  /** Statements without a point are skipped while the place to go on is behind them; those with one while it is behind all of theirs. */
  list(list: readonly Statement[]): void {
    let lastWithPoint = -1
    list.forEach((s, i) => { if (this.#points.last(s) > 0) lastWithPoint = i })
    let i = 0
    while (i < list.length) {
      const s = list[i] as Statement
      const last = this.#points.last(s)
      if (last > 0) {
        if (i < lastWithPoint) this.out.block(`if (pc <= ${last})`, () => this.one(s))
        else this.one(s)
        i++
        continue
      }
      let end = i
      while (end < list.length && this.#points.last(list[end] as Statement) === 0) end++
      const run = list.slice(i, end)
      if (i < lastWithPoint) this.out.block('if (pc === 0)', () => { for (const plain of run) this.one(plain) })
      else for (const plain of run) this.one(plain)
      i = end
    }
  }

  one(s: Statement): void {
    this.out.from(s.at)
    switch (s.kind) {
      case 'set': this.out.line(this.setText(s)); return
      case 'store': this.#store(s); return
      case 'copy': this.#copy(s); return
      case 'clear': this.#clear(s.place); return
      case 'if': this.#if(s); return
      case 'loop': this.#loop(s); return
      case 'block': this.out.block(`label${s.label}:`, () => this.list(s.body)); return
      case 'break': this.out.line(`break label${s.label}`); return
      case 'continue': this.out.line(this.#continues.get(s.label) ?? `continue label${s.label}`); return
      case 'guard': this.out.line(`if (!${this.text(s.condition)}) return actor.fault(${s.site}, ${s.value === undefined ? 'undefined' : this.text(s.value)}${this.#faultIndex})`); return
      case 'fault': this.out.line(`return actor.fault(${s.site}, undefined${this.#faultIndex})`); return
      case 'log': this.out.line(`actor.log(${[String(s.site), ...s.values.map(this.text)].join(', ')})`); return
      case 'receive': this.#receive(s); return
      case 'tryReceive': this.#tryReceive(s); return
      case 'reserve': this.#reserve(s); return
      case 'emit': this.#emit(s); return
      case 'each': eachText(this, s); return
      case 'reduce': reduceText(this, s); return
      case 'atomic': this.#atomic(s)
    }
  }

  /** Of a one-shot kernel, faults tell their iteration. */
  get #faultIndex(): string { return this.parts.program.form === 'one-shot' ? ', at' : '' }

  setText(s: Of<'set'>): string { return `${this.local(s.local)} = ${this.text(s.value)}` }

  /** A look for a stop command now and then; in a loop, at the start of a round. */
  fuel(): void { this.out.line(`if (--fuel === 0 && (fuel = actor.refuel()) === 0) return ${left.stopped}`) }

  #store(s: Of<'store'>): void {
    const { array, shift } = scalarView(s.dtype)
    this.out.line(`${this.parts.memories.element(s.place, array, shift, this.text)} = ${storedText(s.dtype, s.value.repr, this.text(s.value))}`)
  }

  #copy({ to, from }: Of<'copy'>): void {
    const { memories } = this.parts
    const { array, shift } = movingView(to.layout)
    const count = to.layout.bytes / 2 ** shift
    const [target, source] = [memories.view(to, array), memories.view(from, array)]
    const [toAt, fromAt] = [memories.index(to, array, shift, this.text), memories.index(from, array, shift, this.text)]
    if (count <= UNROLLED_MAX) for (let i = 0; i < count; i++) this.out.line(`${target}[${plus(toAt, i)}] = ${source}[${plus(fromAt, i)}]`)
    else if (to.layout.bytes > LOOP_BYTES_MAX) this.out.line(memories.sameMemory(to.base, from.base) ? `${target}.copyWithin(${toAt}, ${fromAt}, ${plus(fromAt, count)})` : `${target}.set(${source}.subarray(${fromAt}, ${plus(fromAt, count)}), ${toAt})`)
    else this.out.line(`for (let word = 0, to = ${toAt}, from = ${fromAt}; word < ${count}; word++) ${target}[to + word] = ${source}[from + word]`)
  }

  #clear(place: Place): void {
    const { array, shift } = movingView(place.layout)
    const at = this.parts.memories.index(place, array, shift, this.text)
    const count = place.layout.bytes / 2 ** shift
    const view = this.parts.memories.view(place, array)
    if (count <= UNROLLED_MAX) for (let i = 0; i < count; i++) this.out.line(`${view}[${plus(at, i)}] = 0`)
    else this.out.line(`${view}.fill(0, ${at}, ${plus(at, count)})`)
  }

  #if(s: Of<'if'>): void {
    const condition = this.text(s.condition)
    const [inThen, inElse] = [this.#points.lastIn(s.then), this.#points.lastIn(s.otherwise)]
    // Going on at a point inside: into its branch, whatever the condition says by now.
    const head = inThen === 0 && inElse === 0 ? unwrapped(condition) : inThen === 0 ? `pc === 0 && ${condition}` : `pc === 0 ? ${condition} : pc <= ${inThen}`
    this.out.line(`if (${head}) {`)
    this.out.indented(() => this.list(s.then))
    if (s.otherwise.length > 0) {
      this.out.line('} else {')
      this.out.indented(() => this.list(s.otherwise))
    }
    this.out.line('}')
  }

  /** Labels whose `continue` goes on behind a block inside the loop, where its update stands. */
  readonly #continues = new Map<number, string>()

  #loop(s: Of<'loop'>): void {
    const label = `label${s.label}`
    const nested = [...statementsIn(s.body)]
    const isLeft = nested.some((inner) => (inner.kind === 'break' || inner.kind === 'continue') && inner.label === s.label)
    const continues = nested.some((inner) => inner.kind === 'continue' && inner.label === s.label)
    const inHead = s.test === 'before' && s.update.every((update) => update.kind === 'set') && !this.#points.any(s.update)
    const hasPoint = this.#points.last(s) > 0
    const condition = s.condition.op === 'constant' && s.condition.value === true ? '' : hasPoint ? `pc !== 0 || ${this.text(s.condition)}` : unwrapped(this.text(s.condition))
    const needsBlock = continues && !inHead && s.update.length > 0
    if (needsBlock) this.#continues.set(s.label, `break next${s.label}`)
    const round = (): void => {
      if (s.fuel) this.fuel()
      if (needsBlock) this.out.block(`next${s.label}:`, () => this.#round(s))
      else this.#round(s)
      if (!inHead && s.update.length > 0) this.list(s.update)
    }
    const prefix = isLeft ? `${label}: ` : ''
    if (s.test === 'after') this.out.block(`${prefix}do`, round, `} while (${s.condition.op === 'constant' ? String(s.condition.value) : unwrapped(this.text(s.condition))})`)
    else if (inHead && s.update.length > 0) this.out.block(`${prefix}for (; ${condition}; ${s.update.map((update) => this.setText(update)).join(', ')})`, round)
    else this.out.block(condition === '' ? `${prefix}for (;;)` : `${prefix}while (${condition})`, round)
    this.#continues.delete(s.label)
  }

  /** One round's statements; when the place to go on is in the update behind them, they are skipped. */
  #round(s: Of<'loop'>): void {
    if (!this.#points.any(s.update)) { this.list(s.body); return }
    this.out.block(`if (pc <= ${this.#points.lastIn(s.body)})`, () => this.list(s.body))
  }

  /** The frame as it is here: whoever goes on from it does so at this point. */
  #keep(s: Statement): string {
    const { program, memories } = this.parts
    const stores = program.locals.flatMap(({ repr, frame }, i) => {
      if (frame === undefined) return []
      const { view, shift, store } = accessOf[repr]
      // Eight bytes are there for each; only f32 and bool are kept as something wider.
      return [`${memories.own(view)}[${plus(`(bank >>> ${shift})`, frame / 2 ** shift)}] = ${store(this.local(i))}`]
    })
    return ['bank = actor.bank', `${memories.own('Uint32Array')}[bank >>> 2] = ${this.#points.number(s)}`, ...stores, 'actor.keep()'].join('; ')
  }

  #message(index: number): string { return this.parts.memories.messages[index] ?? `message${index}` }

  #received(s: Of<'receive' | 'tryReceive'>): void {
    const region = this.parts.program.messages[s.message]?.region
    const layout = this.parts.program.input
    if (region === undefined || layout === undefined) return
    const { array, shift } = movingView(layout)
    const view = this.parts.memories.own(array)
    const to = this.parts.memories.index({ base: { kind: 'region', region }, steps: [], layout }, array, shift, this.text)
    const from = shift === 0 ? this.#message(s.message) : `(${this.#message(s.message)} >>> ${shift})`
    this.out.line(`for (let word = 0, to = ${to}, from = ${from}; word < ${layout.bytes / 2 ** shift}; word++) ${view}[to + word] = ${view}[from + word]`)
  }

  #receive(s: Of<'receive'>): void {
    const message = this.#message(s.message)
    this.out.line('pc = 0')
    this.out.line('actor.finish()')
    this.out.line(this.#keep(s))
    this.out.line(`${message} = actor.receive()`)
    this.out.line(`if (${message} < 0) return ~${message}`)
    this.#received(s)
  }

  #tryReceive(s: Of<'tryReceive'>): void {
    const message = this.#message(s.message)
    this.out.line('pc = 0')
    this.out.line('actor.finish()')
    this.out.line(this.#keep(s))
    this.out.line(`${message} = actor.tryReceive()`)
    this.out.line(`if (${message} < 0 && ${message} !== ${NONE}) return ~${message}`)
    this.out.line(`${this.local(s.present)} = ${message} >= 0`)
    if (this.parts.program.messages[s.message]?.region !== undefined) this.out.block(`if (${this.local(s.present)})`, () => this.#received(s))
  }

  #reserve(s: Of<'reserve'>): void {
    this.out.line('pc = 0')
    this.out.block(`if (!actor.hasRoom(${s.port}, ${s.count}))`, () => {
      this.out.line(this.#keep(s))
      this.out.line(`const why = actor.awaitRoom(${s.port}, ${s.count})`)
      this.out.line(`if (why !== ${GO_ON}) return why`)
    })
  }

  #emit(s: Of<'emit'>): void {
    const isPlain = s.correlationId === undefined && s.priority === undefined && s.timeToLiveMs === undefined
    this.out.line(isPlain ? `out = actor.place(${s.port})`
      : `out = actor.placeWith(${s.port}, ${s.correlationId === undefined ? 'undefined' : this.text(s.correlationId)}, ${s.priority === undefined ? '128' : this.text(s.priority)}, ${s.timeToLiveMs === undefined ? '0' : this.text(s.timeToLiveMs)})`)
    for (const store of s.stores) this.one(store)
    this.out.line(`actor.placed(${s.port})`)
  }

  /** One body has control at a time on this device, so a plain read and write is atomic. */
  #atomic(s: Of<'atomic'>): void {
    const { array, shift } = scalarView(s.dtype)
    const element = this.parts.memories.element(s.place, array, shift, this.text)
    const value = storedText(s.dtype, s.value.repr, this.text(s.value))
    const operator = { add: '+', sub: '-', and: '&', or: '|', xor: '^' } as const
    this.out.block('', () => {
      this.out.line(`const before = ${element}`)
      if (s.name === 'compareExchange') this.out.line(`if (before === ${s.expected === undefined ? '0' : storedText(s.dtype, s.expected.repr, this.text(s.expected))}) ${element} = ${value}`)
      else this.out.line(`${element} = ${s.name === 'exchange' ? value : `before ${operator[s.name]} ${value}`}`)
      if (s.old !== undefined) this.out.line(`${this.local(s.old)} = before`)
    })
  }
}

/** Fuel as the text starts with it. */
export const fuelText = String(FUEL)

function plus(text: string, more: number): string { return more === 0 ? text : `${text} + ${more}` }

/** A condition stands in parentheses anyway. */
function unwrapped(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text
  let depth = 0
  for (let i = 0; i < text.length - 1; i++) {
    if (text[i] === '(') depth++
    else if (text[i] === ')' && --depth === 0) return text
  }
  return text.slice(1, -1)
}

