// Floating point: arithmetic in f64 between storage types, single rounding to f32, NaN, infinities and zeros of both signs, and Math.
import { array, bf16, bool, f16, f32, f64, i16, i32, i8, ringKernel, struct, u16, u32, u8 } from 'ringlab'
import { entry } from '../corpus.js'

const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })
const Pair = struct('Pair', { a: f64, b: f64 })
const Pair32 = struct('Pair32', { a: f32, b: f32 })
const One = struct('One', { x: f64 })
const Eight = struct('Eight', { r: array(f64, 8) })
const Twelve = struct('Twelve', { r: array(f64, 12) })
const Stores = struct('Stores', { a: i8, b: u8, c: i16, d: u16, e: i32, f: u32, g: f16, h: bf16, i: f32, j: f64, k: bool })

export const numbers = [
  entry(ringKernel('summer', { input: Request, output: Response }, async (ctx) => {
    let served = 0
    while (!ctx.shouldTerminate) {
      const request = await ctx.receive()
      let sum = 0
      for (const v of request.values) sum += v
      served++
      await ctx.send({ id: request.id, sum: sum + served })
    }
  })),

  entry(ringKernel('variance', { input: Request, output: struct('Moments', { mean: f64, variance: f64, deviation: f32 }) }, async (ctx) => {
    for (;;) {
      const { values } = await ctx.receive()
      let mean = 0
      for (let i = 0; i < values.length; i++) mean += values[i]! / values.length
      let variance = 0
      for (let i = 0; i < values.length; i++) { const d = values[i]! - mean; variance += d * d }
      await ctx.send({ mean, variance: variance / (values.length - 1), deviation: Math.sqrt(variance) })
    }
  })),

  entry(ringKernel('single-precision', { input: Pair32, output: struct('Singles', { add: f32, sub: f32, mul: f32, div: f32, root: f32, chain: f32 }) }, async (ctx) => {
    for (;;) {
      const { a, b } = await ctx.receive()
      const chain = f32(f32(a * b) + a)
      await ctx.send({ add: f32(a + b), sub: a - b, mul: a * b, div: Math.fround(a / b), root: f32(Math.sqrt(a)), chain: f32(chain - b) })
    }
  })),

  entry(ringKernel('double-precision', { input: Pair, output: Eight }, async (ctx) => {
    while (true) {
      const p = await ctx.receive()
      await ctx.send({ r: [p.a + p.b, p.a - p.b, p.a * p.b, p.a / p.b, p.a % p.b, -p.a, +p.b, Math.pow(p.a, 2)] })
    }
  })),

  entry(ringKernel('stores', { input: One, output: Stores }, { onMessage(message, ctx) {
    const x = +message.x
    ctx.send({ a: x, b: x, c: x, d: x, e: x, f: x, g: x, h: x, i: x, j: x, k: x > 0 })
  } })),

  entry(ringKernel('scalar-casts', { input: One, output: Eight }, { onMessage({ x }, ctx) {
    ctx.send({ r: [i8(x), u8(x), i16(x), u16(x), i32(x), u32(x), f16(x), bf16(x)] })
  } })),

  entry(ringKernel('horner', { input: One, output: One }, async (ctx) => {
    const coefficients = [1, -0.5, 0.25, -0.125, 3e-3]
    for (;;) {
      const { x } = await ctx.receive()
      let y = 0
      for (const c of coefficients) y = y * x + c
      await ctx.send({ x: y })
    }
  })),

  entry(ringKernel('not-a-number', { input: Pair, output: Twelve }, { onMessage({ a, b }, ctx) {
    const least = Math.min(a, b)
    const most = Math.max(a, b, 0)
    ctx.send({ r: [
      a < b ? 1 : 0, a <= b ? 1 : 0, a > b ? 1 : 0, a >= b ? 1 : 0, a === b ? 1 : 0, a !== b ? 1 : 0,
      least, most, 1 / least, 1 / (a * 0), Number.isNaN(a) ? 1 : 0, Number.isFinite(b) ? 1 : 0,
    ] })
  } })),

  entry(ringKernel('negative-zero', { input: Pair, output: Eight }, { onMessage({ a, b }, ctx) {
    const zero = Math.round(a) * 0
    ctx.send({ r: [1 / zero, 1 / -zero, 1 / (zero + 0), 1 / Math.round(b), 1 / Math.trunc(a), 1 / Math.ceil(b), 1 / (Math.round(a) % 2), 1 / Math.floor(-zero)] })
  } })),

  entry(ringKernel('rounding', { input: One, output: Twelve }, { onMessage({ x }, ctx) {
    ctx.send({ r: [Math.floor(x), Math.ceil(x), Math.round(x), Math.trunc(x), Math.sign(x), Math.abs(x), Math.sqrt(x), Math.cbrt(x), Math.fround(x), Math.clz32(x), Math.imul(x, 3), Math.round(x + 0.5)] })
  } })),

  entry(ringKernel('exponentials', { input: Pair, output: Twelve }, { onMessage({ a, b }, ctx) {
    ctx.send({ r: [Math.exp(a), Math.expm1(a), Math.log(a), Math.log1p(a), Math.log2(a), Math.log10(a), Math.pow(a, b), Math.pow(b, a), Math.pow(Math.abs(a), 0.5), Math.exp(b / 100), Math.log(Math.abs(b)), Math.pow(2, a)] })
  } })),

  entry(ringKernel('trigonometry', { input: Pair, output: Twelve }, { onMessage({ a, b }, ctx) {
    ctx.send({ r: [Math.sin(a), Math.cos(a), Math.tan(a), Math.asin(a), Math.acos(b), Math.atan(a), Math.atan2(a, b), Math.hypot(a, b), Math.hypot(a, b, 1), Math.sin(b) * Math.cos(b), Math.PI * a, Math.LN2 + b] })
  } })),

  entry(ringKernel('hyperbolics', { input: One, output: Eight }, { onMessage({ x }, ctx) {
    const y = x / 8
    ctx.send({ r: [Math.sinh(y), Math.cosh(y), Math.tanh(y), Math.asinh(x), Math.acosh(x), Math.atanh(y), Math.tanh(x), Math.SQRT1_2 * y] })
  } })),

  entry(ringKernel('newton', { input: One, output: struct('Root', { x: f64, steps: u32 }) }, async (ctx) => {
    for (;;) {
      const target = Math.abs((await ctx.receive()).x)
      let x = target > 1 ? target / 2 : 1
      let steps = 0
      while (steps < 40) {
        const next = 0.5 * (x + target / x)
        steps++
        if (Math.abs(next - x) < 1e-12 * x) break
        x = next
      }
      await ctx.send({ x, steps })
    }
  })),

  entry(ringKernel('mandelbrot', { input: Pair, output: struct('Escape', { n: u32, radius: f32 }) }, { onMessage(c, ctx) {
    let x = 0
    let y = 0
    let n = 0
    while (x * x + y * y <= 4 && n < 200) {
      const t = x * x - y * y + c.a
      y = 2 * x * y + c.b
      x = t
      n++
    }
    ctx.send({ n, radius: Math.hypot(x, y) })
  } })),

  entry(ringKernel('halves', { input: struct('Halves', { h: array(f16, 4), b: array(bf16, 4) }), output: struct('HalfSums', { h: f16, b: bf16, both: f32, square: f16 }) }, { onMessage({ h, b }, ctx) {
    let sum = 0
    let other = 0
    for (let i = 0; i < 4; i++) { sum += h[i]!; other = bf16(other + b[i]!) }
    ctx.send({ h: sum, b: other, both: sum + other, square: f16(h[0]! * h[0]!) })
  } })),
]
