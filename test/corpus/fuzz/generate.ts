// Random programs of the compiled language, equal for equal seeds: they always end, never fault, and depend on every message they get.
import type { Random } from '../random.js'
import { bigintText, booleanText, indexText, noNames, numberText, withNames, type Names } from './vocabulary.js'

export interface GeneratedProgram {
  /** Text of the body: an async function or a handler object. */
  readonly body: string
  /** Fields as [name, dtype, length or 0]. */
  readonly input: readonly (readonly [string, string, number])[]
  readonly output: readonly (readonly [string, string, number])[]
  readonly state: readonly (readonly [string, string, number])[]
  readonly form: 'loop' | 'handler'
}

const dtypes = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f16', 'bf16', 'f32', 'f32', 'f64', 'f64', 'bool', 'i64', 'u64']
const arrayTypes: Readonly<Record<string, string>> = { f32: 'Float32Array', f64: 'Float64Array', i32: 'Int32Array', u32: 'Uint32Array', u8: 'Uint8Array', i16: 'Int16Array' }

export function generate(random: Random): GeneratedProgram {
  return new ProgramWriter(random).program()
}

class ProgramWriter {
  readonly #random: Random
  #counter = 0
  #statements = 60
  #isHandler = false

  constructor(random: Random) { this.#random = random }

  program(): GeneratedProgram {
    this.#isHandler = this.#random.bits() % 3 === 0
    const input = this.#fields('m', 4)
    const output = this.#fields('o', 3)
    const state = this.#random.bits() % 2 === 0 ? this.#fields('s', 3) : []
    const body = this.#isHandler ? this.#handler(input, output, state) : this.#loop(input, output, state)
    return { body, input, output, state, form: this.#isHandler ? 'handler' : 'loop' }
  }

  #fields(prefix: string, most: number): (readonly [string, string, number])[] {
    return Array.from({ length: 1 + (this.#random.bits() % most) }, (_, i) => {
      const dtype = this.#random.pick(dtypes)
      const isArray = this.#random.bits() % 3 === 0 && dtype in arrayTypes
      return [`${prefix}${i}`, dtype, isArray ? this.#random.pick([2, 4, 8]) : 0] as const
    })
  }

  #loop(input: GeneratedProgram['input'], output: GeneratedProgram['output'], state: GeneratedProgram['state']): string {
    const before = this.#declarations(noNames, 3)
    const names = withNames(before.names, this.#fieldNames('ctx.state', state, true))
    const inside = withNames(names, this.#fieldNames('m', input, false))
    const lines = [...before.lines, 'while (!ctx.shouldTerminate) {', '  const m = await ctx.receive()', ...this.#block(inside, 3, 5), `  ${this.#send(inside, output)}`]
    if (this.#random.bits() % 3 === 0) {
      const both = withNames(inside, this.#fieldNames('n', input, false))
      const then = [...this.#block(both, 2, 4), `  if (${booleanText(this.#random, both, 1)}) ${this.#send(both, output)}`]
      lines.push('  const n = await ctx.receive()', ...then)
    }
    return `async (ctx) => {\n${[...lines, '}'].join('\n')}\n}`
  }

  #handler(input: GeneratedProgram['input'], output: GeneratedProgram['output'], state: GeneratedProgram['state']): string {
    const names = withNames(withNames(noNames, this.#fieldNames('ctx.state', state, true)), this.#fieldNames('m', input, false))
    const before = this.#declarations(names, 2)
    const lines = [...before.lines, ...this.#block(before.names, 3, 5), this.#send(before.names, output)]
    if (this.#random.bits() % 3 === 0) lines.push(`if (${booleanText(this.#random, before.names, 1)}) { ${this.#send(before.names, output)} }`)
    return `{ onMessage(m, ctx) {\n${lines.join('\n')}\n} }`
  }

  /** What fields are read as. */
  #fieldNames(owner: string, fields: GeneratedProgram['input'], writable: boolean): Partial<Names> {
    const path = (name: string): string => `${owner}.${name}`
    const single = fields.filter(([, , length]) => length === 0)
    const numbers = single.filter(([, dtype]) => !['bool', 'i64', 'u64'].includes(dtype)).map(([name]) => path(name))
    return {
      ...(writable ? { numbers } : { constants: numbers }),
      booleans: single.filter(([, dtype]) => dtype === 'bool').map(([name]) => path(name)),
      bigints: single.filter(([, dtype]) => dtype === 'i64' || dtype === 'u64').map(([name]) => path(name)),
      wide: single.filter(([, dtype]) => dtype === 'i64' || dtype === 'u64').map(([name, dtype]) => [path(name), dtype as 'i64' | 'u64'] as const),
      arrays: fields.filter(([, , length]) => length > 0).map(([name, dtype, length]) => ({ name: path(name), length, writable: true, dtype })),
    }
  }

  #name(prefix: string): string { return `${prefix}${this.#counter++}` }

  #declarations(names: Names, most: number): { names: Names; lines: string[] } {
    const lines: string[] = []
    let all = names
    for (let i = 0; i < 1 + (this.#random.bits() % most); i++) {
      const declared = this.#declaration(all)
      lines.push(declared.line)
      all = declared.names
    }
    return { names: all, lines }
  }

  #declaration(names: Names): { names: Names; line: string } {
    const random = this.#random
    switch (random.bits() % 7) {
      case 0: { const name = this.#name('flag'); return { names: withNames(names, { booleans: [name] }), line: `const ${name} = ${booleanText(random, names, 2)}` } }
      case 1: { const name = this.#name('w'); return { names: withNames(names, { bigints: [name] }), line: `const ${name} = ${bigintText(random, names, 2)}` } }
      case 2: {
        const [name, length, dtype] = [this.#name('a'), random.pick([4, 8, 16]), random.pick(Object.keys(arrayTypes))]
        return { names: withNames(names, { arrays: [{ name, length, writable: true, dtype }] }), line: `const ${name} = new ${arrayTypes[dtype] as string}(${length})` }
      }
      case 3: {
        const [name, parameters] = [this.#name('help'), 1 + (random.bits() % 2)]
        const own = { ...noNames, constants: ['p', 'q'].slice(0, parameters) }
        const early = random.bits() % 2 === 0 ? `if (${booleanText(random, own, 1)}) return ${numberText(random, own, 1)}; ` : ''
        return { names: withNames(names, { functions: [{ name, parameters }] }), line: `const ${name} = (${['p', 'q'].slice(0, parameters).join(', ')}) => { ${early}return ${numberText(random, own, 2)} }` }
      }
      case 4: { const name = this.#name('c'); return { names: withNames(names, { constants: [name] }), line: `const ${name} = ${numberText(random, names, 3)}` } }
      default: { const name = this.#name('x'); return { names: withNames(names, { numbers: [name] }), line: `let ${name} = ${numberText(random, names, 2)}` } }
    }
  }

  #block(names: Names, depth: number, most: number): string[] {
    const declared = this.#declarations(names, 2)
    const lines = [...declared.lines]
    for (let i = 0; i < 1 + (this.#random.bits() % most); i++) lines.push(...this.#statement(declared.names, depth))
    return lines.map((line) => `  ${line}`)
  }

  #statement(names: Names, depth: number): string[] {
    const random = this.#random
    if (depth <= 0 || --this.#statements <= 0) return [this.#assignment(names)]
    switch (random.bits() % 14) {
      case 0: case 1: return [`if (${booleanText(random, names, 2)}) {`, ...this.#block(names, depth - 1, 3), ...(random.bits() % 2 === 0 ? ['}'] : ['} else {', ...this.#block(names, depth - 1, 3), '}'])]
      case 2: case 3: return this.#counted(names, depth)
      case 4: {
        const count = this.#name('k')
        return [`let ${count} = 0`, random.bits() % 2 === 0 ? `while (${count} < ${random.integer(1, 12)} && ${booleanText(random, names, 1)}) {` : `while (${count} < ${random.integer(1, 9)}) {`, `  ${count}++`, ...this.#block(withNames(names, { constants: [count] }), depth - 1, 3), '}']
      }
      case 5: {
        const count = this.#name('k')
        return [`let ${count} = 0`, 'do {', ...this.#block(withNames(names, { constants: [count] }), depth - 1, 2), `} while (++${count} < ${random.integer(1, 6)})`]
      }
      case 6: {
        const cases = [0, 1, 2].map((value) => [`case ${value}:`, `  ${this.#assignment(names)}`, ...(random.bits() % 3 === 0 ? [] : ['  break'])])
        return [`switch ((${numberText(random, names, 2)}) & 3) {`, ...cases.flat(), ...(random.bits() % 2 === 0 ? ['default:', `  ${this.#assignment(names)}`] : []), '}']
      }
      case 7: {
        if (names.arrays.length === 0) return [this.#assignment(names)]
        const value = this.#name('v')
        return [`for (const ${value} of ${random.pick(names.arrays).name}) {`, ...this.#block(withNames(names, { constants: [value] }), depth - 1, 2), '}']
      }
      case 8: return this.#parallel(names)
      case 9: return this.#chosen(names)
      case 10: return this.#destructured(names, depth)
      case 11: return this.#search(names)
      default: return [this.#assignment(names)]
    }
  }

  /** The first case that holds. */
  #chosen(names: Names): string[] {
    const cases = Array.from({ length: this.#random.integer(1, 3) }, () => [`case ${booleanText(this.#random, names, 1)}:`, `  ${this.#assignment(names)}`, '  break'])
    return ['switch (true) {', ...cases.flat(), 'default:', `  ${this.#assignment(names)}`, '}']
  }

  /** Elements of an array, or fields of an object made here, by their names. */
  #destructured(names: Names, depth: number): string[] {
    const random = this.#random
    const [first, second] = [this.#name('d'), this.#name('d')]
    const inner = withNames(names, { numbers: [first], constants: [second] })
    const from = names.arrays.length > 0 && random.bits() % 2 === 0
      ? [`let [${first}] = ${random.pick(names.arrays).name}`, `const { p: ${second} } = { p: ${numberText(random, names, 2)} }`]
      : [`let { p: ${first} } = { p: ${numberText(random, names, 2)} }`, `const [, ${second}] = [${numberText(random, names, 1)}, ${numberText(random, names, 2)}]`]
    return [';{', ...from.map((line) => `  ${line}`), ...this.#block(inner, depth - 1, 3), '}']
  }

  /** A function that leaves its loop by returning. */
  #search(names: Names): string[] {
    const random = this.#random
    if (names.numbers.length === 0) return [this.#assignment(names)]
    const [name, i] = [this.#name('search'), this.#name('index')]
    const own = { ...noNames, constants: ['p', i], arrays: names.arrays }
    return [
      `const ${name} = (p) => {`, `  for (let ${i} = 0; ${i} < ${random.integer(1, 9)}; ${i}++) {`, `    if (${booleanText(random, own, 2)}) return ${numberText(random, own, 2)}`, '  }',
      `  return ${numberText(random, { ...own, constants: ['p'] }, 1)}`, '}', `${random.pick(names.numbers)} = ${name}(${numberText(random, names, 2)})`,
    ]
  }

  #counted(names: Names, depth: number): string[] {
    const random = this.#random
    const [i, label] = [this.#name('index'), this.#name('L')]
    const [first, last] = [random.integer(-2, 3), random.integer(1, 12)]
    const head = random.pick([`for (let ${i} = ${first}; ${i} < ${last}; ${i}++) {`, `for (let ${i} = ${last}; ${i} >= ${first}; ${i}--) {`, `for (let ${i} = ${first}; ${i} <= ${last}; ${i} += 2) {`])
    const inner = withNames(names, { constants: [i], loops: [label] })
    const leave = random.bits() % 2 === 0 ? [`  if (${booleanText(random, inner, 1)}) ${random.pick(['break', 'continue', `break ${random.pick(inner.loops)}`, `continue ${random.pick(inner.loops)}`])}`] : []
    return [`${label}: ${head}`, ...this.#block(inner, depth - 1, 3), ...leave, '}']
  }

  #parallel(names: Names): string[] {
    const random = this.#random
    const own = names.arrays.filter((each) => each.writable && /^a\d/.test(each.name))
    const target = this.#name('r')
    const readable = { ...names, numbers: [], constants: [...names.numbers, ...names.constants, 'i'] }
    if (own.length > 0 && random.bits() % 2 === 0) {
      const { name, length } = random.pick(own)
      // Other elements of the written array belong to other iterations.
      const others = { ...readable, arrays: readable.arrays.filter((each) => each.name !== name) }
      return [`ctx.each(${length}, (i) => { ${name}[i] = ${numberText(random, others, 2)} })`]
    }
    const combine = random.pick(['p + q', 'Math.max(p, q)', 'f32(p + q)', 'p > q ? p : q', 'p * q'])
    return [`const ${target} = ctx.reduce(${random.pick(['5', '64', '300', '0'])}, (i) => ${numberText(random, readable, 2)}, (p, q) => ${combine}, ${random.integer(-3, 3)})`, ...(names.numbers.length > 0 ? [`${random.pick(names.numbers)} = ${target}`] : [])]
  }

  #assignment(names: Names): string {
    const random = this.#random
    const writable = names.arrays.filter((each) => each.writable)
    if (writable.length > 0 && random.bits() % 3 === 0) {
      const { name, length } = random.pick(writable)
      const operator = random.pick(['=', '=', '+=', '-=', '^='])
      return `${name}[${indexText(random, names, length, 2)}] ${operator} ${numberText(random, names, 2)}`
    }
    if (names.wide.length > 0 && random.bits() % 6 === 0) {
      const [name, dtype] = random.pick(names.wide)
      if (name.startsWith('ctx.state')) return `${name} = ${dtype === 'u64' ? 'BigInt.asUintN' : 'BigInt.asIntN'}(64, ${bigintText(random, names, 2)})`
    }
    if (names.numbers.length === 0) return ';'
    const name = random.pick(names.numbers)
    return random.bits() % 6 === 0 ? `${name}${random.pick(['++', '--'])}` : `${name} ${random.pick(['=', '=', '+=', '-=', '*=', '|=', '>>>=', '&=', '/='])} ${numberText(random, names, 3)}`
  }

  #send(names: Names, output: GeneratedProgram['output']): string {
    const random = this.#random
    const values = output.map(([field, dtype, length]) => {
      if (length > 0) {
        const whole = names.arrays.filter((each) => each.length === length && each.dtype === dtype)
        return `${field}: ${whole.length > 0 && random.bits() % 2 === 0 ? random.pick(whole).name : `[${Array.from({ length }, () => numberText(random, names, 2)).join(', ')}]`}`
      }
      if (dtype === 'bool') return `${field}: ${booleanText(random, names, 2)}`
      if (dtype === 'i64' || dtype === 'u64') return `${field}: ${bigintText(random, names, 2)}`
      return `${field}: ${numberText(random, names, 3)}`
    })
    return `${this.#isHandler ? '' : 'await '}ctx.send({ ${values.join(', ')} })`
  }
}
