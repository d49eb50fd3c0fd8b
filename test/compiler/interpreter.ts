// Runs a program of the typed representation as ir.ts words its meaning, one expression at a time. Slow, and without any choice of its own: emitters and
// passes are held to it. It also plays a cruel device: a message's slot is overwritten once the next is taken, and a park keeps only what has a place in the frame.
import type { Expr, Place, Program, Repr, Statement } from '../../src/compiler/ir.js'
import { evaluateNode, type Value } from './operations.js'
import { poison, readScalar, sizeOf, writeScalar } from './memory.js'

export interface GivenMessage { readonly payload: Uint8Array; readonly id?: bigint; readonly correlationId?: bigint; readonly priority?: number; readonly sender?: number; readonly sentAtNs?: bigint; readonly timeToLiveMs?: number }

export interface Given {
  readonly inputs?: readonly GivenMessage[]
  readonly state?: Uint8Array
  readonly buffers?: readonly Uint8Array[]
  readonly arguments?: Uint8Array
  /** Whether a tryReceive, asked for the nth time, finds the message that is there. */
  readonly arrives?: (asked: number) => boolean
  /** Whether the body is parked at its nth suspension, and goes on from what its frame keeps. */
  readonly parks?: (suspensions: number) => boolean
  /** One-shot: how many run. */
  readonly count?: number
  /** Rounds of loops, all together. */
  readonly roundsMax?: number
}

export interface Seen {
  readonly outputs: { readonly port: number; readonly payload: Uint8Array; readonly correlationId: bigint; readonly priority: number }[]
  readonly logs: { readonly site: number; readonly values: readonly Value[] }[]
  readonly faults: { readonly site: number; readonly value: Value | undefined; readonly input: number }[]
  readonly state: Uint8Array
  readonly buffers: readonly Uint8Array[]
  /** `terminated`: it waited for a message, and there was none. */
  ended: 'returned' | 'terminated' | 'fault' | 'too long'
}

/** What a run does with these messages. */
export function interpret(program: Program, given: Given = {}): Seen {
  return new Run(program, given).run()
}

class Fault extends Error { constructor(readonly site: number, readonly value: Value | undefined) { super('fault') } }
class Ended extends Error { constructor(readonly how: Seen['ended']) { super('ended') } }
class Jump extends Error { constructor(readonly kind: 'break' | 'continue', readonly label: number) { super('jump') } }

type Locals = (Value | undefined)[]

class Run {
  private locals: Locals
  private readonly regions: Uint8Array[]
  private readonly slots: (Uint8Array | undefined)[]
  private readonly seen: Seen
  private hand: GivenMessage | undefined
  private out = new Uint8Array()
  private taken = 0
  private asked = 0
  private suspensions = 0
  private rounds = 0

  constructor(private readonly program: Program, private readonly given: Given) {
    this.locals = program.locals.map(() => undefined)
    this.regions = program.regions.map((region) => poison(new Uint8Array(region.layout.bytes)))
    this.slots = program.messages.map(() => undefined)
    this.seen = {
      outputs: [], logs: [], faults: [], state: given.state?.slice() ?? new Uint8Array(program.state?.bytes ?? 0), buffers: given.buffers?.map((bytes) => bytes.slice()) ?? [], ended: 'returned',
    }
  }

  run(): Seen {
    const { form } = this.program
    try {
      if (form === 'one-shot') this.repeat(0, this.given.count ?? 0)
      else if (form === 'loop') this.list(this.program.body)
      else for (;;) this.handle()
    } catch (thrown) {
      if (thrown instanceof Ended) this.seen.ended = thrown.how
      else if (thrown instanceof Fault) this.fault(thrown)
      else throw thrown
    }
    return this.seen
  }

  /** One message of a handler; a fault forgets what it emitted, and the next message is taken. */
  private handle(): void {
    const sent = this.seen.outputs.length
    this.locals = this.locals.map(() => undefined)
    try { this.list(this.program.body) } catch (thrown) {
      if (!(thrown instanceof Fault)) throw thrown
      this.seen.outputs.length = sent
      this.fault(thrown)
    }
  }

  private fault({ site, value }: Fault): void {
    this.seen.ended = 'fault'
    this.seen.faults.push({ site, value, input: this.taken - 1 })
  }

