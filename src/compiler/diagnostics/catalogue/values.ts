// Codes RL1020 to RL1049: arrays, objects, messages and the context, used in a way that has no meaning on a device or none at all.
import type { Entry } from '../entry.js'
import { handler } from './example.js'

export const values = {
  RL1020: {
    title: 'A constant index outside an array',
    category: 'error',
    message: 'Index {index} is outside {array}, which has {length} elements.',
    fix: 'Use an index from 0 to the length − 1.',
    why: 'Beyond its end an array gives undefined in JavaScript; on every device it is a fault, so here it is found before the launch.',
    host: false,
    wrong: handler('ctx.send({ id: request.id, value: request.values[8] })'),
    right: handler('ctx.send({ id: request.id, value: request.values[7] })'),
  },
  RL1021: {
    title: 'An array of different things',
    category: 'error',
    message: 'The elements of this array literal are not of one type, or there are none.',
    fix: 'Give it elements of one type; an empty array to be filled is `new Float64Array(n)`.',
    why: 'An array lies in memory, one element after the other, each of the same size.',
    host: true,
    wrong: handler(`const pair = [request.scale, { x: 1 }]
ctx.send({ id: request.id, value: pair.length })`),
    right: handler(`const pair = [request.scale, 1]
ctx.send({ id: request.id, value: pair.length })`),
  },
  RL1022: {
    title: 'Replacing an object or array inside another',
    category: 'error',
    message: '`{target}` holds an object or an array, and assigning would make it refer to another one.',
    fix: 'Assign its fields or elements: `a.set(b)`, `p.x = q.x`. Fields of ctx.state copy on assignment, and may be assigned.',
    why: 'A struct in memory holds what is inside it, not references. In JavaScript others would go on seeing the old object, so a copy would mean something else.',
    host: true,
    wrong: handler(`request.values = new Float32Array(8)
ctx.send({ id: request.id, value: request.values[0] })`),
    right: handler(`request.values.fill(0)
ctx.send({ id: request.id, value: request.values[0] })`),
  },
  RL1023: {
    title: 'The length of an array',
    category: 'error',
    message: '`new {name}(…)` needs a constant length of at least 1, or an array of known length.',
    fix: 'Give it the most elements it will ever have, and count those in use.',
    why: 'Memory is laid out when the ring kernel is compiled; a device has no heap to take more from.',
    host: true,
    wrong: handler(`const copy = new Float32Array(request.count)
ctx.send({ id: request.id, value: copy.length })`),
    right: handler(`const copy = new Float32Array(8)
ctx.send({ id: request.id, value: copy.length })`),
  },
  RL1024: {
    title: 'Comparing objects',
    category: 'error',
    message: '{left} and {right} cannot be compared: JavaScript would ask whether they are the same object.',
    fix: 'Compare a field that tells them apart, such as an id.',
    why: 'Values in memory have no identity that all devices could agree on.',
    host: true,
    wrong: handler(`const same = request.values === request.values
ctx.send({ id: request.id, value: same ? 1 : 0 })`),
    right: handler(`const same = request.values[0] === request.values[1]
ctx.send({ id: request.id, value: same ? 1 : 0 })`),
  },
  RL1025: {
    title: 'A variable that copies, and a write',
    category: 'error',
    message: '`{what}` holds one object after another, so assigning copies; but `{written}` (line {line}) writes into one of them, and JavaScript would show that write in both.',
    fix: 'Copy where you assign: `{ ...x }` or `x.slice()`.',
    why: 'There are no references on a device: a variable that is assigned objects gets copies of them. As long as nobody writes into what was copied, that is what JavaScript does.',
    host: true,
    wrong: handler(`const first = { x: request.scale }
let best = first
if (request.count > 3) best = { x: 2 }
first.x = 9
ctx.send({ id: request.id, value: best.x })`),
    right: handler(`const first = { x: request.scale }
let best = { ...first }
if (request.count > 3) best = { x: 2 }
first.x = 9
ctx.send({ id: request.id, value: best.x })`),
  },
  RL1030: {
    title: 'A field is missing',
    category: 'error',
    message: '{schema} needs the fields {fields}, which are not given.',
    fix: 'Give every field of the schema.',
    why: 'A message is written whole; a field that is not given has no value.',
    host: false,
    wrong: handler('ctx.send({ id: request.id })'),
    right: handler('ctx.send({ id: request.id, value: 0 })'),
  },
  RL1031: {
    title: 'A field too many',
    category: 'error',
    message: '{schema} has no fields {fields}; it has {known}.',
    fix: 'Leave them out, or add them to the schema.',
    why: 'What a schema does not declare has no place in a message, and nothing is dropped silently.',
    host: false,
    wrong: handler('ctx.send({ id: request.id, value: 0, extra: 1 })'),
    right: handler('ctx.send({ id: request.id, value: 0 })'),
  },
  RL1032: {
    title: 'A field that is not there',
    category: 'error',
    message: '{object} has no field `{field}`; it has {fields}.',
    fix: 'Use one of its fields, or declare it in the schema.',
    why: 'It would be undefined in JavaScript; on a device there is no such place.',
    host: false,
    wrong: handler('ctx.send({ id: request.id, value: request.total })'),
    right: handler('ctx.send({ id: request.id, value: request.scale })'),
  },
  RL1033: {
    title: 'Something that is not declared',
    category: 'error',
    message: '{what} is not declared by this ring kernel.',
    fix: 'Add `{declare}` to its options.',
    why: 'Outputs, ports, buffers and state are laid out when the ring kernel is defined.',
    host: false,
    wrong: handler(`ctx.state.n++
ctx.send({ id: request.id, value: 1 })`),
    right: handler(`ctx.state.n++
ctx.send({ id: request.id, value: 1 })`, ', state: { n: u32 }'),
  },
  RL1034: {
    title: 'A message without a layout',
    category: 'error',
    message: 'This body cannot be compiled: {what}.',
    fix: "Use struct() with scalars and array() fields, or take the host: { device: 'host' }.",
    why: 'Only structs have a fixed layout that a device can read and write.',
    host: true,
    wrong: `const Text = message('Text')
ringKernel('example', { input: Text, output: Reply }, {
  onMessage(request, ctx) {
    ctx.send({ id: 1, value: 2 })
  },
})`,
    right: handler('ctx.send({ id: 1, value: 2 })'),
  },
  RL1040: {
    title: 'Waiting or sending inside a parallel body',
    category: 'error',
    message: '`{call}` cannot be used inside ctx.each and ctx.reduce.',
    fix: 'Collect what there is to send in an array, and send after the parallel part.',
    why: 'Iterations run at the same time on many threads. They have no order to send in, and none of them may wait.',
    host: true,
    wrong: handler('ctx.each(8, (i) => { ctx.send({ id: i, value: request.values[i] }) })'),
    right: handler('for (let i = 0; i < 8; i++) ctx.send({ id: i, value: request.values[i] })'),
  },
  RL1041: {
    title: 'Receiving inside a handler',
    category: 'error',
    message: 'A handler is given its message; it cannot receive another.',
    fix: 'Write the loop form: async (ctx) => { while (!ctx.shouldTerminate) { const message = await ctx.receive(); … } }.',
    why: 'onMessage runs to completion for one message. Only the loop form decides when it takes the next.',
    host: false,
    wrong: `ringKernel('example', { input: Request, output: Reply }, {
  async onMessage(request, ctx) {
    const next = await ctx.receive()
    ctx.send({ id: request.id, value: next.scale })
  },
})`,
    right: `ringKernel('example', { input: Request, output: Reply }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    const next = await ctx.receive()
    await ctx.send({ id: request.id, value: next.scale })
  }
})`,
  },
  RL1042: {
    title: 'Atomics on other than integers',
    category: 'error',
    message: 'Atomics need elements of i32, u32, i64 or u64; these are {dtype}.',
    fix: 'Use an integer array, or fold with ctx.reduce, whose order is fixed.',
    why: 'The order in which threads add to a float changes its last bits, so float atomics would differ from run to run.',
    host: false,
    wrong: handler(`Atomics.add(ctx.state.sums, 0, request.scale)
ctx.send({ id: request.id, value: 1 })`, ', state: { sums: array(f32, 4) }'),
    right: handler(`Atomics.add(ctx.state.sums, 0, request.count)
ctx.send({ id: request.id, value: 1 })`, ', state: { sums: array(u32, 4) }'),
  },
} as const satisfies Record<string, Entry>
