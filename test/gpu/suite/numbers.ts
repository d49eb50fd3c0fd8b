// JavaScript's arithmetic on the GPU, to the bit: every function of Math, and conversions, over special values and random ones; NaN, overflow and subnormals
// included. One-shot kernels do it on the GPU, and the same functions, as they are, on the host.
import { bf16, f16, f32, f64, i16, i32, i8, kernel, u16, u32, u8, unifiedBuffer, type RingKernelRuntime, type UnifiedBuffer } from 'ringlab'
import { pow } from '#ringlab/compiler/numeric/pow.js'
import { numbers as numbersFrom, pairs } from '../../numbers/inputs.js'
import type { Check, Report } from './check.js'
import { withRuntime } from './with-runtime.js'

const ones = ['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'expm1', 'log', 'log1p', 'log2', 'log10', 'cbrt', 'sinh', 'cosh', 'tanh', 'asinh', 'acosh', 'atanh', 'sqrt', 'floor', 'ceil', 'round', 'trunc', 'sign', 'fround', 'abs', '| 0', '>>> 0', 'clz32', '<< 3', '>> 3'] as const
const ofOne = kernel('gpu-of-one', { x: [f64], out: [f64] }, ({ x, out }, i) => {
  const v = x[i] ?? 0
  out[i * 32] = Math.sin(v); out[i * 32 + 1] = Math.cos(v); out[i * 32 + 2] = Math.tan(v); out[i * 32 + 3] = Math.asin(v)
  out[i * 32 + 4] = Math.acos(v); out[i * 32 + 5] = Math.atan(v); out[i * 32 + 6] = Math.exp(v); out[i * 32 + 7] = Math.expm1(v)
  out[i * 32 + 8] = Math.log(v); out[i * 32 + 9] = Math.log1p(v); out[i * 32 + 10] = Math.log2(v); out[i * 32 + 11] = Math.log10(v)
  out[i * 32 + 12] = Math.cbrt(v); out[i * 32 + 13] = Math.sinh(v); out[i * 32 + 14] = Math.cosh(v); out[i * 32 + 15] = Math.tanh(v)
  out[i * 32 + 16] = Math.asinh(v); out[i * 32 + 17] = Math.acosh(v); out[i * 32 + 18] = Math.atanh(v); out[i * 32 + 19] = Math.sqrt(v)
  out[i * 32 + 20] = Math.floor(v); out[i * 32 + 21] = Math.ceil(v); out[i * 32 + 22] = Math.round(v); out[i * 32 + 23] = Math.trunc(v)
  out[i * 32 + 24] = Math.sign(v); out[i * 32 + 25] = Math.fround(v); out[i * 32 + 26] = Math.abs(v); out[i * 32 + 27] = v | 0
  out[i * 32 + 28] = v >>> 0; out[i * 32 + 29] = Math.clz32(v); out[i * 32 + 30] = v << 3; out[i * 32 + 31] = v >> 3
})

const twos = ['+', '−', '×', '÷', '%', 'a × b + a', 'a × a − b × b', 'f32 +', 'f32 ×', 'f32 ÷', 'f32 √', 'f32(a × b) + a', 'atan2', 'hypot', 'min', 'max', 'imul'] as const
const ofTwo = kernel('gpu-of-two', { x: [f64], y: [f64], out: [f64] }, ({ x, y, out }, i) => {
  const a = x[i] ?? 0
  const b = y[i] ?? 0
  out[i * 17] = a + b; out[i * 17 + 1] = a - b; out[i * 17 + 2] = a * b; out[i * 17 + 3] = a / b; out[i * 17 + 4] = a % b
  // What a fused multiply-add would round once instead of twice.
  out[i * 17 + 5] = a * b + a; out[i * 17 + 6] = a * a - b * b
  const p = f32(a)
  const q = f32(b)
  out[i * 17 + 7] = f32(p + q); out[i * 17 + 8] = f32(p * q); out[i * 17 + 9] = f32(p / q); out[i * 17 + 10] = f32(Math.sqrt(p)); out[i * 17 + 11] = f32(f32(p * q) + p)
  out[i * 17 + 12] = Math.atan2(a, b); out[i * 17 + 13] = Math.hypot(a, b); out[i * 17 + 14] = Math.min(a, b); out[i * 17 + 15] = Math.max(a, b); out[i * 17 + 16] = Math.imul(a, b)
})
const power = kernel('gpu-power', { x: [f64], y: [f64], out: [f64] }, ({ x, y, out }, i) => { out[i] = (x[i] ?? 0) ** (y[i] ?? 0) })

const stored = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'f32', 'f16', 'bf16'] as const
const types = { i8, u8, i16, u16, i32, u32, f32, f16, bf16 } as const
const stores = kernel('gpu-stores', { x: [f64], i8: [i8], u8: [u8], i16: [i16], u16: [u16], i32: [i32], u32: [u32], f32: [f32], f16: [f16], bf16: [bf16] }, (args, i) => {
  const v = args.x[i] ?? 0
  args.i8[i] = v
  args.u8[i] = v
  args.i16[i] = v
  args.u16[i] = v
  args.i32[i] = v
  args.u32[i] = v
  args.f32[i] = v
  args.f16[i] = v
  args.bf16[i] = v
})

