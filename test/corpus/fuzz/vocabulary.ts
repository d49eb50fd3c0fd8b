// What generated programs may name at one place: variables in scope, fields of messages and state, arrays; and how many more loops and sends may follow.
import type { Random } from '../random.js'

export interface Names {
  /** Number variables that may be assigned, and those that may not. */
  readonly numbers: readonly string[]
  readonly constants: readonly string[]
  readonly booleans: readonly string[]
  readonly bigints: readonly string[]
  /** Arrays that may be written, with their lengths (powers of two). */
  readonly arrays: readonly { readonly name: string; readonly length: number; readonly writable: boolean; readonly dtype: string }[]
  /** Helper functions of n numbers. */
  readonly functions: readonly { readonly name: string; readonly parameters: number }[]
  readonly loops: readonly string[]
  /** Bigint storage reached by name: `[name, 'i64' | 'u64']`. */
  readonly wide: readonly (readonly [string, 'i64' | 'u64'])[]
}

export const noNames: Names = { numbers: [], constants: [], booleans: [], bigints: [], arrays: [], functions: [], loops: [], wide: [] }

/** `names` with further ones. */
export function withNames(names: Names, more: Partial<Names>): Names {
  const merged = { ...names } as Record<string, readonly unknown[]>
  for (const [kind, added] of Object.entries(more)) merged[kind] = [...(merged[kind] ?? []), ...added]
  return merged as unknown as Names
}

const literals = ['0', '1', '2', '3', '-1', '0.5', '-0', '7', '10', '255', '256', '65535', '1e9', '4294967295', '2147483647', '-2147483648', '0.1', '1e-3', '9007199254740991', 'NaN', 'Infinity', '16777217']
const unary = ['Math.floor', 'Math.ceil', 'Math.round', 'Math.trunc', 'Math.abs', 'Math.sqrt', 'Math.sign', 'Math.fround', 'Math.clz32', 'f32', 'i32', 'u32', 'u8', 'i16', 'f16', 'Math.cos', 'Math.exp', 'Math.log1p', 'Math.atan', 'Math.sin', 'Math.tan', 'Math.log', 'Math.log2', 'Math.cbrt', 'Math.tanh', 'Math.expm1', 'Math.asinh', 'Math.acos']
const casts = ['f32', 'f32', 'i32', 'u32']

/** A number expression. */
export function numberText(random: Random, names: Names, depth: number): string {
  const atoms = [...names.numbers, ...names.constants]
  if (depth <= 0 || random.bits() % 5 === 0) return atoms.length > 0 && random.bits() % 4 !== 0 ? random.pick(atoms) : `(${random.pick(literals)})`
  const sub = (): string => numberText(random, names, depth - 1)
  switch (random.bits() % 18) {
    case 0: case 1: case 2: case 3: return `(${sub()} ${random.pick(['+', '-', '*'])} ${sub()})`
    case 4: return `(${sub()} ${random.pick(['/', '%'])} ${sub()})`
    case 5: case 6: return `(${sub()} ${random.pick(['&', '|', '^', '<<', '>>', '>>>'])} ${sub()})`
    case 7: return `${random.pick(unary)}(${sub()})`
    case 8: return `${random.pick(casts)}(${sub()} ${random.pick(['+', '-', '*', '/'])} ${sub()})`
    case 9: return `(${booleanText(random, names, depth - 1)} ? ${sub()} : ${sub()})`
    case 10: return `${random.pick(['Math.min', 'Math.max', 'Math.imul', 'Math.min', 'Math.hypot', 'Math.pow', 'Math.atan2'])}(${sub()}, ${sub()})`
    case 11: return `(${random.pick(['-', '~', '+'])}${sub()})`
    case 12: case 13: {
      if (names.arrays.length === 0) return sub()
      const from = random.pick(names.arrays)
      return `${from.name}[${indexText(random, names, from.length, depth)}]`
    }
    case 14: {
      if (names.functions.length === 0) return sub()
      const called = random.pick(names.functions)
      return `${called.name}(${Array.from({ length: called.parameters }, sub).join(', ')})`
    }
    case 15: return names.bigints.length > 0 ? `Number(${random.pick(['BigInt.asUintN(32, ', 'BigInt.asIntN(64, ', '('])}${random.pick(names.bigints)}))` : sub()
    case 16: return `Math.pow(${sub()}, ${random.pick(['2', '0.5', '-1', '3'])})`
    default: return `Number(${booleanText(random, names, depth - 1)})`
  }
}

/** An index that is always in range: `length` is a power of two. */
export function indexText(random: Random, names: Names, length: number, depth: number): string {
  return random.bits() % 3 === 0 ? String(random.bits() % length) : `(${numberText(random, names, depth - 1)}) & ${length - 1}`
}

export function booleanText(random: Random, names: Names, depth: number): string {
  if (depth <= 0) return names.booleans.length > 0 && random.bits() % 2 === 0 ? random.pick(names.booleans) : `(${numberText(random, names, 0)} < ${numberText(random, names, 0)})`
  switch (random.bits() % 7) {
    case 0: return `(${booleanText(random, names, depth - 1)} && ${booleanText(random, names, depth - 1)})`
    case 1: return `(${booleanText(random, names, depth - 1)} || ${booleanText(random, names, depth - 1)})`
    case 2: return `!${booleanText(random, names, depth - 1)}`
    case 3: return names.bigints.length > 0 ? `(${random.pick(names.bigints)} ${random.pick(['<', '>=', '===', '!=='])} ${bigintText(random, names, depth - 1)})` : `Number.isInteger(${numberText(random, names, depth - 1)})`
    default: return `(${numberText(random, names, depth - 1)} ${random.pick(['<', '<=', '>', '>=', '===', '!=='])} ${numberText(random, names, depth - 1)})`
  }
}

/** A wrapped 64-bit bigint expression. */
export function bigintText(random: Random, names: Names, depth: number): string {
  const atoms = [...names.bigints, ...names.wide.map(([name]) => name)]
  const wrap = random.pick(['BigInt.asUintN', 'BigInt.asIntN'])
  if (depth <= 0) return atoms.length > 0 && random.bits() % 3 !== 0 ? random.pick(atoms) : `${wrap}(64, ${random.pick(['0n', '1n', '3n', '-1n', '12345678901234567890n', '255n'])})`
  const sub = (): string => bigintText(random, names, depth - 1)
  switch (random.bits() % 6) {
    case 0: return `${wrap}(64, BigInt((${numberText(random, names, depth - 1)}) | 0))`
    case 1: return `${wrap}(64, ${sub()} << ${random.pick(['1n', '7n', '31n', '63n', '40n'])})`
    case 2: return `${wrap}(64, ${wrap}(64, ${sub()}) >> ${random.pick(['1n', '13n', '32n', '63n'])})`
    case 3: return `${wrap}(64, ${wrap}(64, ${sub()}) ${random.pick(['/', '%'])} ${wrap}(64, BigInt.asUintN(16, ${sub()}) + 1n))`
    default: return `${wrap}(64, ${sub()} ${random.pick(['+', '-', '*', '&', '|', '^'])} ${sub()})`
  }
}