  private list(list: readonly Statement[]): void {
    for (const s of list) this.statement(s)
  }

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'set': this.locals[s.local] = this.value(s.value); return
      case 'store': { const [bytes, at] = this.place(s.place, true); writeScalar(bytes, at, s.dtype, this.value(s.value)); return }
      case 'copy': { const [to, at] = this.place(s.to, true); const [from, start] = this.place(s.from); to.set(from.slice(start, start + sizeOf(s.from)), at); return }
      case 'clear': { const [bytes, at] = this.place(s.place, true); bytes.fill(0, at, at + sizeOf(s.place)); return }
      case 'if': this.list(this.value(s.condition) === true ? s.then : s.otherwise); return
      case 'loop': this.loop(s); return
      case 'block': try { this.list(s.body) } catch (jump) { if (!(jump instanceof Jump && jump.label === s.label)) throw jump } return
      case 'break': case 'continue': throw new Jump(s.kind, s.label)
      case 'guard': if (this.value(s.condition) !== true) throw new Fault(s.site, s.value && this.value(s.value)); return
      case 'fault': throw new Fault(s.site, undefined)
      case 'log': this.seen.logs.push({ site: s.site, values: s.values.map((e) => this.value(e)) }); return
      case 'receive': case 'tryReceive': this.take(s); return
      case 'reserve': this.suspended(); return
      case 'emit': this.emit(s); return
      case 'each': this.repeat(s.parallel, this.value(s.count) as number); return
      case 'reduce': this.locals[s.target] = this.fold(s.parallel, this.value(s.count) as number, this.value(s.initial)); return
      case 'atomic': this.atomic(s); return
    }
  }

  private loop(s: Extract<Statement, { kind: 'loop' }>): void {
    let trips = 0
    for (let first = true; (first && s.test === 'after') || this.value(s.condition) === true; first = false) {
      if (++this.rounds > (this.given.roundsMax ?? 1_000_000)) throw new Ended('too long')
      if (++trips > (s.trips ?? Infinity)) throw new Error(`a loop that says it has at most ${s.trips ?? 0} rounds has more`)
      try { this.list(s.body) } catch (jump) {
        if (!(jump instanceof Jump) || jump.label !== s.label) throw jump
        if (jump.kind === 'break') return
      }
      this.list(s.update)
    }
  }

  /** What has no place in the frame is gone after a park. */
  private suspended(): void {
    if (this.given.parks?.(this.suspensions++) !== true) return
    const { locals, regions } = this.program
    for (const [i, { frame }] of locals.entries()) if (frame === undefined) this.locals[i] = undefined
    const spans = [...locals.flatMap(({ frame }) => (frame === undefined ? [] : [[frame, 8] as const])), ...regions.map(({ offset, layout }) => [offset, layout.bytes] as const)].sort(([a], [b]) => a - b)
    for (const [i, [start, bytes]] of spans.entries()) if (start < 8 || start + bytes > (spans[i + 1]?.[0] ?? this.program.frameBytes)) throw new Error(`the frame's bytes from ${start} on hold two things`)
  }

  private take(s: Extract<Statement, { kind: 'receive' | 'tryReceive' }>): void {
    this.suspended()
    const { messages } = this.program
    // The slot of the message in hand is free from here on, and somebody writes into it.
    for (const [i, slot] of this.slots.entries()) if (slot && messages[i]?.region === undefined) poison(slot)
    const next = this.given.inputs?.[this.taken]
    const arrives = s.kind === 'receive' || this.given.arrives?.(this.asked++) !== false
    if (s.kind === 'receive' && !next) throw new Ended('terminated')
    if (s.kind === 'tryReceive') this.locals[s.present] = next !== undefined && arrives
    if (!next || !arrives) return
    this.taken++
    this.hand = next
    const region = messages[s.message]?.region
    if (region === undefined) this.slots[s.message] = next.payload.slice()
    else this.regions[region]?.set(next.payload)
  }

  private emit(s: Extract<Statement, { kind: 'emit' }>): void {
    const layout = this.program.ports[s.port]?.layout
    // Padding is not part of what is sent: it is zero here, as what a store leaves out must be seen.
    this.out = new Uint8Array(layout?.bytes ?? 0)
    this.list(s.stores)
    const correlationId = s.correlationId ? this.value(s.correlationId) as bigint : this.hand?.correlationId ?? 0n
    this.seen.outputs.push({ port: s.port, payload: this.out, correlationId, priority: s.priority ? this.value(s.priority) as number : 128 })
  }

  private repeat(index: number, count: number): void {
    const parallel = this.program.parallels[index]
    if (!parallel) throw new Error(`parallel ${index} is not there`)
    for (let i = 0; i < count; i++) {
      this.locals[parallel.index] = i
      this.list(parallel.body)
    }
  }

  /** The order of folds belongs to the language: 256 lanes, folded in halves. */
  private fold(index: number, count: number, empty: Value): Value {
    const parallel = this.program.parallels[index]
    const { value, combine } = parallel ?? {}
    if (!parallel || !value || !combine) throw new Error(`parallel ${index} is no reduce`)
    const valueOf = (i: number): Value => {
      this.locals[parallel.index] = i
      this.list(parallel.body)
      return this.value(value)
    }
    const both = (left: Value, right: Value): Value => {
      this.locals[combine.left] = left
      this.locals[combine.right] = right
      this.list(combine.body)
      return this.value(combine.value)
    }
    const width = Math.min(count, 256)
    const lanes: Value[] = []
    for (let lane = 0; lane < width; lane++) {
      let sum = valueOf(lane)
      for (let i = lane + 256; i < count; i += 256) sum = both(sum, valueOf(i))
      lanes.push(sum)
    }
    for (let d = 128; d >= 1; d /= 2) for (let lane = 0; lane < d && lane + d < width; lane++) lanes[lane] = both(lanes[lane] ?? 0, lanes[lane + d] ?? 0)
    return lanes[0] ?? empty
  }

  private atomic(s: Extract<Statement, { kind: 'atomic' }>): void {
    const [bytes, at] = this.place(s.place, true)
    const before = readScalar(bytes, at, s.dtype)
    const value = this.value(s.value)
    const expected = s.expected && this.value(s.expected)
    const repr = s.value.repr
    const name = s.name === 'exchange' || s.name === 'compareExchange' ? undefined : s.name
    const after = name === undefined ? (s.name === 'exchange' || before === expected ? value : before)
      : evaluateNode({ op: 'binary', repr, name, left: constant(repr, before), right: constant(repr, value) }, [before, value])
    writeScalar(bytes, at, s.dtype, after)
    if (s.old !== undefined) this.locals[s.old] = before
  }

  private value(e: Expr): Value {
    switch (e.op) {
      case 'local': {
        const value = this.locals[e.local]
        if (value === undefined) throw new Error(`local ${e.local} (${this.program.locals[e.local]?.name ?? ''}) is read and was not kept, or never set`)
        return value
      }
      case 'load': { const [bytes, at] = this.place(e.place); return readScalar(bytes, at, e.place.layout.kind === 'scalar' ? e.place.layout.dtype : 'u8') }
      case 'bufferLength': return Math.floor((this.seen.buffers[e.buffer]?.length ?? 0) / (this.program.buffers[e.buffer]?.element.bytes ?? 1))
      case 'shouldTerminate': return this.taken >= (this.given.inputs?.length ?? 0)
      case 'nowNs': return 0
      case 'envelope': return this.hand?.[e.field] ?? (e.repr === 'u32' ? 0 : 0n)
      case 'select': return this.value(this.value(e.condition) === true ? e.then : e.otherwise)
      case 'logical': return this.value(e.left) === (e.name === 'and') ? this.value(e.right) : e.name !== 'and'
      case 'binary': case 'compare': return evaluateNode(e, [this.value(e.left), this.value(e.right)])
      case 'math': return evaluateNode(e, e.values.map((part) => this.value(part)))
      case 'isIndex': return evaluateNode(e, [this.value(e.value), this.value(e.length)])
      case 'constant': return e.value
      case 'negate': case 'complement': case 'not': case 'convert': case 'sqrt32': case 'clz32': return evaluateNode(e, [this.value(e.value)])
    }
  }

  /** The memory of a place, and where in it. */
  private place(place: Place, write?: true): [Uint8Array, number] {
    const bytes = this.memory(place.base, write)
    const at = place.steps.reduce((sum, step) => sum + (step.kind === 'field' ? step.offset : (this.value(step.index) as number) * step.stride), 0)
    if (at + sizeOf(place) > bytes.length) throw new Error(`a place in ${place.base.kind} ends at ${at + sizeOf(place)} of ${bytes.length} bytes`)
    return [bytes, at]
  }

  private memory(base: Place['base'], write?: true): Uint8Array {
    switch (base.kind) {
      case 'region': return this.regions[base.region] ?? absent(base.kind)
      case 'message': {
        const region = this.program.messages[base.message]?.region
        if (region !== undefined) return this.regions[region] ?? absent(base.kind)
        if (write) throw new Error('a message is written in its slot')
        return this.slots[base.message] ?? absent(base.kind)
      }
      case 'state': return this.seen.state
      case 'buffer': return this.seen.buffers[base.buffer] ?? absent(base.kind)
      case 'table': return this.program.constants.subarray(this.program.tables[base.table]?.offset)
      case 'out': return this.out
      case 'arguments': return this.given.arguments ?? absent(base.kind)
    }
  }
}

function constant(repr: Repr, value: Value): Expr { return { op: 'constant', repr, value } }

function absent(what: string): never { throw new Error(`a place in ${what}, which is not there`) }
