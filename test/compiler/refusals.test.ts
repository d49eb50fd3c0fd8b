// Lines outside the language, or at its edge: each is answered with a diagnostic that says what to write instead, and none makes the compiler stumble.
import { describe, expect, test } from 'vitest'
import { compileBody } from '#ringlab/compiler/index.js'
import { requestFor } from './request.js'
import { definitionOf } from './snippet.js'

const lines = [
  'm()', 'give(ctx)', 'give(m)', 'give(m.v)', 'give("x")', 'give(null)', 'give(undefined + "x")', 'ctx.send(5)', 'ctx.send()', 'ctx.send({ r: 5 })', 'ctx.send({ r: [1, 2] })', 'ctx.send({ r: m.v })',
  'ctx.send(m)', 'ctx.send({ r: [m.s, 0, 0, 0] })', 'ctx.send({ r: [1, 2, 3, 4] }, { id: 5n })', 'ctx.send({ r: [1, 2, 3, 4] }, m)', 'ctx.state = m', 'ctx.n = 5', 'm.v.length = 3', 'm.x.y.z = 1', 'm.v["a"] = 1',
  'give(m.v[m.p])', 'give(m.v["x"])', 'give(m.a.b)', 'give(m.a.b.c())', 'give(m.a())', 'give(m.v.push(1))', 'give(m.v.sort()[0])', 'const a = []; a.push(1); give(a[0])', 
  'const a = new Float32Array(m.k); give(a[0])', 'const a = new Array(5); give(a[0])', 'const a = Array.from({ length: 3 }); give(a[0])', 'give(new Map().size)', 'give(new Date().getTime())', 'give(Date.now())', 'give(Math.random())',
  'give(parseInt("5"))', 'give(String(m.a).length)', 'give(m.a.toFixed(2))', 'give(JSON.parse("1"))', 'setTimeout(() => {}, 5)', 'const s = "a" + m.a; give(1)', 'const s = `${m.a}`; give(s.length)', 'throw "x"', 'throw new Error(m.a)',
  'throw new Error(`${m.a} ${m.b}`)', 'const f = (...x) => x[0]; give(f(1))', 'const f = () => f(); give(f())', 'function a() { return b() } function b() { return a() } give(a())', 'let f = () => 1; f = () => 2; give(f())',
  'const x = 5; x = 6; give(x)', 'const x = m.a; x++; give(x)', 'table[0] = 5; give(table[0])', 'm.v[8] = 1', 'give(m.v[-1])', 'give(m.v[1.5])', 'const { zz } = m; give(zz)', 'const [a, b, c, d, e] = [1, 2]; give(e)', 'const { ...x } = m.v; give(1)',
  'let x = 1; x = m.flag; give(x ? 1 : 0)', 'let x = 1; x = 1n; give(x)', 'let x = m.p; x = m.v; give(1)', 'let x = { a: 1 }; x = { b: 2 }; give(1)', 'let x = m.s; x = m.w; give(Number(x))', 'give(m.s + 1)', 'give(m.s < 5)', 'give(Number(m.s * m.w * m.s))',
  'give(Number(m.s >>> 1n))', 'give(Number(m.s << m.s))', 'give(Number(m.s ** 2n))', 'give(m.p === m.p ? 1 : 0)', 'give(m.p == m.q[0] ? 1 : 0)', 'for (const k in m) give(1)', 'for (const x of m) give(1)', 'for (const x of 5) give(1)',
  'break', 'continue', 'nowhere: { break elsewhere }', 'ctx.each(8, (i) => { ctx.send({ r: [i, 0, 0, 0] }) })', 'ctx.each(8)', 'ctx.each(8, m)', 'ctx.each("x", (i) => {})', 'ctx.reduce(8, (i) => i)', 'ctx.reduce(8, (i) => m.flag, (a, b) => a, m.p)',
  'const r = ctx.receive(); give(1)', 'const { send } = ctx; send({ r: [1, 2, 3, 4] })', 'ctx.tryReceive()', 'ctx.reply(5, { r: [1, 2, 3, 4] })', 'ctx.ports.x.send({})', 'give(ctx.buffers.x[0])', 'give(ctx.nothing)', 'Atomics.add(m.v, 0, 1)', 'Atomics.wait(ctx.state.t, 0, 0)',
  'Atomics.add(5, 0, 1)', 'console.table(m)', 'console.log(m)', 'console.log(...m.v)', 'give(Math.max(...m.v))', 'give(Math.nothing(1))', 'give(Number.parseFloat(1))', 'give(BigInt.asIntN(m.k, m.s) === 1n ? 1 : 0)', 'give(BigInt.asIntN(65, m.s) === 1n ? 1 : 0)',
  'const x = ctx.state; x = 5', 'const g = function* () { yield 1 }; for (const x of g()) give(x)', 'const p = new Promise(() => {}); give(1)', 'const f = async () => 1; f(); give(1)', 'give(typeof ctx.nothing)', 'm.p = { x: 1, y: 2, n: 3 }; give(1)',
  'm.q[0] = m.q[1]; give(1)', 'const a = m.q.slice(); give(a[0].x)', 'm.q.fill(m.p); give(1)', 'm.v.set(5); give(1)', 'm.v.set([1, 2], 7); give(1)', 'm.v.set([1], m.k); give(1)', 'give(m.v.slice(m.k)[0])', 'give(m.v.subarray(3, 3).length)', 'give(m.v.reduce((a, b) => a + b))',
  'give(m.v.map((x) => ({ x }))[0].x)', 'give(m.v.filter((x) => x > 0).length)', 'give(m.v.at(m.k))', 'm.z[0] = m.k; ctx.state.on = 1; give(1)', 'ctx.state.on = m.a; give(1)', 'ctx.state.big = 5; give(1)', 'ctx.state.t = [1, 2]; give(1)', 'ctx.state.last = { x: 1 }; give(1)',
  'f32()', 'f32("x")', 'u64(5)', 'struct("X", { a: f32 })', 'give(settings.zz.y)', 'give(settings.list.map((x) => x)[5])', 'give(Kind[m.k])', 'points[0].x = 5; give(points[0].x)', 'settings.scale = 5; give(1)', 'square.x = 5; give(1)', 'Math.PI = 3; give(1)',
  'const { a = m.b } = m; let q = 1; ({ a: q = 5 } = m); give(a + q)', 'switch (m) { case 1: give(1) }', 'if (m.s * m.w) give(1)', 'while (m.s + 1n) give(1)', 'x = 5; give(x)', 'give(undeclared)', '`${m.p}`; give(1)', 'm.v.forEach(5)', 'm.v.forEach(square, 1); m.v.sort(square); give(1)',
]

