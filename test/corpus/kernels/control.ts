// Control flow, functions and variables: loops of every kind, labels, switch, early returns, shadowing, logical assignment.
import { array, bool, f32, f64, i32, ringKernel, struct, u32 } from 'ringlab'
import type { Infer, LoopContext } from 'ringlab'
import { entry } from '../corpus.js'

const Word = struct('Word', { w: u32 })
const Grid = struct('Grid', { g: array(i32, 16), wanted: i32 })
const Found = struct('Found', { row: i32, column: i32, looked: u32 })
const Point = struct('Point', { x: f64, y: f64 })
const Six = struct('Six', { r: array(f64, 6) })
const Level = { low: 0, middle: 1, high: 2 } as const
const settings = { scale: 3, limits: { low: -100, high: 100 }, names: ['a', 'b'] }

const clamp = (x: number, low = settings.limits.low, high = settings.limits.high): number => {
  if (x < low) return low
  if (x > high) return high
  return x
}
function dot(a: Infer<typeof Point>, b: Infer<typeof Point>): number { return a.x * b.x + a.y * b.y }
function scaled(p: Infer<typeof Point>, by: number): { x: number; y: number } { return { x: p.x * by, y: p.y * by } }
function firstAbove(values: ArrayLike<number>, bound: number): number {
  for (let i = 0; i < values.length; i++) if (values[i]! > bound) return i
  return -1
}
async function sendTwice(ctx: LoopContext<typeof Word, typeof Word>, w: number): Promise<void> {
  await ctx.send({ w })
  if (w % 2 === 0) return
  await ctx.send({ w: w + 1 })
}

