// Expressions as JavaScript text: all representations are numbers, but 64-bit integers, which are bigints, and booleans. Every operation is written so that its
// result is in its representation again, whatever engine runs it. Compound text comes in parentheses.
import { accessOf } from '../../schema/memory-text.js'
import type { BinaryName, Expr, Repr } from '../ir.js'
import type { Memories } from './memory.js'
import { scalarView } from './memory.js'

type Of<Op extends Expr['op']> = Extract<Expr, { op: Op }>

export class Expressions {
  readonly #locals: readonly string[]
  readonly #memories: Memories
  readonly text = (e: Expr): string => this.#text(e)

  constructor(locals: readonly string[], memories: Memories) {
    this.#locals = locals
    this.#memories = memories
  }

  #text(e: Expr): string {
    switch (e.op) {
      case 'constant': return constantText(e)
      case 'local': return this.#locals[e.local] ?? missing(`local ${e.local}`)
      case 'load': return this.#load(e)
      case 'negate': return wrapped(e.repr, `-${this.#text(e.value)}`)
      case 'complement': return e.repr === 'i32' ? `(~${this.#text(e.value)})` : wrapped(e.repr, `~${this.#text(e.value)}`)
      case 'binary': return binaryText(e.name, e.repr, this.#text(e.left), this.#text(e.right))
      case 'compare': return `(${this.#text(e.left)} ${comparisons[e.name]} ${this.#text(e.right)})`
      case 'not': return `(!${this.#text(e.value)})`
      case 'logical': return `(${this.#text(e.left)} ${e.name === 'and' ? '&&' : '||'} ${this.#text(e.right)})`
      case 'select': return `(${this.#text(e.condition)} ? ${this.#text(e.then)} : ${this.#text(e.otherwise)})`
      case 'convert': return convertText(e.value.repr, e.repr, this.#text(e.value))
      case 'math': return `${e.name === 'pow' ? 'numeric.pow' : `Math.${e.name}`}(${e.values.map(this.text).join(', ')})`
      case 'sqrt32': return `Math.fround(Math.sqrt(${this.#text(e.value)}))`
      case 'clz32': return `Math.clz32(${this.#text(e.value)})`
      case 'isIndex': return this.#isIndex(e)
      case 'bufferLength': return this.#memories.length(e.buffer)
      case 'shouldTerminate': return 'actor.shouldTerminate()'
      case 'nowNs': return 'actor.nowNs()'
      case 'envelope': return `actor.${e.field}()`
    }
  }

  #load(e: Of<'load'>): string {
    if (e.place.layout.kind !== 'scalar') return missing('a scalar to load')
    const { dtype } = e.place.layout
    const { array, shift } = scalarView(dtype)
    const element = this.#memories.element(e.place, array, shift, this.text)
    if (dtype === 'f16' || dtype === 'bf16') return `numeric.${dtype}Value(${element})`
    return dtype === 'bool' ? `(${element} !== 0)` : element
  }

  #isIndex(e: Of<'isIndex'>): string {
    const [value, length] = [this.#text(e.value), this.#text(e.length)]
    if (e.value.repr === 'u32') return `(${value} < ${length})`
    // A negative one becomes 2³¹ or more, so a length known to be below that needs one comparison.
    if (e.value.repr === 'i32' && e.length.op === 'constant' && Number(e.length.value) <= 0x7fff_ffff) return `(${value} >>> 0 < ${length})`
    if (e.value.op === 'local') return `(${value} >>> 0 === ${value} && ${value} < ${length})`
    return `numeric.isIndex(${value}, ${length})`
  }
}

const comparisons = { lt: '<', le: '<=', gt: '>', ge: '>=', eq: '===', ne: '!==' } as const
const operators: Readonly<Record<BinaryName, string>> = { add: '+', sub: '-', mul: '*', div: '/', rem: '%', and: '&', or: '|', xor: '^', shl: '<<', shr: '>>' }

/** `text`, brought back into the representation. */
function wrapped(repr: Repr, text: string): string {
  switch (repr) {
    case 'f64': return `(${text})`
    case 'f32': return `Math.fround(${text})`
    case 'i32': return `(${text} | 0)`
    // In parentheses before the shift, which binds less than a sum but more than a bitwise operation.
    case 'u32': return `((${text}) >>> 0)`
    case 'i64': return `BigInt.asIntN(64, ${text})`
    case 'u64': return `BigInt.asUintN(64, ${text})`
    case 'bool': return `(${text})`
  }
}

