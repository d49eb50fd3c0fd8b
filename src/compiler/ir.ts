// The typed intermediate representation of one body: what the front end makes of TypeScript and both emitters turn into text. Shapes only.
//
// It is a structured tree (no jumps but breaks and continues of labelled statements). Expressions are pure and total: what may fault, suspend or
// write is a statement, in the order JavaScript evaluates it. Every number's representation is explicit, and an operation means exactly what its
// name says, so that an emitter never has to know JavaScript.
import type { Dtype, Layout, StructLayout } from '../schema/index.js'

/** How a value is held in a register. `u32` and `i32` are exact integers, `i64` and `u64` are bigints wrapped to 64 bits. */
export type Repr = 'f64' | 'f32' | 'i32' | 'u32' | 'i64' | 'u64' | 'bool'

/** A place in the source: an index into `Program.files`, line and column from 1. */
export interface Where { readonly file: number; readonly line: number; readonly column: number; readonly length: number }

/** A scalar variable: the user's, or a temporary (its name then begins with `t` and a digit). */
export interface Local {
  readonly name: string
  repr: Repr
  /** Byte offset of its eight bytes in the frame, when it is live across a suspension; set by the frame pass. */
  frame?: number
}

/** An aggregate variable with storage of its own in the frame: a local array, a struct literal, a copied message. */
export interface Region { readonly name: string; readonly layout: Layout; /** Byte offset in the frame, a multiple of 16; set by the frame pass. */ offset: number }

/** A variable that a message is received into. It is read in place in the ring's slot, unless `region` says that it is copied on receipt. */
export interface MessageVariable { readonly name: string; region: number | undefined }

/** A captured table of numbers, read only; its bytes lie in the constants block at `offset` (a multiple of 16). */
export interface Table { readonly name: string; readonly layout: Extract<Layout, { kind: 'array' }>; readonly offset: number }

/** Where an aggregate begins. */
export type Base =
  | { readonly kind: 'region'; readonly region: number }
  /** The payload of the message in a variable (in place, or in its region). */
  | { readonly kind: 'message'; readonly message: number }
  | { readonly kind: 'state' }
  /** Elements of a unified buffer; how many is known at launch. */
  | { readonly kind: 'buffer'; readonly buffer: number }
  | { readonly kind: 'table'; readonly table: number }
  /** The payload of the output slot being written; only inside `emit`. */
  | { readonly kind: 'out' }
  /** The scalar arguments of a one-shot kernel. */
  | { readonly kind: 'arguments' }

/** One step into an aggregate. Indices are u32 and known to be in range. */
export type Step =
  | { readonly kind: 'field'; readonly name: string; readonly offset: number }
  | { readonly kind: 'element'; readonly index: Expr; readonly stride: number }

/** A value in memory: a base and the way into it. Its address is the base's plus all offsets and index × stride. */
export interface Place { readonly base: Base; readonly steps: readonly Step[]; readonly layout: Layout }

/** Arithmetic of equal operands; the result has their representation. Integers wrap at 32 or 64 bits. f32 rounds once to f32. `rem` of f64 is fmod. */
export type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'rem' | 'and' | 'or' | 'xor' | 'shl' | 'shr'
// div, rem: f64, f32 (div only), i32, u32, i64, u64; integer ones truncate, MIN / −1 wraps, and the divisor is never 0 (guarded before).
// and, or, xor: i32, u32, i64, u64, bool. shl, shr: i32 (shr is arithmetic), u32 (shr is logical), i64, u64; the right operand is u32: 32-bit shifts
// use its low 5 bits, 64-bit shifts are 0 (or the sign) from 64 on.

/** Of f64 and giving f64, each equal to JavaScript's to the bit; `min`, `max`, `hypot` take any number of arguments from 1 on. */
export type MathName = 'abs' | 'acos' | 'acosh' | 'asin' | 'asinh' | 'atan' | 'atan2' | 'atanh' | 'cbrt' | 'ceil' | 'cos' | 'cosh' | 'exp' | 'expm1' | 'floor' | 'hypot'
  | 'log' | 'log1p' | 'log2' | 'log10' | 'max' | 'min' | 'pow' | 'round' | 'sign' | 'sin' | 'sinh' | 'sqrt' | 'tan' | 'tanh' | 'trunc'

export type EnvelopeField = 'id' | 'correlationId' | 'priority' | 'sender' | 'sentAtNs' | 'timeToLiveMs'

