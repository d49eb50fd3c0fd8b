// Codes RL1001 to RL1499: constructs of TypeScript that a body may not use, or not in this way.
import type { Entry } from '../entry.js'
import { handler, loop } from './example.js'

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
  RL1002: {
    title: 'A function that calls itself',
    category: 'error',
    message: '`{name}` calls itself, directly or through others.',
    fix: 'Write the recursion as a loop, with an array of fixed length as its stack where one is needed.',
    why: 'Functions are compiled in place of their calls, and a device has no stack to speak of. A loop says the same.',
    host: true,
    wrong: handler(`const power = (x, n) => (n === 0 ? 1 : x * power(x, n - 1))
ctx.send({ id: request.id, value: power(request.scale, 3) })`),
    right: handler(`let power = 1
for (let n = 0; n < 3; n++) power *= request.scale
ctx.send({ id: request.id, value: power })`),
  },
  RL1003: {
    title: 'var',
    category: 'error',
    message: '`var` is not compiled.',
    fix: 'Write const, or let for a variable that is assigned.',
    why: 'A `var` belongs to the whole function and begins as undefined, which no number on a device can be.',
    host: true,
    wrong: handler(`var total = 0
for (const v of request.values) total += v
ctx.send({ id: request.id, value: total })`),
    right: handler(`let total = 0
for (const v of request.values) total += v
ctx.send({ id: request.id, value: total })`),
  },
  RL1004: {
    title: 'What is thrown',
    category: 'error',
    message: 'Only `throw new Error(…)` with a literal sentence, or a template with one number in it, can be compiled.',
    fix: "Write `throw new Error('what is wrong')`.",
    why: 'A device reports a fault by its number; the sentence is kept on the host, so it has to be known when the body is compiled.',
    host: true,
    wrong: handler(`if (request.count > 8) throw request.count
ctx.send({ id: request.id, value: request.count })`),
    right: handler(`if (request.count > 8) throw new Error('count is above 8')
ctx.send({ id: request.id, value: request.count })`),
  },
  RL1005: {
    title: 'try and catch',
    category: 'error',
    message: '`try` cannot be compiled: a fault ends the message that caused it.',
    fix: 'Test before: `if (i < values.length) …` instead of catching what happens beyond.',
    why: 'A fault sends its message to the dead letters, and the supervisor decides what becomes of the ring kernel. No device unwinds to a catch.',
    host: true,
    wrong: handler(`let value = 0
try { value = request.values[request.count] } catch { value = -1 }
ctx.send({ id: request.id, value })`),
    right: handler(`const value = request.count < 8 ? request.values[request.count] : -1
ctx.send({ id: request.id, value })`),
  },
  RL1010: {
    title: 'A bigint where a number is needed',
    category: 'error',
    message: '{what} is a bigint and meets a number.',
    fix: 'Convert one of them: `Number(x)` or `BigInt(x)`.',
    why: 'JavaScript throws a TypeError there.',
    host: false,
    wrong: handler('ctx.send({ id: request.id, value: request.count + 1n })'),
    right: handler('ctx.send({ id: request.id, value: request.count + Number(1n) })'),
  },
  RL1011: {
    title: 'A value of another type',
    category: 'error',
    message: '{what} is {is}; {wanted} is needed here.',
    fix: 'Convert it, or use another value.',
    why: 'A field, an element or a variable keeps one type for good, and the compiler converts only where JavaScript does.',
    host: true,
    wrong: handler(`let total = 0
total = request.count > 4
ctx.send({ id: request.id, value: total ? 1 : 0 })`),
    right: handler(`let total = 0
total = request.count > 4 ? 1 : 0
ctx.send({ id: request.id, value: total })`),
  },
  RL1012: {
    title: 'A bigint that is not wrapped',
    category: 'error',
    message: '{what} may be beyond 64 bits, and this looks at its size.',
    fix: 'Wrap it first: `BigInt.asIntN(64, …)` or `BigInt.asUintN(64, …)`.',
    why: 'A device holds 64 bits. What + - * and << give is right modulo 2⁶⁴, so it may be stored, wrapped, or go into another such operation; comparing, dividing and converting need the whole number.',
    host: true,
    wrong: handler(`const product = BigInt(request.id) * BigInt(request.count)
ctx.send({ id: request.id, value: Number(product) })`),
    right: handler(`const a = BigInt(request.id)
const b = BigInt(request.count)
const product = BigInt.asUintN(64, a * b)
ctx.send({ id: request.id, value: Number(product) })`),
  },
  RL1013: {
    title: 'A promise that nobody awaits',
    category: 'error',
    message: '`{call}` is not awaited.',
    fix: 'Put `await` in front of it.',
    why: 'A ring kernel waits in one place at a time: at an await. What is started and not awaited has no place to go on from when the ring kernel is parked.',
    host: true,
    wrong: loop(`while (!ctx.shouldTerminate) {
  const request = await ctx.receive()
  ctx.send({ id: request.id, value: 1 })
}`),
    right: loop(`while (!ctx.shouldTerminate) {
  const request = await ctx.receive()
  await ctx.send({ id: request.id, value: 1 })
}`),
  },
  RL1014: {
    title: 'A member of undefined',
    category: 'error',
    message: '{what} reads a member of {is}.',
    fix: 'Give the variable a value first.',
    why: 'JavaScript throws a TypeError there.',
    host: false,
    wrong: handler(`const limits = undefined
ctx.send({ id: request.id, value: limits.low })`),
    right: handler(`const limits = { low: 1 }
ctx.send({ id: request.id, value: limits.low })`),
  },
  RL1015: {
    title: 'A name without a declaration',
    category: 'error',
    message: '`{name}` is not declared here, or used before its declaration.',
    fix: 'Declare it above, or import it around the ring kernel.',
    why: 'JavaScript throws a ReferenceError there.',
    host: false,
    wrong: handler(`const twice = 2 * once
const once = request.scale
ctx.send({ id: request.id, value: twice })`),
    right: handler(`const once = request.scale
const twice = 2 * once
ctx.send({ id: request.id, value: twice })`),
  },
  RL1016: {
    title: 'Signed and unsigned bigints in one',
    category: 'error',
    message: '`{name}` meets signed and unsigned bigints.',
    fix: 'Wrap them alike: `BigInt.asIntN(64, …)` or `BigInt.asUintN(64, …)`.',
    why: 'A bigint of 64 bits is held either as −2⁶³ … 2⁶³ − 1 or as 0 … 2⁶⁴ − 1. A variable or a division is of one kind.',
    host: true,
    wrong: handler(`const a = BigInt.asUintN(64, BigInt(request.id))
const b = BigInt.asIntN(64, BigInt(request.count) + 1n)
ctx.send({ id: request.id, value: Number(a / b) })`),
    right: handler(`const a = BigInt.asUintN(64, BigInt(request.id))
const b = BigInt.asUintN(64, BigInt(request.count) + 1n)
ctx.send({ id: request.id, value: Number(a / b) })`),
  },
  RL1017: {
    title: 'Writing to what was captured',
    category: 'error',
    message: '`{name}` was captured from around the ring kernel: it is a copy, and constant.',
    fix: 'Keep it in a local variable or in state.',
    why: 'What a body reads from around it is copied when it is launched. Another thread or a GPU could not write back.',
    host: false,
    wrong: `const weights = new Float32Array(8)
const clear = (a) => { a[0] = 0 }
ringKernel('example', { input: Request, output: Reply }, {
  onMessage(request, ctx) {
    clear(weights)
    ctx.send({ id: request.id, value: weights[0] })
  },
})`,
    right: `const weights = new Float32Array(8)
const clear = (a) => { a[0] = 0 }
ringKernel('example', { input: Request, output: Reply }, {
  onMessage(request, ctx) {
    const own = new Float32Array(weights)
    clear(own)
    ctx.send({ id: request.id, value: own[0] })
  },
})`,
  },
  RL1018: {
    title: 'Assigning a const',
    category: 'error',
    message: '`{name}` is a const.',
    fix: 'Declare it with let.',
    why: 'JavaScript throws a TypeError there.',
    host: false,
    wrong: handler(`const total = 0
for (const v of request.values) total += v
ctx.send({ id: request.id, value: total })`),
    right: handler(`let total = 0
for (const v of request.values) total += v
ctx.send({ id: request.id, value: total })`),
  },
} as const satisfies Record<string, Entry>
