// Codes RL1500 to RL1599, rules that are checked on the compiled program (parallel bodies, bounds of what is sent), and RL2001 on, notes of advice.
import type { Entry } from '../entry.js'
import { handler, loop } from './example.js'

export const rules = {
  RL1501: {
    title: 'A handler sends without a bound',
    category: 'error',
    message: 'What this handler sends through {port} has no bound that the compiler can see, so room for it cannot be reserved before a message is taken.',
    fix: 'Send in a loop whose count is a constant, or write the loop form: async (ctx) => { while (!ctx.shouldTerminate) { const message = await ctx.receive(); … await ctx.send(…) } }.',
    why: 'A handler runs to completion: what it sends is staged, and room for the most it can send is reserved before its message is taken. So that most has to be known when it is compiled. The loop form waits for room at each send instead.',
    host: true,
    wrong: `ringKernel('repeat', { input: Request, output: Reply }, {
  onMessage(request, ctx) {
    for (let i = 0; i < request.count; i++) {
      ctx.send({ id: request.id, value: i })
    }
  },
})`,
    right: `ringKernel('repeat', { input: Request, output: Reply }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    for (let i = 0; i < request.count; i++) {
      await ctx.send({ id: request.id, value: i })
    }
  }
})`,
  },
  RL1502: {
    title: 'A handler sends more than a ring holds',
    category: 'error',
    message: 'One message may lead to {count} outputs through {port}, and a ring holds at most {most}.',
    fix: 'Send fewer, larger messages (an array field), or write the loop form, which waits for room at each send.',
    why: 'What a handler sends is staged in the ring until its message is finished, so that a fault can take it back. It has to fit there.',
    host: true,
    wrong: `ringKernel('flood', { input: Request, output: Reply }, {
  onMessage(request, ctx) {
    for (let i = 0; i < 2_000_000; i++) {
      ctx.send({ id: request.id, value: i })
    }
  },
})`,
    right: `ringKernel('flood', { input: Request, output: Reply }, {
  onMessage(request, ctx) {
    for (let i = 0; i < 1000; i++) {
      ctx.send({ id: request.id, value: i })
    }
  },
})`,
  },
  RL1510: {
    title: 'A variable from around a parallel body is set',
    category: 'error',
    message: '{call} runs its function for every i at once, and this one sets `{name}`, which all of them share.',
    fix: 'Sum up with ctx.reduce, or write to an element of an array at i.',
    why: 'The rounds of a parallel body run on many threads in any order. A variable from around it may be read; set, its last value would depend on that order.',
    host: true,
    wrong: loop(`const request = await ctx.receive()
let sum = 0
ctx.each(8, (i) => { sum += request.values[i] })
await ctx.send({ id: request.id, value: sum })`),
    right: loop(`const request = await ctx.receive()
const sum = ctx.reduce(8, (i) => request.values[i], (a, b) => a + b, 0)
await ctx.send({ id: request.id, value: sum })`),
  },
  RL1511: {
    title: 'Waiting, sending or logging in a parallel body',
    category: 'error',
    message: '{what} cannot be used inside {call}, whose rounds run at once.',
    fix: 'Do it before or after; a parallel body only computes and writes elements at its own i.',
    why: 'The rounds of a parallel body run on many threads in any order: messages and log lines would come in that order, and a round that waits would hold all others.',
    host: true,
    wrong: loop(`const request = await ctx.receive()
ctx.each(8, (i) => {
  console.log('value', request.values[i])
  ctx.state.seen[i] = request.values[i]
})`, ', state: { seen: array(f32, 8) }'),
    right: loop(`const request = await ctx.receive()
ctx.each(8, (i) => { ctx.state.seen[i] = request.values[i] })
for (let i = 0; i < 8; i++) console.log('value', ctx.state.seen[i])`, ', state: { seen: array(f32, 8) }'),
  },
  RL1512: {
    title: 'Two rounds of a parallel body may write one element',
    category: 'error',
    message: 'Inside {call}, {what} may be written by more than one round.',
    fix: 'Index it by i: `[i]`, `[i + 1]`, `[i * 4 + k]` with k below 4; count shared things with Atomics.add on an integer array, or use ctx.reduce.',
    why: 'The rounds of a parallel body run in any order, so what two of them write would be left to chance. The compiler has to see that each writes elements of its own: indices of the form scale * i + offset, with offsets that stay below the scale.',
    host: true,
    wrong: loop(`const request = await ctx.receive()
ctx.each(8, (i) => { ctx.state.last[0] = request.values[i] })`, ', state: { last: array(f32, 8) }'),
    right: loop(`const request = await ctx.receive()
ctx.each(8, (i) => { ctx.state.last[i] = request.values[i] })`, ', state: { last: array(f32, 8) }'),
  },
  RL1513: {
    title: 'A parallel body reads what another round writes',
    category: 'error',
    message: 'Inside {call}, {what} may be read by one round and written by another.',
    fix: 'Read from one array and write to another; change over after the call.',
    why: 'The rounds of a parallel body run in any order: a round cannot know whether its neighbour has written already.',
    host: true,
    wrong: loop(`const request = await ctx.receive()
ctx.each(7, (i) => {
  ctx.state.line[i] = ctx.state.line[i + 1] * request.scale
})`, ', state: { line: array(f32, 8) }'),
    right: loop(`const request = await ctx.receive()
ctx.each(7, (i) => {
  ctx.state.next[i] = ctx.state.line[i + 1] * request.scale
})
ctx.each(7, (i) => { ctx.state.line[i] = ctx.state.next[i] })`, ',\n  state: { line: array(f32, 8), next: array(f32, 8) }'),
  },
  RL1514: {
    title: 'The order of atomic operations in a parallel body',
    category: 'error',
    message: 'Inside {call}, this atomic operation on {what} gives a result that depends on which round comes first.',
    fix: 'Use Atomics.add, sub, and, or or xor as a statement, and read the array after the call.',
    why: 'Sums and bit operations of integers are the same in every order. What was there before one of them, and who exchanges first, is not.',
    host: true,
    wrong: loop(`const request = await ctx.receive()
ctx.each(8, (i) => {
  const before = Atomics.add(ctx.state.counts, 0, 1)
  ctx.state.order[i] = before + request.count
})`, ',\n  state: { counts: array(u32, 1), order: array(u32, 8) }'),
    right: loop(`const request = await ctx.receive()
ctx.each(8, (i) => {
  if (request.values[i] > 0) Atomics.add(ctx.state.counts, 0, 1)
})`, ', state: { counts: array(u32, 1) }'),
  },
  RL1520: {
    title: 'Messages run at once and something is kept',
    category: 'error',
    message: "With parallel: 'messages' this handler runs for many messages at once, and {what} is written.",
    fix: "Leave out parallel: 'messages', or send what you would keep to a ring kernel that keeps it.",
    why: 'Messages that run at once have no order among each other, so what they leave behind would be left to chance. Each may read state and send; nothing else.',
    host: true,
    wrong: handler(`ctx.buffers.last[0] = request.count
ctx.send({ id: request.id, value: request.scale })`, ", parallel: 'messages', buffers: { last: u32 }"),
    right: handler(`ctx.buffers.last[0] = request.count
ctx.send({ id: request.id, value: request.scale })`, ', buffers: { last: u32 }'),
  },
  RL1521: {
    title: 'Messages run at once and one wants more',
    category: 'error',
    message: "With parallel: 'messages' one thread runs one message: {what} cannot be used there.",
    fix: "Write a loop, or leave out parallel: 'messages'.",
    why: 'Every message has one thread to itself; ctx.each and ctx.reduce share one message among all threads of the block.',
    host: true,
    wrong: handler(`const sum = ctx.reduce(8, (i) => request.values[i], (a, b) => a + b, 0)
ctx.send({ id: request.id, value: sum })`, ", parallel: 'messages'"),
    right: handler(`let sum = 0
for (let i = 0; i < 8; i++) sum += request.values[i]
ctx.send({ id: request.id, value: sum })`, ", parallel: 'messages'"),
  },
  RL2001: {
    title: 'Arithmetic of f32 that runs in f64',
    category: 'note',
    message: 'This loop computes with f32 values in f64, which GPUs of most computers do at 1/32 to 1/64 of the speed.',
    fix: 'Where f32 is enough, round each step: `sum = f32(sum + v)`. Or declare the field f64 to say that it has to be so.',
    why: 'Numbers in JavaScript are f64, and results are the same on every device to the bit. One operation of f32 values that is rounded to f32 at once is the f32 operation itself, exactly; a longer chain is not.',
    host: true,
    wrong: handler(`let sum = 0
for (let i = 0; i < 8; i++) sum += request.values[i]
ctx.send({ id: request.id, value: sum })`),
    right: handler(`let sum = f32(0)
for (let i = 0; i < 8; i++) sum = f32(sum + request.values[i])
ctx.send({ id: request.id, value: sum })`),
  },
} as const satisfies Record<string, Entry>
