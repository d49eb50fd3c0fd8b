// cuda/*.cuh as a shared library for this machine: compiled by g++ with RL_SIM, called over whole arrays through koffi.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import koffi from 'koffi'
import { preludeFor } from '#ringlab/compiler/cuda/prelude.js'
import { environment } from '../environment/paths.js'
import { part } from '../environment/read.js'

export const gxx = part('gxx')

/** What ring.cuh gives before the numeric texts. */
export const preamble = `typedef signed char i8; typedef unsigned char u8; typedef short i16; typedef unsigned short u16; typedef int i32; typedef unsigned int u32;
typedef long long i64; typedef unsigned long long u64; typedef float f32; typedef double f64;
`

/** C types and the arrays that hold them. */
const arrays = {
  f64: Float64Array, f32: Float32Array, i8: Int8Array, u8: Uint8Array, i16: Int16Array, u16: Uint16Array, i32: Int32Array, u32: Uint32Array,
  i64: BigInt64Array, u64: BigUint64Array, bool: Uint8Array,
} as const
type Type = keyof typeof arrays
interface ArrayOf {
  f64: Float64Array; f32: Float32Array; i8: Int8Array; u8: Uint8Array; i16: Int16Array; u16: Uint16Array; i32: Int32Array; u32: Uint32Array
  i64: BigInt64Array; u64: BigUint64Array; bool: Uint8Array
}

/** `f64 (f64, u32)`: what a function gives and takes. */
export interface Signature<R extends Type = Type, P extends readonly Type[] = readonly Type[]> { readonly gives: R; readonly takes: P }

export function signature<R extends Type, const P extends readonly Type[]>(gives: R, ...takes: P): Signature<R, P> {
  return { gives, takes }
}

type Over<S> = S extends Signature<infer R, infer P> ? (...values: { [I in keyof P]: ArrayOf[P[I]] }) => ArrayOf[R] : never

/** Each function, of the prelude or of `own` text, as one that maps arrays to an array. They are compiled together when the first is called: where g++ is missing, nothing is. */
export function compileLibrary<S extends Record<string, Signature>>(signatures: S, own = ''): { [N in keyof S]: Over<S[N]> } {
  const names = Object.keys(signatures)
  // What the test's own C++ text defines, and what that text calls.
  const called = [...own.matchAll(/\brl_\w+(?=\()/g)].map(([name]) => name)
  const prelude = preludeFor([...names, ...called].filter((name) => !own.includes(` ${name}(f64 `)))
  const text = `${preamble}#define RL_FN static inline\n#define RL_SLOW static __attribute__((noinline))\n${prelude}\n${own}\n`
    + names.map((name) => loopOver(name, signatures[name] as Signature)).join('')
  let library: ReturnType<typeof koffi.load> | undefined
  const mapped: Record<string, unknown> = {}
  for (const name of names) {
    const { gives, takes } = signatures[name] as Signature
    let call: ((...values: unknown[]) => void) | undefined
    mapped[name] = (...given: ArrayBufferView[]) => {
      const values = given.slice(0, takes.length)
      library ??= koffi.load(build(text))
      call ??= library.func(`void over_${name}(${takes.map((_, i) => `const void *p${i}, `).join('')}void *out, uint32_t count)`) as (...values: unknown[]) => void
      const count = Math.min(...values.map((value) => (value as unknown as { length: number }).length))
      const out = new arrays[gives](count)
      call(...values, out, count)
      return out
    }
  }
  return mapped as { [N in keyof S]: Over<S[N]> }
}

function loopOver(name: string, { gives, takes }: Signature): string {
  const parameters = takes.map((type, i) => `const ${type} *p${i}, `).join('')
  return `extern "C" void over_${name}(${parameters}${gives} *out, u32 count) { for (u32 i = 0; i < count; i++) out[i] = ${name}(${takes.map((_, i) => `p${i}[i]`).join(', ')}); }\n`
}

/** The path of the text's library; one that was built before from the same text is used again. */
export function build(text: string): string {
  if (gxx === undefined) throw new Error('g++ is missing; tests that need it ask first')
  const flags = ['-std=c++20', '-O2', '-ffp-contract=off', '-fPIC', '-shared', '-DRL_SIM', '-Wall', '-Wextra', '-Werror', '-Wno-unused-function', '-Wno-unknown-pragmas']
  const folder = join(environment, 'numbers')
  const file = join(folder, `${createHash('sha256').update(JSON.stringify([gxx, flags, text])).digest('hex').slice(0, 20)}.so`)
  if (existsSync(file)) return file
  mkdirSync(folder, { recursive: true })
  const scratch = mkdtempSync(join(folder, 'building-'))
  try {
    writeFileSync(join(scratch, 'numbers.cpp'), text)
    const { status, stderr } = spawnSync(gxx, [...flags, '-o', join(scratch, 'numbers.so'), join(scratch, 'numbers.cpp')], { encoding: 'utf8', timeout: 60_000 })
    if (status !== 0) throw new Error(`g++ refuses the numeric texts:\n${stderr.slice(0, 3000)}`)
    renameSync(join(scratch, 'numbers.so'), file)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return file
}
