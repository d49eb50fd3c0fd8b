// Codes RL1500 to RL1599, rules that are checked on the compiled program (parallel bodies, bounds of what is sent), and RL2001 on, notes of advice.
import type { Entry } from '../entry.js'

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
} as const satisfies Record<string, Entry>
