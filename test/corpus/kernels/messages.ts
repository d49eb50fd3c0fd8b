// What an actor does with its rings: several sends a message, none, replies, envelopes, tryReceive, priorities, and logs.
import { array, f32, f64, ringKernel, struct, u32, u64, u8 } from 'ringlab'
import { entry } from '../corpus.js'

const Word = struct('Word', { w: u32 })
const Values = struct('Values', { v: array(f32, 8) })
const Four = struct('Four', { r: array(f64, 4) })

export const messages = [
  entry(ringKernel('repeat', { input: Word, output: Word }, async (ctx) => {
    for (;;) {
      const { w } = await ctx.receive()
      for (let i = 0; i < w % 5; i++) await ctx.send({ w: w + i })
    }
  })),

  entry(ringKernel('filter', { input: Word, output: Word }, { onMessage({ w }, ctx) { if (w % 3 === 0) ctx.send({ w }) } })),

  entry(ringKernel('handler-sends-thrice', { input: Values, output: Word }, { onMessage({ v }, ctx) {
    for (let i = 0; i < 3; i++) if (v[i]! > 0) ctx.send({ w: i })
    ctx.send({ w: 99 })
  } })),

  entry(ringKernel('batches', { input: Word, output: struct('Batch', { n: u32, sum: f64 }) }, async (ctx) => {
    let total = 0
    for (;;) {
      const first = await ctx.receive()
      total += first.w
      const size = (first.w % 4) + 1
      for (let i = 1; i < size; i++) total += (await ctx.receive()).w
      await ctx.send({ n: size, sum: total })
    }
  })),

  entry(ringKernel('envelopes', { input: Word, output: struct('Facts', { correlation: u64, priority: u8, w: u32 }) }, { onMessage({ w }, ctx) {
    const { correlationId, priority } = ctx.envelope
    ctx.send({ correlation: correlationId, priority, w })
  } })),

  entry(ringKernel('late-replies', { input: Word, output: Word }, async (ctx) => {
    while (!ctx.shouldTerminate) {
      const first = await ctx.receive()
      const to = ctx.envelope
      const second = await ctx.receive()
      await ctx.reply(to, { w: second.w })
      await ctx.send({ w: first.w })
    }
  })),

  entry(ringKernel('marked', { input: Word, output: Word }, { onMessage({ w }, ctx) {
    ctx.send({ w }, { priority: w % 256, correlationId: BigInt(w) + 5n, timeToLiveMs: 600_000 + w % 1000 })
  } })),

  entry(ringKernel('running-total', { input: Word, output: Four, state: { n: u32, total: f64 } }, async (ctx) => {
    let least = Infinity
    let most = -Infinity
    while (!ctx.shouldTerminate) {
      const { w } = await ctx.receive()
      ctx.state.n++
      ctx.state.total += w
      least = Math.min(least, w)
      most = Math.max(most, w)
      await ctx.send({ r: [ctx.state.n, ctx.state.total, least, most] })
    }
  })),

  entry(ringKernel('no-output', { input: Word, state: { n: u32 } }, { onMessage({ w }, ctx) { ctx.state.n += w } })),

  entry(ringKernel('talkative', { input: Word, output: Word }, { onMessage({ w }, ctx) {
    console.log('word', w, w / 4, w > 100)
    ctx.send({ w })
  } })),
]