describe('each is answered', () => {
  test.each(lines)('%s', async (line) => {
    let request
    // What capture refuses never reaches the compiler.
    try { request = await requestFor(definitionOf({ lines: line })) } catch (error) { expect(String(error)).toMatch(/CaptureError|SyntaxError/); return }
    const outcome = compileBody(request)
    expect(outcome.ok ? 'compiles' : outcome.diagnostics.filter(({ category }) => category === 'error').map(({ message, fix }) => [message, fix].every((text) => text !== undefined && /\.$/.test(text)))).toContain(true)
  })
})

// Found by the fuzzer: what is known of an index where no round ever comes to is nothing, and from nothing no round has an element of its own.
test.each([
  'const a = new Uint32Array(16); if (m.k > 300) ctx.each(16, (i) => { a[i] = Math.asinh(m.a ^ i) }); give(a[0])',
  'give(ctx.reduce(0, (i) => f16(0.1 % m.a), (p, q) => p + q, 0))',
  'const a = new Float32Array(8); ctx.each(0, (i) => { a[i] = m.a }); give(a[0])',
])('a parallel body that never runs is not refused: %s', async (line) => {
  const outcome = compileBody(await requestFor(definitionOf({ lines: line })))
  expect(outcome.ok ? [] : outcome.diagnostics.map(({ message }) => message)).toEqual([])
})