export const numbers: readonly Check[] = [
  { name: 'Math of one number: every bit equals plain JavaScript', secondsMax: 60, run: (report) => withRuntime((runtime) => onePlace(runtime, report)) },
  { name: 'arithmetic of two numbers, nothing contracted: every bit equals plain JavaScript', secondsMax: 60, run: (report) => withRuntime((runtime) => twoPlaces(runtime, report)) },
  { name: 'conversions at stores: every bit equals plain JavaScript', secondsMax: 60, run: (report) => withRuntime((runtime) => storing(runtime, report)) },
]

/** Random inputs beside the special ones: a simulated GPU needs no more of them to be found wrong. */
const countOf = ({ machine }: Report): number => (machine.isSimulated ? 5_000 : 100_000)

async function onePlace(runtime: RingKernelRuntime, report: Report): Promise<string> {
  let count = 0
  // Ranges in which the functions do something.
  for (const [i, range] of [1, 40, 750, 1e6, 2 ** 33, 2 ** 65].entries()) {
    report.at(`numbers within ±${range}`)
    const inputs = numbersFrom(countOf(report), 21 + i, range)
    const [got, wanted] = await both((out, device) => {
      const x = unifiedBuffer(f64, inputs)
      return ofOne.launch({ x, out }, { device, runtime, threads: inputs.length, timeoutMs: 50_000 })
    }, inputs.length * ones.length)
    same(got, wanted, (at) => `${ones[at % ones.length] ?? ''} of ${inputs[Math.floor(at / ones.length)] ?? ''}`)
    count += got.length
  }
  return `${count} results of ${ones.length} functions, 0 different`
}

async function twoPlaces(runtime: RingKernelRuntime, report: Report): Promise<string> {
  let count = 0
  for (const [i, range] of [2, 1e6, 2 ** 40].entries()) {
    report.at(`pairs within ±${range}`)
    const [left, right] = pairs(countOf(report), 31 + 2 * i, range)
    const place = (): { x: UnifiedBuffer<typeof f64>; y: UnifiedBuffer<typeof f64> } => ({ x: unifiedBuffer(f64, left), y: unifiedBuffer(f64, right) })
    const [got, wanted] = await both((out, device) => ofTwo.launch({ ...place(), out }, { device, runtime, threads: left.length, timeoutMs: 50_000 }), left.length * twos.length)
    same(got, wanted, (at) => { const n = Math.floor(at / twos.length); return `${twos[at % twos.length] ?? ''} of ${left[n] ?? ''} and ${right[n] ?? ''}` })
    using out = unifiedBuffer(f64, left.length)
    await power.launch({ ...place(), out }, { device: 'cuda', runtime, timeoutMs: 50_000 })
    // The language has a power of its own: engines differ.
    same(await out.onHost(), left.map((a, n) => pow(a, right[n] ?? 0)), (at) => `${left[at] ?? ''} ** ${right[at] ?? ''}`)
    count += got.length + left.length
  }
  return `${count} results of ${twos.length + 1} operations, 0 different`
}

async function storing(runtime: RingKernelRuntime, report: Report): Promise<string> {
  const inputs = Float64Array.from([...numbersFrom(countOf(report), 1, 70_000), ...numbersFrom(countOf(report), 4, 2 ** 33), ...numbersFrom(countOf(report), 5, 2 ** 65)])
  const [onGpu, onHost] = [buffersFor(inputs.length), buffersFor(inputs.length)]
  const x = unifiedBuffer(f64, inputs)
  await stores.launch({ x, ...onHost }, { device: 'host', runtime, threads: inputs.length, timeoutMs: 50_000 })
  const wanted = new Map<string, readonly number[]>()
  for (const name of stored) wanted.set(name, Array.from(await onHost[name].onHost() as ArrayLike<number>))
  await stores.launch({ x, ...onGpu }, { device: 'cuda', runtime, threads: inputs.length, timeoutMs: 50_000 })
  for (const name of stored) same(await onGpu[name].onHost(), wanted.get(name) ?? [], (at) => `${inputs[at] ?? ''} stored to ${name}`)
  return `${inputs.length * stored.length} stores to ${stored.length} types, 0 different`
}

function buffersFor(count: number): { readonly [K in typeof stored[number]]: UnifiedBuffer<typeof types[K]> } {
  return Object.fromEntries(stored.map((name) => [name, unifiedBuffer(types[name], count)])) as unknown as { readonly [K in typeof stored[number]]: UnifiedBuffer<typeof types[K]> }
}

/** What the GPU gives, and what the function gives as it is. */
async function both(launch: (out: UnifiedBuffer<typeof f64>, device: 'cuda' | 'host') => Promise<void>, count: number): Promise<readonly [Float64Array, Float64Array]> {
  const results: Float64Array[] = []
  for (const device of ['cuda', 'host'] as const) {
    using out = unifiedBuffer(f64, count)
    await launch(out, device)
    results.push(Float64Array.from(await out.onHost()))
  }
  return results as unknown as readonly [Float64Array, Float64Array]
}

/** NaNs are one value. @throws with the first three differences. */
function same(got: ArrayLike<number>, wanted: ArrayLike<number>, name: (at: number) => string): void {
  const wrong: string[] = []
  let count = 0
  for (let at = 0; at < wanted.length; at++) if (!Object.is(got[at], wanted[at])) { count++; if (wrong.length < 3) wrong.push(`${name(at)} is ${shown(got[at])}, not ${shown(wanted[at])}`) }
  if (count > 0) throw new Error(`${count} of ${wanted.length} results differ: ${wrong.join('; ')}`)
}

function shown(value: number | undefined): string { return Object.is(value, -0) ? '-0' : String(value) }
