// Codes RL1001 to RL1499: constructs of TypeScript that a body may not use, or not in this way.
import type { Entry } from '../entry.js'

export const language = {
  RL1001: {
    title: 'A construct outside the language',
    category: 'error',
    message: '{construct} cannot be compiled.',
    fix: '{instead}',
    why: 'A body becomes CUDA C++ and JavaScript that mean the same to the bit. What has no such translation is refused, never guessed.',
    host: true,
    wrong: `ringKernel('echo', { input: Request, output: Reply }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    const text = \`request \${request.id}\`
    await ctx.send({ id: request.id, value: text.length })
  }
})`,
    right: `ringKernel('echo', { input: Request, output: Reply }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    await ctx.send({ id: request.id, value: request.scale })
  }
})`,
  },
} as const satisfies Record<string, Entry>