export type Expr =
  | { readonly op: 'constant'; readonly repr: Repr; readonly value: number | bigint | boolean }
  | { readonly op: 'local'; readonly repr: Repr; readonly local: number }
  /** Reads a scalar. f16, bf16 and f32 give f32; i8, i16, i32 give i32; u8, u16, u32 give u32; f64, i64, u64, bool their own. */
  | { readonly op: 'load'; readonly repr: Repr; readonly place: Place }
  | { readonly op: 'negate'; readonly repr: Repr; readonly value: Expr }
  /** Bitwise complement, of integers. */
  | { readonly op: 'complement'; readonly repr: Repr; readonly value: Expr }
  | { readonly op: 'binary'; readonly repr: Repr; readonly name: BinaryName; readonly left: Expr; readonly right: Expr }
  /** Operands of one representation; of floats as IEEE 754 compares (only `ne` is true of a NaN). */
  | { readonly op: 'compare'; readonly repr: 'bool'; readonly name: 'lt' | 'le' | 'gt' | 'ge' | 'eq' | 'ne'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'not'; readonly repr: 'bool'; readonly value: Expr }
  /** Short-circuit; as all is pure, only a matter of speed. */
  | { readonly op: 'logical'; readonly repr: 'bool'; readonly name: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly op: 'select'; readonly repr: Repr; readonly condition: Expr; readonly then: Expr; readonly otherwise: Expr }
  /**
   * Between representations. To f64: exact from f32 and 32-bit integers, rounded to nearest even from 64 bits, 0 or 1 from bool. To f32: rounded to nearest even.
   * From floats to i32 and u32: JavaScript's ToInt32 and ToUint32. Between integers: modulo. From f64 to i64 and u64: of an integer within ±2⁵³, exact.
   * To bool: not 0 and not NaN.
   */
  | { readonly op: 'convert'; readonly repr: Repr; readonly value: Expr }
  | { readonly op: 'math'; readonly repr: 'f64'; readonly name: MathName; readonly values: readonly Expr[] }
  /** f32 in, f32 out, rounded once. */
  | { readonly op: 'sqrt32'; readonly repr: 'f32'; readonly value: Expr }
  | { readonly op: 'clz32'; readonly repr: 'u32'; readonly value: Expr }
  /** Is the value an integer from 0 to below `length` (u32)? −0 is 0. The value is f64, f32, i32 or u32. */
  | { readonly op: 'isIndex'; readonly repr: 'bool'; readonly value: Expr; readonly length: Expr }
  /** Elements of a unified buffer. */
  | { readonly op: 'bufferLength'; readonly repr: 'u32'; readonly buffer: number }
  | { readonly op: 'shouldTerminate'; readonly repr: 'bool' }
  /** Nanoseconds since activation. */
  | { readonly op: 'nowNs'; readonly repr: 'f64' }
  /** Of the message in hand, zeros before the first; priority, sender and timeToLiveMs are u32, the others u64. */
  | { readonly op: 'envelope'; readonly repr: 'u32' | 'u64'; readonly field: EnvelopeField }

interface At { /** Where it was written; undefined for what the compiler added. */ readonly at?: Where | undefined }

