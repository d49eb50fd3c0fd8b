// Arrays and structs: local typed arrays, messages that are written to, nested structs, destructuring, spreading, copies and aliases.
import { array, f32, f64, i32, ringKernel, struct, u16, u32, u8 } from 'ringlab'
import { entry } from '../corpus.js'

const Vector = struct('Vector', { x: f32, y: f32, z: f32 })
const Particle = struct('Particle', { position: Vector, velocity: Vector, mass: f64, tag: u8 })
const Cloud = struct('Cloud', { count: u32, particles: array(Particle, 4) })
const Sample = struct('Sample', { value: f32, index: u32 })
const Matrix = struct('Matrix', { m: array(array(f32, 4), 4) })
const Eight = struct('Eight', { v: array(f32, 8) })
const Word = struct('Word', { w: u32 })
const Four = struct('Four', { r: array(f64, 4) })
const curve = new Float32Array([0, 0.1, 0.4, 0.9, 1.6, 2.5, 3.6, 4.9])
const origin = { x: 1, y: 2, z: 3 }

/** Two structs of one name: JavaScript tells them apart by what they are. */
const Flat = struct('Point', { x: f32, y: f32 })
const Deep = struct('Point', { x: f32, y: f32, z: f32 })
const FlatLine = struct('Line', { from: Flat, to: Flat })
const DeepLine = struct('Line', { from: Deep, to: Deep })

