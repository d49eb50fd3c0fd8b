// Reproducible random messages: a seed gives the same bytes everywhere. Values favour the edges where number formats differ.
import { layoutOf, type Fields, type Layout, type Struct } from '#ringlab/schema/index.js'
import type { Schema } from 'ringlab'

const edges = [0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 31 - 1, -(2 ** 31), 2 ** 32, 2 ** 32 - 1, 2 ** 53, -(2 ** 53) - 2, 255, 256, 65504, 65520, 1e-8, 0.1,
  Number.MIN_VALUE, Number.MAX_VALUE, 2 ** -126, 2 ** -149, 3.4028234663852886e38, 1e300, Math.PI, Math.E]

/** SplitMix32 (Guy Steele et al., "Fast splittable pseudorandom number generators"): small, and good enough to choose test values. */
export class Random {
  #state: number
  constructor(seed: number) { this.#state = seed | 0 }

  /** 32 random bits, as u32. */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let z = this.#state
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return (z ^ (z >>> 15)) >>> 0
  }

  /** From 0 to below 1. */
  unit(): number { return this.bits() / 2 ** 32 }
  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number { return low + (this.bits() % (high - low + 1)) }
  pick<T>(from: readonly T[]): T { return from[this.bits() % from.length] as T }

  /** Any number: an edge, small, large, an integer, or random bits. */
  number(): number {
    switch (this.bits() % 6) {
      case 0: return this.pick(edges)
      case 1: return (this.unit() - 0.5) * 8
      case 2: return this.integer(-1000, 1000)
      case 3: return (this.unit() - 0.5) * 2 ** this.integer(-60, 70)
      case 4: return new Float64Array(Uint32Array.of(this.bits(), this.bits()).buffer)[0] as number
      default: return (this.bits() | 0)
    }
  }
}

/** A random value of the schema. */
export function randomMessage(schema: Schema, random: Random): Record<string, unknown> {
  if (schema.kind !== 'struct') throw new TypeError('the corpus uses structs only')
  return randomOf(layoutOf(schema as Struct<Fields>), random) as Record<string, unknown>
}

function randomOf(layout: Layout, random: Random): unknown {
  if (layout.kind === 'struct') return Object.fromEntries(layout.fields.map((field) => [field.name, randomOf(field.layout, random)]))
  if (layout.kind === 'array') return Array.from({ length: layout.length }, () => randomOf(layout.element, random))
  if (layout.dtype === 'bool') return random.bits() % 2 === 0
  if (layout.dtype === 'i64' || layout.dtype === 'u64') return randomBig(random)
  return random.number()
}

function randomBig(random: Random): bigint {
  const wide = (BigInt(random.bits()) << 32n) | BigInt(random.bits())
  return random.pick([wide, BigInt.asIntN(64, wide), BigInt(random.integer(-20, 20)), 0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 64n - 1n])
}