export type Statement = At & (
  | { readonly kind: 'set'; readonly local: number; readonly value: Expr }
  /** Writes a scalar as a TypedArray store of `dtype` does (from f64 or f32: ToInt32 and wrap, or rounding once; from integers: modulo, or exact). */
  | { readonly kind: 'store'; readonly place: Place; readonly dtype: Dtype; readonly value: Expr }
  /** Copies a whole aggregate; both places have one layout, and are the same or do not overlap. */
  | { readonly kind: 'copy'; readonly to: Place; readonly from: Place }
  /** Zeroes a whole aggregate. */
  | { readonly kind: 'clear'; readonly place: Place }
  | { readonly kind: 'if'; readonly condition: Expr; readonly then: readonly Statement[]; readonly otherwise: readonly Statement[] }
  /**
   * Repeats `body`, then `update`, while `condition` holds, tested before each round (`test: 'after'`: after it). `continue` goes on with `update` and the test.
   * `trips` bounds the number of rounds when the compiler knows one; `fuel`: this loop has to look for a stop command from time to time (set by a pass).
   */
  | { readonly kind: 'loop'; readonly label: number; readonly condition: Expr; readonly test: 'before' | 'after'; readonly body: readonly Statement[]; readonly update: readonly Statement[]; trips: number | undefined; fuel: boolean }
  /** Statements that `break` with this label leaves. */
  | { readonly kind: 'block'; readonly label: number; readonly body: readonly Statement[] }
  | { readonly kind: 'break'; readonly label: number }
  | { readonly kind: 'continue'; readonly label: number }
  /** Faults with this site unless the condition holds; `value` is told to the user. */
  | { readonly kind: 'guard'; readonly condition: Expr; readonly site: number; readonly value: Expr | undefined }
  | { readonly kind: 'fault'; readonly site: number }
  /** The arguments in between the literals of the site. */
  | { readonly kind: 'log'; readonly site: number; readonly values: readonly Expr[] }
  // Suspension points, numbered from 1 in source order. Each may unwind the body for a park and go on from itself.
  /** Finishes the message in hand, and takes the next. */
  | { readonly kind: 'receive'; readonly point: number; readonly message: number }
  /** As `receive`, but sets `present` to false where none is there. */
  | { readonly kind: 'tryReceive'; readonly point: number; readonly message: number; readonly present: number }
  /** Waits until `count` outputs of the port have room. The message in hand stays in hand. */
  | { readonly kind: 'reserve'; readonly point: number; readonly port: number; readonly count: number }
  /**
   * Places one output, for which there is room. `stores` write its payload (base `out`), all of it. `correlationId` is u64, default that of the message in
   * hand; `priority` is u32 and below 256, default 128; `timeToLiveMs` is u32, default 0: for ever.
   */
  | { readonly kind: 'emit'; readonly port: number; readonly stores: readonly Statement[]; readonly correlationId: Expr | undefined; readonly priority: Expr | undefined; readonly timeToLiveMs?: Expr | undefined }
  /** Runs a parallel body for i = 0 … count − 1 (count is u32), and goes on when all are done. */
  | { readonly kind: 'each'; readonly parallel: number; readonly count: Expr }
  | { readonly kind: 'reduce'; readonly parallel: number; readonly count: Expr; readonly target: number; readonly initial: Expr }
  /** An integer read-modify-write of one element; `old` takes the value before. */
  | { readonly kind: 'atomic'; readonly name: 'add' | 'sub' | 'and' | 'or' | 'xor' | 'exchange' | 'compareExchange'; readonly place: Place; readonly dtype: Dtype; readonly value: Expr; readonly expected: Expr | undefined; readonly old: number | undefined }
)

/** The body of `each` or `reduce`. It suspends nowhere and writes only memory that its own index names. */
export interface Parallel {
  readonly kind: 'each' | 'reduce'
  /** The local that holds i, u32. */
  readonly index: number
  readonly body: readonly Statement[]
  /** `reduce`: the value of i, f64; and the fold of two such values. */
  readonly value: Expr | undefined
  readonly combine: { readonly left: number; readonly right: number; readonly body: readonly Statement[]; readonly value: Expr } | undefined
  /** Locals of the code around it that it reads, and locals of its own; set by the frame pass. */
  captures: readonly number[]
  own: readonly number[]
}

/** What a fault or a log line says, by number; the device reports the number only. */
export type Site =
  /** `text` is the sentence, in which `{}` stands for the guard's value. */
  | { readonly kind: 'fault'; readonly text: string; readonly at: Where; /** `throw new RangeError(…)`: RangeError; default Error. */ readonly error?: string | undefined }
  /** Literals and values of one console.log, in order: a string is a literal, undefined the next value of that representation. */
  | { readonly kind: 'log'; readonly parts: readonly (string | { readonly repr: Repr })[]; readonly at: Where }

/** An output: port 0 is `ctx.send`, the others are `ctx.ports`. */
export interface Port { readonly name: string; readonly layout: StructLayout; /** The most outputs one message can lead to, where the compiler knows. */ emitsMax: number | undefined }

export interface Program {
  readonly name: string
  /** `loop`: the user's loop. `handler`: a loop made around onMessage. `messages`: a handler of which every message may run at once. `one-shot`: `parallels[0]`. */
  readonly form: 'loop' | 'handler' | 'messages' | 'one-shot'
  readonly files: readonly string[]
  readonly input: StructLayout | undefined
  readonly ports: readonly Port[]
  readonly state: StructLayout | undefined
  readonly arguments: StructLayout | undefined
  readonly buffers: readonly { readonly name: string; readonly element: Layout }[]
  readonly locals: Local[]
  readonly regions: Region[]
  readonly messages: MessageVariable[]
  readonly tables: readonly Table[]
  readonly constants: Uint8Array
  readonly parallels: readonly Parallel[]
  readonly sites: readonly Site[]
  /**
   * `loop`: the whole body; reaching its end is `returned`. `handler` and `messages`: one message: `[reserve…, receive, …body]`, repeated for ever; what a
   * faulting message emitted is forgotten.
   */
  readonly body: readonly Statement[]
  /** Suspension points; the frame's `pc` is 0 at the start, else the point to go on from. */
  points: number
  /** Bytes of the frame: pc (u32), a reserved u32, then locals of 8 bytes, then regions; set by the frame pass. */
  frameBytes: number
  /** `fast` allows the device's own math functions. */
  readonly math: 'exact' | 'fast'
}
