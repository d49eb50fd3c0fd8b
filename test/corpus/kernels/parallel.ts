// Parallel forms: each over local arrays, state and messages; reductions, whose order of folding belongs to the language.
import { array, f32, f64, i32, ringKernel, struct, u32 } from 'ringlab'
import { entry } from '../corpus.js'

const Block = struct('Block', { n: u32, x: array(f32, 64), y: array(f32, 64) })
const Big = struct('Big', { x: array(f32, 600) })
const Sums = struct('Sums', { dot: f32, total: f64, most: f64, count: u32 })
const Out = struct('Out', { v: array(f32, 64) })

export const parallel = [
  entry(ringKernel('each-scales', { input: Block, output: Out }, { onMessage({ x, y }, ctx) {
    const out = new Float32Array(64)
    const scale = y[0]! + 1
    ctx.each(64, (i) => { out[i] = x[i]! * scale })
    ctx.send({ v: out })
  } })),

  entry(ringKernel('each-then-reduce', { input: Block, output: Sums }, async (ctx) => {
    let count = 0
    for (;;) {
      const { n, x, y } = await ctx.receive()
      const products = new Float32Array(64)
      const used = n % 65
      ctx.each(used, (i) => {
        let p = x[i]! * y[i]!
        if (p < 0) p = -p
        products[i] = p
      })
      const dot = ctx.reduce(used, (i) => products[i]!, (a, b) => a + b, 0)
      const total = ctx.reduce(64, (i) => x[i]! * x[i]!, (a, b) => a + b, 0)
      const most = ctx.reduce(used, (i) => y[i]!, (a, b) => Math.max(a, b), -1)
      count += used
      await ctx.send({ dot, total, most, count })
    }
  })),

  entry(ringKernel('long-reduce', { input: Big, output: Sums }, { onMessage({ x }, ctx) {
    const total = ctx.reduce(x.length, (i) => x[i]!, (a, b) => a + b, 0)
    const most = ctx.reduce(600, (i) => Math.abs(x[i]!), (a, b) => (a > b ? a : b), 0)
    const dot = ctx.reduce(300, (i) => f32(x[i]! * x[i + 300]!), (a, b) => f32(a + b), 0)
    ctx.send({ dot, total, most, count: ctx.reduce(0, (i) => i, (a, b) => a + b, 42) })
  } })),

  entry(ringKernel('each-on-state', { input: Block, output: Out, state: { sums: array(f32, 64), hits: array(i32, 64) } }, { onMessage({ x, y }, ctx) {
    ctx.each(64, (i) => {
      ctx.state.sums[i]! += x[i]!
      if (x[i]! > y[63 - i]!) ctx.state.hits[i]!++
    })
    const out = new Float32Array(64)
    ctx.each(32, (i) => { out[2 * i] = ctx.state.sums[i]!; out[2 * i + 1] = ctx.state.hits[i]! })
    ctx.send({ v: out })
  } })),

  entry(ringKernel('smooth', { input: Block, output: struct('Smoothed', { v: array(f32, 64), energy: f32, second: u32 }) }, async (ctx) => {
    const y = new Float32Array(64)
    let served = 0
    while (!ctx.shouldTerminate) {
      const a = await ctx.receive()
      const scale = a.x[0]! + 1
      ctx.each(64, (i) => { y[i] = a.x[i]! * scale })
      const b = await ctx.receive()
      const energy = ctx.reduce(64, (i) => y[i]! * b.x[i]!, (p, q) => p + q, 0)
      served++
      await ctx.send({ v: y, energy, second: b.n + served })
    }
  })),

  entry(ringKernel('each-with-loops', { input: Block, output: Out }, { onMessage({ x, n }, ctx) {
    const out = new Float32Array(64)
    const reach = n % 4
    ctx.each(64, (i) => {
      let sum = 0
      for (let d = -reach; d <= reach; d++) {
        const at = i + d
        if (at < 0 || at > 63) continue
        sum += x[at]!
      }
      out[i] = sum / (2 * reach + 1)
    })
    ctx.send({ v: out })
  } })),
]