function binaryText(name: BinaryName, repr: Repr, left: string, right: string): string {
  const plain = `${left} ${operators[name]} ${right}`
  if (repr === 'bool') return name === 'and' ? `(${left} && ${right})` : name === 'or' ? `(${left} || ${right})` : `(${left} !== ${right})`
  if (repr === 'i64' || repr === 'u64') {
    if (name === 'shl') return `numeric.shiftLeft64(${left}, ${right}, ${repr === 'i64'})`
    if (name === 'shr') return `numeric.shiftRight64(${left}, ${right})`
    // Both in range and of one sign rule, so the result is as well.
    return name === 'and' || name === 'or' || name === 'xor' ? `(${plain})` : wrapped(repr, plain)
  }
  if (name === 'mul' && repr === 'i32') return `Math.imul(${left}, ${right})`
  if (name === 'mul' && repr === 'u32') return `(Math.imul(${left}, ${right}) >>> 0)`
  if (name === 'shr') return repr === 'u32' ? `(${left} >>> ${right})` : `(${plain})`
  if (repr === 'i32' && (name === 'and' || name === 'or' || name === 'xor' || name === 'shl')) return `(${plain})`
  return wrapped(repr, plain)
}

function convertText(from: Repr, to: Repr, text: string): string {
  if (from === to) return text
  const isBig = from === 'i64' || from === 'u64'
  switch (to) {
    case 'f64': return isBig ? `Number(${text})` : from === 'bool' ? `(${text} ? 1 : 0)` : text
    case 'f32': return isBig ? `numeric.f32Of64(${text})` : from === 'bool' ? `(${text} ? 1 : 0)` : `Math.fround(${text})`
    case 'i32': return isBig ? `Number(BigInt.asIntN(32, ${text}))` : from === 'bool' ? `(${text} ? 1 : 0)` : `(${text} | 0)`
    case 'u32': return isBig ? `Number(BigInt.asUintN(32, ${text}))` : from === 'bool' ? `(${text} ? 1 : 0)` : `(${text} >>> 0)`
    case 'i64': return isBig ? `BigInt.asIntN(64, ${text})` : `BigInt(${text})`
    case 'u64': return isBig ? `BigInt.asUintN(64, ${text})` : from === 'u32' || from === 'bool' ? `BigInt(${text})` : `BigInt.asUintN(64, BigInt(${text}))`
    // False of 0, −0, NaN and 0n, and of nothing else.
    case 'bool': return `(!!${text})`
  }
}

function constantText({ repr, value }: Of<'constant'>): string {
  if (repr === 'i64' || repr === 'u64') return BigInt(value) < 0n ? `(${BigInt(value)}n)` : `${BigInt(value)}n`
  if (repr === 'bool') return String(Boolean(value))
  const number = repr === 'f32' ? Math.fround(Number(value)) : Number(value)
  return number < 0 || Object.is(number, -0) ? `(${Object.is(number, -0) ? '-0' : String(number)})` : String(number)
}

/** What a TypedArray store of `dtype` is given for a value held as `repr`. */
export function storedText(dtype: keyof typeof accessOf, repr: Repr, text: string): string {
  const isBig = repr === 'i64' || repr === 'u64'
  if (dtype === 'i64' || dtype === 'u64') return isBig ? text : `BigInt(${text})`
  if (dtype === 'bool') return repr === 'bool' ? `(${text} ? 1 : 0)` : `(!!${text} ? 1 : 0)`
  const number = repr === 'bool' ? `(${text} ? 1 : 0)` : isBig ? `Number(${dtype === 'f64' || dtype === 'f32' || dtype === 'f16' || dtype === 'bf16' ? text : `BigInt.asIntN(32, ${text})`})` : text
  return dtype === 'f16' || dtype === 'bf16' ? `numeric.${dtype}Bits(${number})` : number
}

function missing(what: string): never { throw new Error(`ringlab's compiler made a program without ${what}: please report it with the body it was made of`) }