export const aggregates = [
  entry(ringKernel('structs-of-one-name', { input: FlatLine, output: DeepLine, state: { last: Deep } }, { onMessage({ from, to }, ctx) {
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, z: ctx.state.last.z + 1 }
    ctx.send({ from: ctx.state.last, to: middle })
    ctx.state.last = middle
  } })),

  entry(ringKernel('moving-average', { input: Sample, output: Sample }, async (ctx) => {
    const window = new Float32Array(16)
    let filled = 0
    let next = 0
    for (;;) {
      const { value, index } = await ctx.receive()
      window[next] = value
      next = (next + 1) % window.length
      filled = Math.min(filled + 1, window.length)
      let sum = 0
      for (let i = 0; i < filled; i++) sum += window[i]!
      await ctx.send({ value: sum / filled, index })
    }
  })),

  entry(ringKernel('insertion-sort', { input: Eight, output: Eight }, { onMessage({ v }, ctx) {
    for (let i = 1; i < v.length; i++) {
      const x = v[i]!
      let j = i - 1
      while (j >= 0 && v[j]! > x) { v[j + 1] = v[j]!; j-- }
      v[j + 1] = x
    }
    ctx.send({ v })
  } })),

  entry(ringKernel('histogram', { input: Sample, output: struct('Bins', { bins: array(u32, 10), most: u16 }), state: { bins: array(u32, 10) } }, { onMessage({ value }, ctx) {
    const at = Number.isFinite(value) ? Math.min(9, Math.floor(Math.abs(value) % 10)) : 0
    ctx.state.bins[at]!++
    let most = 0
    for (let i = 1; i < 10; i++) if (ctx.state.bins[i]! > ctx.state.bins[most]!) most = i
    ctx.send({ bins: ctx.state.bins, most })
  } })),

  entry(ringKernel('matrix-product', { input: struct('Product', { a: Matrix, b: Matrix }), output: Matrix }, { onMessage({ a, b }, ctx) {
    const out = new Float64Array(16)
    for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) {
      let sum = 0
      for (let k = 0; k < 4; k++) sum = f32(sum + f32(a.m[i]![k]! * b.m[k]![j]!))
      out[i * 4 + j] = sum
    }
    ctx.send({ m: [[out[0]!, out[1]!, out[2]!, out[3]!], [out[4]!, out[5]!, out[6]!, out[7]!], [out[8]!, out[9]!, out[10]!, out[11]!], [out[12]!, out[13]!, out[14]!, out[15]!]] })
  } })),

  entry(ringKernel('transpose', { input: Matrix, output: Matrix }, { onMessage(message, ctx) {
    const { m } = message
    for (let i = 0; i < 4; i++) for (let j = i + 1; j < 4; j++) {
      const t = m[i]![j]!
      m[i]![j] = m[j]![i]!
      m[j]![i] = t
    }
    ctx.send(message)
  } })),

  entry(ringKernel('particles', { input: Cloud, output: struct('Moved', { cloud: Cloud, energy: f64, centre: Vector }) }, { onMessage(cloud, ctx) {
    let energy = 0
    const centre = { x: 0, y: 0, z: 0 }
    for (const p of cloud.particles) {
      const v = p.velocity
      p.position.x += v.x * 0.01
      p.position.y += v.y * 0.01
      p.position.z = f32(p.position.z + f32(v.z * f32(0.01)))
      energy += 0.5 * p.mass * (v.x * v.x + v.y * v.y + v.z * v.z)
      centre.x += p.position.x / 4
      centre.y += p.position.y / 4
      p.tag++
    }
    centre.z = origin.z
    ctx.send({ cloud, energy, centre })
  } })),

  entry(ringKernel('destructuring', { input: Particle, output: Four }, { onMessage({ position: { x, y: height }, velocity, mass }, ctx) {
    const { z, ...rest } = velocity
    const [a, , c] = [x, height, z]
    const { x: ox } = origin
    ctx.send({ r: [a + c, rest.x * rest.y, mass, ox] })
  } })),

  entry(ringKernel('spreads', { input: Vector, output: Particle }, { onMessage(v, ctx) {
    const moved = { ...v, y: v.y * 2 }
    const other = { ...moved }
    other.x = -1
    const tag = 7
    ctx.send({ position: moved, velocity: { ...other, z: other.x + moved.z }, mass: moved.x, tag })
  } })),

  entry(ringKernel('best-so-far', { input: Sample, output: struct('Best', { best: Sample, previous: Sample, seen: u32 }) }, async (ctx) => {
    let best = await ctx.receive()
    let previous = best
    let seen = 1
    for (;;) {
      const sample = await ctx.receive()
      seen++
      if (!(sample.value <= best.value)) best = sample
      await ctx.send({ best, previous, seen })
      previous = sample
    }
  })),

  entry(ringKernel('pairs', { input: Sample, output: struct('Both', { first: Sample, second: Sample, difference: f64 }) }, async (ctx) => {
    while (!ctx.shouldTerminate) {
      const first = await ctx.receive()
      const second = await ctx.receive()
      await ctx.send({ first, second, difference: second.value - first.value })
    }
  })),

  entry(ringKernel('last-message', { input: Eight, output: Eight, state: { last: Eight, n: u32 } }, { onMessage(message, ctx) {
    const out = new Float32Array(8)
    for (let i = 0; i < 8; i++) out[i] = message.v[i]! - ctx.state.last.v[i]!
    ctx.state.last = message
    ctx.state.n++
    message.v[0] = 99
    ctx.send({ v: out })
  } })),

  entry(ringKernel('table-lookup', { input: Sample, output: Sample }, { onMessage({ value, index }, ctx) {
    const x = Math.min(6.999, Math.max(0, Number.isFinite(value) ? Math.abs(value) % 7 : 0))
    const i = Math.floor(x)
    const t = x - i
    ctx.send({ value: curve[i]! * (1 - t) + curve[i + 1]! * t, index: index + curve.length })
  } })),

  entry(ringKernel('array-methods', { input: Eight, output: struct('Methods', { a: array(f32, 8), b: array(f64, 4), c: array(i32, 3), n: u32 }) }, { onMessage({ v }, ctx) {
    const a = new Float32Array(8)
    a.fill(0.5)
    a.set([1, 2, 3], 2)
    a[7] = v[7]!
    const b = new Float64Array([v[0]!, v[1]!, 2, 3])
    const part = v.slice(2, 5)
    const c = new Int32Array(3)
    c.set([part[0]! | 0, part[1]! | 0, part.length])
    ctx.send({ a, b, c, n: v.length + a.length + b.length })
  } })),

  entry(ringKernel('prefix-sums', { input: Eight, output: Eight }, { onMessage({ v }, ctx) {
    const out = new Float32Array(v)
    for (let step = 1; step < 8; step *= 2) for (let i = 7; i >= step; i--) out[i] = out[i]! + out[i - step]!
    ctx.send({ v: out })
  } })),

  entry(ringKernel('state-machine', { input: Word, output: struct('Machine', { phase: u8, ring: array(u16, 4), at: u8 }), state: { phase: u8, ring: array(u16, 4), at: u8 } }, async (ctx) => {
    const { state } = ctx
    for (;;) {
      const { w } = await ctx.receive()
      switch (state.phase) {
        case 0: if (w % 2 === 0) state.phase = 1; break
        case 1: state.ring[state.at % 4] = w; state.at++; if (w % 3 === 0) state.phase = 2; break
        case 2: state.phase = w % 3; break
      }
      await ctx.send({ phase: state.phase, ring: state.ring, at: state.at })
    }
  })),
]
