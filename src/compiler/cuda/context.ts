// What emitting one function has to know: the program, the names of its things, and which functions of the numeric prelude the text calls.
import { cudaStructs, declaration, type Layout, type StructLayout } from '../../schema/index.js'
import type { Program, Repr } from '../ir.js'
import { Names } from './names.js'
import { shapeOf, type Shape } from './shape.js'
import type { Writer } from './writer.js'

/** Which function the text is in: what a message in hand, a fault and a stop look like there. */
export type Role = 'leader' | 'each' | 'reduce' | 'message' | 'one-shot'

/** The names of a program's things, the same in all its functions. */
export interface ProgramNames {
  /** By `structKey`. */
  readonly structs: ReadonlyMap<string, string>
  readonly locals: readonly string[]
  readonly regions: readonly string[]
  readonly messages: readonly string[]
  readonly buffers: readonly string[]
  readonly tables: readonly string[]
}

export class Context {
  readonly program: Program
  readonly writer: Writer
  readonly shape: Shape
  readonly names: ProgramNames
  readonly role: Role
  /** Locals of the leader that a parallel body was given. */
  readonly captured: ReadonlySet<number>
  /** Functions of numbers.cuh and math/ that were called. */
  readonly used: Set<string>
  /** Loops and blocks around the statement being written, the innermost last. */
  readonly around: { readonly label: number; readonly isLoop: boolean; readonly continues: boolean }[] = []
  /** Labels that a goto was written for. */
  readonly gone = new Set<string>()

  constructor(program: Program, writer: Writer, role: Role, base?: Context, captured: readonly number[] = []) {
    this.program = program
    this.writer = writer
    this.role = role
    this.shape = base?.shape ?? shapeOf(program)
    this.names = base?.names ?? namesOf(program)
    this.used = base?.used ?? new Set()
    this.captured = new Set(captured)
  }

  local(index: number): string {
    const name = at(this.names.locals, index)
    return this.captured.has(index) ? `use.${name}` : name
  }

  /** The C++ type of a struct: two that share a name in JavaScript are two types here. */
  readonly structName = (layout: StructLayout): string => {
    const name = this.names.structs.get(structKey(layout))
    if (name === undefined) throw new RangeError(`the program has no struct like this ${layout.name}`)
    return name
  }

  /** How C++ declares `name` to hold a value of this layout. */
  declare(layout: Layout, name: string): string { return declaration(layout, name, this.structName) }

  /** `name` as a pointer to values of this layout. */
  pointerTo(layout: Layout, name: string): string { return this.declare(layout, layout.kind === 'array' ? `(*${name})` : `*${name}`) }

  /** The type of such a pointer. */
  pointerType(layout: Layout): string { return this.pointerTo(layout, '').replace(/ $/, '') }

  /** Definitions of all structs of the program. */
  structsText(): string { return cudaStructs(layoutsOf(this.program), this.structName) }

  /** A call of the numeric prelude. */
  call(name: string, ...values: readonly string[]): string {
    this.used.add(name)
    return `${name}(${values.join(', ')})`
  }

  /** The struct that arrives. */
  get inputType(): string { return this.program.input === undefined ? 'Nothing' : this.structName(this.program.input) }
  /** The name of i in a one-shot kernel. */
  get index(): string { return this.local(at(this.program.parallels, 0).index) }
  /** The slot of the message in hand. */
  get hand(): string { return this.role === 'message' ? 'm.hand' : 's.hand' }
  /** Where the actor's parameter lies. */
  get actor(): string { return this.role === 'one-shot' ? 'a' : 's.actor' }
  /** Regions of a thread of its own are variables; a leader's lie in the frame. */
  get ownsRegions(): boolean { return this.role === 'message' || this.role === 'one-shot' }
}

function namesOf(program: Program): ProgramNames {
  const names = new Names()
  // Structs share the scope of the file with functions, and a variable of the same name would hide one.
  const structs = new Map<string, string>()
  for (const layout of structsOf(program)) if (!structs.has(structKey(layout))) structs.set(structKey(layout), names.take(layout.name))
  const take = (things: readonly { readonly name: string }[]): string[] => things.map((thing) => names.take(thing.name))
  return { structs, buffers: take(program.buffers), tables: take(program.tables), messages: take(program.messages), regions: take(program.regions), locals: take(program.locals) }
}

/** Equal for equal structs. */
function structKey(layout: StructLayout): string { return JSON.stringify(layout) }

function structsOf(program: Program): StructLayout[] {
  const found = new Set<StructLayout>()
  const see = (layout: Layout | undefined): void => {
    if (layout === undefined || layout.kind === 'scalar') return
    if (layout.kind === 'array') { see(layout.element); return }
    found.add(layout)
    for (const field of layout.fields) see(field.layout)
  }
  for (const layout of layoutsOf(program)) see(layout)
  return [...found]
}

/** Every layout the program has values of. */
function layoutsOf(program: Program): Layout[] {
  return [program.input, program.state, program.arguments, ...program.ports.map((port) => port.layout), ...program.buffers.map((buffer) => buffer.element),
    ...program.regions.map((region) => region.layout)].filter((layout) => layout !== undefined)
}

export const cudaReprs: Readonly<Record<Repr, string>> = { f64: 'f64', f32: 'f32', i32: 'i32', u32: 'u32', i64: 'i64', u64: 'u64', bool: 'bool' }

export function at<T>(list: readonly T[], index: number): T {
  const value = list[index]
  if (value === undefined) throw new RangeError(`the program refers to number ${index} of ${list.length}`)
  return value
}