export const control = [
  entry(ringKernel('labels', { input: Grid, output: Found }, { onMessage({ g, wanted }, ctx) {
    let row = -1
    let column = -1
    let looked = 0
    search: for (let r = 0; r < 4; r++) {
      for (let c = 0; c < 4; c++) {
        looked++
        const value = g[r * 4 + c]! % 8
        if (value < 0) continue search
        if (value === wanted % 8) { row = r; column = c; break search }
      }
    }
    ctx.send({ row, column, looked })
  } })),

  entry(ringKernel('switches', { input: Word, output: Six }, { onMessage({ w }, ctx) {
    let a = 0
    switch (w % 6) {
      case 0: a = 1; break
      case 1:
      case 2: a += 10; break
      case 3: a += 100; break
      default: a = -1; break
      case 4: a = 2
    }
    let b = 0
    switch (true) {
      case w > 1000: b = 1; break
      case w > 10: { const half = w / 2; b = half; break }
    }
    switch (w % 3) { case Level.low: b -= 1; break; case Level.high: b += 1 }
    let c = 0
    for (let i = 0; i < 10; i++) { switch (i % 4) { case 1: continue; case 3: c += i; break; default: c++ } c += 2 }
    ctx.send({ r: [a, b, c, w % 6, 0, 0] })
  } })),

  entry(ringKernel('loops', { input: Word, output: Six }, { onMessage({ w }, ctx) {
    let n = w % 100
    let a = 0
    do { a += n; n-- } while (n > 90)
    let b = 0
    for (let i = 0, j = 10; i < j; i++, j--) b += i * j
    let c = 0
    for (;;) { if (++c > 20) break; if (c % 3 !== 0) continue; c += 2 }
    let d = 0
    for (let i = 9; i >= 0; i -= 2) d = d * 3 + i
    let e = 0
    while (true) { e += 7; if (e > w % 50) break }
    let f = 0
    for (const step of [1, 2, 3.5]) for (const other of [step, -step / 2]) f += other * step
    ctx.send({ r: [a, b, c, d, e, f] })
  } })),

  entry(ringKernel('choices', { input: Point, output: Six }, { onMessage({ x, y }, ctx) {
    let a = x > 0 ? (y > 0 ? 1 : 2) : y > 0 ? 3 : 4
    const both = x > 0 && y > 0
    const either = x > 0 || y > 0
    let b = 0
    b ||= both ? 5 : 0
    b &&= b * 2
    let flag = both
    flag ||= either
    flag &&= x !== y
    const truthy = x ? 1 : 0
    const last = (a += 1, a * 2)
    ctx.send({ r: [a, b, flag ? 1 : 0, truthy, last, !x === true ? 1 : 0] })
  } })),

  entry(ringKernel('shadows', { input: Word, output: Six }, async (ctx) => {
    for (;;) {
      const { w } = await ctx.receive()
      const x = w % 10
      let total = x
      { const x = 5; total += x; { let x = total; x++; total = x } }
      for (let x = 0; x < 3; x++) { const w = x * 2; total += w }
      const double = (x: number): number => x * 2
      total = double(total) + double(x)
      await ctx.send({ r: [total, x, w % 7, double(double(1)), 0, 0] })
    }
  })),

  entry(ringKernel('helpers', { input: struct('Points', { p: Point, q: Point }), output: Six }, { onMessage({ p, q }, ctx) {
    const big = scaled(p, settings.scale)
    const norm = (v: { x: number; y: number }): number => Math.sqrt(dot(v, v))
    ctx.send({ r: [clamp(p.x), clamp(p.y, 0), clamp(q.x, -1, 1), dot(p, q), dot(big, q), norm(scaled(q, 0.5))] })
  } })),

  entry(ringKernel('early-return', { input: Grid, output: Word }, { onMessage({ g, wanted }, ctx) {
    const at = firstAbove(g, wanted)
    if (at < 0) return
    if (g[at] === 0) { ctx.send({ w: 0 }); return }
    ctx.send({ w: at })
  } })),

  entry(ringKernel('body-returns', { input: Word, output: Word }, async (ctx) => {
    let sum = 0
    for (let n = 0; n < 20; n++) {
      sum += (await ctx.receive()).w % 100
      if (sum > 700) { await ctx.send({ w: sum }); return }
    }
    await ctx.send({ w: 1_000_000 + sum })
  })),

  entry(ringKernel('awaiting-helper', { input: Word, output: Word }, async (ctx) => {
    while (!ctx.shouldTerminate) {
      const { w } = await ctx.receive()
      await sendTwice(ctx, w)
      if (w % 5 === 0) await sendTwice(ctx, 3)
    }
  })),

  entry(ringKernel('nested-waits', { input: Word, output: Word }, async (ctx) => {
    let round = 0
    outer: for (;;) {
      const count = (await ctx.receive()).w % 5
      let sum = round
      for (let i = 0; i < count; i++) {
        const { w } = await ctx.receive()
        if (w % 11 === 0) { await ctx.send({ w: 0xffffffff }); continue outer }
        sum += w % 1000
        if (i % 2 === 1) await ctx.send({ w: sum })
      }
      round++
      await ctx.send({ w: sum })
    }
  })),

  entry(ringKernel('booleans', { input: struct('Flags', { f: array(bool, 8), x: f32 }), output: struct('FlagsOut', { f: array(bool, 8), n: u32, all: bool, any: bool }) }, { onMessage({ f, x }, ctx) {
    const out = new Uint8Array(8)
    let n = 0
    let all = true
    let any = false
    for (let i = 0; i < 8; i++) {
      const flag = f[i] !== 0
      n += Number(flag)
      all = all && flag
      any ||= flag
      out[i] = flag !== (x > 0) ? 1 : 0
    }
    ctx.send({ f: out, n, all, any })
  } })),

  entry(ringKernel('fibonacci', { input: Word, output: struct('Fibonacci', { f: array(f64, 4) }) }, async (ctx) => {
    let [a, b] = [0, 1]
    while (!ctx.shouldTerminate) {
      const steps = (await ctx.receive()).w % 90
      for (let i = 0; i < steps; i++) [a, b] = [b, a + b]
      await ctx.send({ f: [a, b, a / b, steps] })
      if (a > 1e15) { a = 0; b = 1 }
    }
  })),
]
