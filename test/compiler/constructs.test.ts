// Every construct of the language, a few lines each: what the front end makes of it does what plain JavaScript does.
import { describe, test } from 'vitest'
import { agrees } from './snippet.js'

describe('operators and assignment', () => {
  test.each([
    'give(m.a + m.b * m.i, m.a - -m.b, m.i / m.u, m.i % m.k)',
    'give(m.i | m.u, m.i & m.u, m.i ^ m.u, ~m.i)',
    'give(m.i << m.k, m.i >> m.k, m.i >>> m.k, m.u >>> 3)',
    'give(m.a ** 2, 2 ** 10, -m.a, +m.flag)',
    'let x = m.a; x += 2; x -= m.b; x *= 3; x /= 7; give(x)',
    'let x = m.i; x %= 7; x **= 2; x |= 1; x &= 0xff; x ^= 3; x <<= 2; x >>= 1; x >>>= 1; give(x)',
    'let x = m.a; const y = x++ + ++x; const z = x-- - --x; give(x, y, z)',
    'let x = m.i; give(x + (x = 5) + x, x)',
    'let x = m.i; const y = x + (x += 2) * (x++, x); give(x, y)',
    'let x, y; x = y = m.a + 1; give(x, y)',
    'let i = m.k % 4; const a = [1, 2, 3, 4, 5]; a[i] = a[i++] + a[i]; a[i]++; a[i] += i; give(a[0] + a[1] * 10 + a[2] * 100, a[3] + a[4], i)',
    'const a = new Float32Array(4); const x = (a[1] = m.a); const y = ++a[2]; const z = a[2]++; give(x, y, z, a[2])',
    'ctx.state.n += m.k; const x = ctx.state.n++; const y = --ctx.state.n; ctx.state.f = 0.1; give(x, y, ctx.state.f)',
    'give(m.a < m.b ? 1 : 0, m.a == m.b ? 1 : 0, m.a != m.a ? 1 : 0, m.flag === true ? 1 : 0)',
    'give(m.flag == 1 ? 1 : 0, m.i === m.flag ? 1 : 0, m.flag + 1, m.flag * 2)',
    'let b = m.flag; b &&= m.a > 0; let c = false; c ||= b; let d = 0; d ||= m.i; d ??= 7; give(b ? 1 : 0, c ? 1 : 0, d)',
    'const x = (m.a, m.b); const y = void m.a; give(x, y === undefined ? 1 : 0)',
    'const x = m.a || 5; const y = m.i && m.b; const z = m.a ?? 3; give(x, y, z)',
    'const f = () => ctx.state.n++; const x = m.flag || f() > 3; give(x ? 1 : 0, ctx.state.n)',
    'const f = () => { ctx.state.n += 2; return ctx.state.n }; const x = m.flag && (f() > 3 || f() > 10); give(x ? 1 : 0, ctx.state.n)',
    'const f = () => ++ctx.state.n; const x = ctx.state.n + f() * ctx.state.n; give(x, ctx.state.n)',
    'm.flag && ctx.state.n++; m.flag || ctx.state.t[1]++; m.flag ? ctx.state.t[2]-- : (ctx.state.t[3] = 4, ctx.state.t[4]++); give(ctx.state.n)',
    'const x = m.flag ? ctx.state.n++ : (ctx.state.n += 5); give(x, ctx.state.n)',
    'let [x, y] = [m.a, m.b]; [x, y] = [y, x]; ({ a: x, b: y } = { a: y + 1, b: x }); give(x, y)',
    'const v = m.v; [v[0], v[1]] = [v[1], v[0]]; give(v[0], v[1])',
    'give(1e308 * 10 === Infinity ? 1 : 0, 0 / 0 !== NaN ? 1 : 0, 1 / -0, 0x10 + 0b11 + 0o7 + 1_000)',
    'give(!m.a ? 1 : 0, !!m.i ? 1 : 0, typeof m.a === "number" ? 1 : 0, typeof square === "function" ? 1 : 0)',
  ])('%s', async (lines) => { await agrees({ lines }) })
})

describe('control flow', () => {
  test.each([
    'let s = 0; for (let i = 0; i < 10; i++) { if (i === 3) continue; if (i === 8) break; s += i } give(s)',
    'let s = 0; let i = 0; while (i < m.k % 10) { s += i * i; i++ } do { s++ } while (s < 20); give(s, i)',
    'let s = 0; let i = 0; do { i++; if (i % 2) continue; s += i } while (i++ < 9); give(s, i)',
    'let s = 0; outer: for (let i = 0; i < 5; i++) { for (let j = 0; j < 5; j++) { if (j === i) continue outer; if (i === 4) break outer; s += j } s += 100 } give(s)',
    'let s = 0; done: { if (m.flag) break done; s = 1; { if (m.a > 0) break done; s = 2 } s = 3 } give(s)',
    'let s = 0; switch (m.k % 5) { case 0: s += 1; case 1: s += 10; break; default: s += 100; case 3: s += 1000; break; case 4: { const t = 5; s = t } } give(s)',
    'let s = 0; switch (m.k % 3) { case 0: case 1: for (let i = 0; i < 3; i++) { if (i === 1) break; s++ } s += 5 } give(s)',
    'let s = 0; for (const x of m.v) { if (Number.isNaN(x)) continue; s += x > 0 ? 1 : -1 } give(s)',
    'let s = 0; for (const [i, x] of m.v.entries()) s += i * (x > 0 ? 1 : 2); for (const i of m.v.keys()) s += i; give(s)',
    'let s = 0; for (const p of m.q) for (const { x, n } of [p]) s += n + (x > 0 ? 1 : 0); give(s)',
    'let s = 0; for (const row of m.g) for (const c of row) s += c; give(s)',
    'let s = 0; for (const w of weights) s += w; for (const x of table) s += x; for (const p of points) s += p.x * p.y; give(s)',
    'let s = 0; for (let i = 0, j = 9; i < j; i += 2, j--) s += i * j; for (;;) { if (s++ > 50) break } give(s)',
    'let x = 0; for (x of m.v) ; give(x)',
    'let s = 0; let n = m.k % 8; while (n-- > 0) s += m.v[n] > 0 ? 1 : 0; give(s, n)',
    'let s = 0; let i = 0; while (m.v[i] !== m.v[7] && i < 7) { s++; i++ } give(s, i)',
    'const x = m.a; { const x = 2; { let x = 3; x++ } give(x) } give(x)',
    'if (debug) { console.table(1) } else give(1)',
    'switch (settings.name) { case "slow": give(1); break; case "fast": give(2) }',
    'switch (m.k % 2) { case Kind.Add: give(m.a + m.b); break; case Kind.Subtract: give(m.a - m.b) }',
    'let s = 0; for (let i = 0; i < 3; i++) { const a = new Int32Array(2); a[0] += i; s += a[0] * 10 + a[1] } give(s)',
    'let s = 0; for (let i = 0; i < 3; i++) { let seen; if (i === 1) seen = 5; s += seen === undefined ? 1 : seen } give(s)',
    ';;; give(1)',
  ])('%s', async (lines) => { await agrees({ lines }) })
})

describe('functions', () => {
  test.each([
    'give(square(m.a), clamp(m.b), clamp(m.a, 0), clamp(m.a, undefined, 9))',
    'give(tools.twice(m.a), tools.half(m.b), settings.scale, settings.nested.low)',
    'const f = (x) => { for (let i = 0; i < 5; i++) if (m.v[i] > x) return i; return -1 }; give(f(0), f(1))',
    'function g(x) { if (x > 0) { if (x > 1) return 2; return 1 } return 0 } give(g(m.a), g(m.b), g(g(m.a)))',
    'const f = (p) => { p.x += 1; return p.x }; const o = { x: m.a }; give(f(o), o.x, f(o))',
    'const f = (a, i) => { a[i] = 9 }; const a = new Float64Array(3); f(a, 1); give(a[0], a[1])',
    'const f = () => ({ lo: m.a, hi: m.b }); const { lo, hi } = f(); give(lo, hi)',
    'const f = (c) => { if (c) return { x: 1, y: m.a }; return { x: 2, y: m.b } }; const r = f(m.flag); give(r.x, r.y)',
    'const f = (c) => { if (c) return 5 }; give(f(m.flag) ?? -1, f(m.flag) === undefined ? 1 : 0)',
    'const f = ({ x, y: [a, b] }) => x + a * b; give(f({ x: m.a, y: [1, 2] }))',
    'const f = (n) => n % 2 === 0; give(f(m.k) ? 1 : 0)',
    'let n = 0; const bump = () => { n += 1 }; bump(); bump(); give(n)',
    'let n = 1; const f = (x) => { x = x + n; n = x; return x }; give(f(m.a) + f(1), n)',
    'const f = function (x) { return x + 1 }; const o = { f, g(x) { return f(x) * 2 } }; give(o.f(1), o.g(m.a))',
    'const f = (x) => { switch (x) { case 0: return 1; case 1: return 2; default: return 3 } }; give(f(m.k % 3))',
    'const pick = (a, b) => (m.flag ? a : b); const r = pick([1, 2], [3, 4]); give(r[0], r[1])',
    'const f = (x) => { let s = 0; while (true) { s += x; if (s > 10) return s } }; give(f(3))',
  ])('%s', async (lines) => { await agrees({ lines }) })
})

describe('objects and arrays', () => {
  test.each([
    'const o = { x: 1, y: m.a, inner: { z: 2 } }; o.x += 1; o.inner.z = o.y; const p = o; p.x = 10; give(o.x, o.y, o.inner.z)',
    'const o = { a: 1, ...m.p, y: 5 }; give(o.a, o.x, o.y, o.n)',
    'const { x, ...rest } = m.p; give(x, rest.y, rest.n)',
    'm.p.x = 0.1; m.p.n += 70000; m.p.y = 0.1; give(m.p.x, m.p.n, m.p.y)',
    'm.k += 300; m.k++; m.i = 1.5; give(m.k, m.i)',
    'const p = m.q[m.k % 4]; p.x = 1; p.n++; give(m.q[0].x, m.q[m.k % 4].n, p.x)',
    'm.v[3] = 0.1; m.h[1] = 0.1; m.z[2] = 7; give(m.v[3], m.h[1], m.z[2], m.z[1])',
    'm.g[1][2] = 40000; give(m.g[1][2], m.g[0][0], m.g.length, m.g[0].length)',
    'ctx.state.last = m.p; ctx.state.items[1] = m.p; ctx.state.last.x++; give(ctx.state.last.x, ctx.state.items[1].x, m.p.x)',
    'ctx.state.items[0] = ctx.state.items[1]; ctx.state.items[1] = { x: m.a, y: m.b, n: 3 }; give(ctx.state.items[0].x, ctx.state.items[1].y)',
    'const q = ctx.state.last; q.x += 1; ctx.state.last = { x: q.y, y: q.x, n: 1 }; give(q.x, q.y, q.n)',
    'ctx.state.t.set([1, 2, 3], 2); ctx.state.t.fill(7, 5); ctx.state.t[m.k % 8] += 5; give(ctx.state.t[2], ctx.state.t[7], ctx.state.t[0])',
    'ctx.state.on = m.flag; ctx.state.on = !ctx.state.on; give(ctx.state.on ? 1 : 0)',
    'const a = [m.a, m.b, 3]; a[1] = 5; const b = a; b[0] = 1; give(a[0], a[1], a.length)',
    'const a = new Float64Array([1, m.a, 3]); const b = new Int8Array(a); const c = a.slice(1); const d = a.subarray(1, 3); d[0] = 9; give(b[1], c[0], a[1], d.length)',
    'const a = new Uint8Array(8); a.fill(300); a.set(m.bytes.slice(2, 5), 1); give(a[0], a[1], a[4])',
    'const a = new Int16Array(6); a.set(m.bytes.subarray(0, 3), 2); a.set(a.subarray(2, 5), 3); give(a[2], a[3], a[4], a[5])',
    'const a = new Float32Array(settings.list.length * 2); for (let i = 0; i < a.length; i++) a[i] = settings.list[i % 3]; give(a[5], a.length)',
    'const s = m.v.reduce((sum, x) => sum + (x > 0 ? x : 0), 0); let t = 0; m.bytes.forEach((x, i) => { t += x * i }); give(s, t)',
    'const d = m.bytes.map((x) => x * 2); const e = [1, 2, 3].map((x) => x / 2); const f = m.q.map((p) => p.x); give(d[0], e[2], f[1])',
    'give(m.v.some((x) => x > 100) ? 1 : 0, m.v.every((x) => x < 100) ? 1 : 0, m.bytes.findIndex((x) => x > 100), m.bytes.indexOf(m.bytes[3]))',
    'give(m.v.includes(NaN) ? 1 : 0, m.bytes.at(-1), table.at(2), m.v.indexOf(NaN))',
    'give(weights[m.k % 8], table[m.k % 8], points[m.k % 2].y, settings.list[1])',
    'let best = m.q[0]; for (const p of m.q) if (p.n > best.n) best = p; give(best.x, best.y, best.n)',
    'let best = { i: 0, x: m.v[0] }; for (let i = 1; i < 8; i++) if (m.v[i] > best.x) best = { i, x: m.v[i] }; best.i += 100; give(best.i, best.x)',
    'let p = { x: 1, y: m.a }; p = { x: p.y, y: p.x }; p = { ...p, x: p.x + 1 }; give(p.x, p.y)',
    'let a = new Float64Array(2); a[0] = m.a; if (m.flag) { a = new Float64Array(2); a[1] = 3 } give(a[0], a[1])',
    'let last; if (m.flag) last = m.q[1]; give(last ? last.x : -1, last?.n ?? 5, last === undefined ? 1 : 0)',
    'const rows = [[1, 2], [3, m.a]]; rows[0][1] = 7; give(rows[m.k % 2][1], rows.length)',
    'const ps = [{ x: 1, y: m.a }, { x: 2, y: m.b }]; ps[m.k % 2].x += 5; give(ps[0].x, ps[1].x, ps[m.k % 2].y)',
    'const [a, , b] = m.v; const [[c]] = m.g; const { p: { x }, v: [d] } = m; give(a, b, c, x + d)',
    'const { x = 5, y = 2 } = { x: m.a }; give(x, y)',
    'const o = { values: m.v, count: 8 }; o.values[0] = 4; give(m.v[0], o.count)',
    'const name = "x"; give(m.p[name], m.p["n"], settings["scale"])',
    'for (let i = 0; i < 4; i++) ctx.state.items[i] = m.q[3 - i]; give(ctx.state.items[0].x, ctx.state.items[3].n)',
    'const copy = { ...m.q[0] }; copy.x = 1; copy.n = 70000; give(copy.x, m.q[0].x, copy.n)',
    'const big = new BigInt64Array(2); big[0] = m.s * 3n; big[1] = 5n; ctx.state.wide.set(big, 1); give(Number(big[0]), Number(ctx.state.wide[2]))',
    'const z = new Uint8Array(m.z); z[0] += 2; give(z[0], z[1], m.z[0])',
  ])('%s', async (lines) => { await agrees({ lines }) })
})

describe('numbers and bigints', () => {
  test.each([
    'give(Math.max(m.a, m.b, 1), Math.min(), Math.max(m.i), Math.hypot(m.k, 4))',
    'give(Math.imul(m.i, m.u), Math.clz32(m.u), Math.fround(m.a), Math.sign(m.b))',
    'give(f32(m.a + m.b), i8(m.i), u16(m.a), f16(m.a))',
    'give(bf16(m.b), u8(m.i), i16(m.u), f64(m.flag))',
    'give(Number.isInteger(m.a) ? 1 : 0, Number.isSafeInteger(m.b) ? 1 : 0, isNaN(m.a) ? 1 : 0, Number.isFinite(m.b) ? 1 : 0)',
    'give(Number.EPSILON, Number.MAX_SAFE_INTEGER, Math.PI, Number(m.flag))',
    'give(Boolean(m.a) ? 1 : 0, Number(true), Number(m.s), Number(m.w))',
    'give(Number(BigInt.asIntN(64, m.s + 1n)), Number(BigInt.asUintN(32, m.w * m.w)), Number(BigInt.asIntN(8, m.s)), Number(BigInt.asUintN(1, ~m.w)))',
    'give(m.s < m.w ? 1 : 0, m.w <= m.s ? 1 : 0, m.s > m.w ? 1 : 0, m.s === m.w ? 1 : 0)',
    'give(m.s >= 0n ? 1 : 0, m.w > -1n ? 1 : 0, m.s < 2n ** 70n ? 1 : 0, m.w === -5n ? 1 : 0)',
    'let h = 14695981039346656037n; for (const b of m.bytes) h = BigInt.asUintN(64, (h ^ BigInt(b)) * 1099511628211n); give(Number(h))',
    'let x = 0n; x = BigInt.asIntN(64, x - m.s); let y = 5n; y = 7n; give(Number(x), Number(y))',
    'ctx.state.big += m.w; ctx.state.big++; ctx.state.big ^= 3n; give(Number(ctx.state.big), Number(ctx.state.big >> 60n))',
    'give(Number(m.w / 7n), Number(m.w % 10n), Number(m.s / 3n), Number(m.s % -5n))',
    'give(Number(m.s >> 3n), Number(BigInt.asIntN(64, m.s << BigInt.asUintN(64, BigInt(m.k)))), Number(m.w >> BigInt.asUintN(6, m.w)), Number(BigInt(m.i)))',
    'const n = m.s < 0n ? -m.s : m.s; give(Number(BigInt.asUintN(64, n)), m.s ? 1 : 0, !m.w ? 1 : 0)',
    'give(Number(u64(m.s)), Number(i64(m.w)), Number(settings.big), Number(BigInt(m.u) & 0xffn))',
    'const x = m.flag ? 1n : m.w; const y = m.flag ? m.s : -1n; give(Number(x), Number(y), x === 1n ? 1 : 0)',
    'const f = (c) => { if (c) return 1n; return m.w }; give(Number(f(m.flag)))',
    'Atomics.add(ctx.state.t, m.k % 8, m.i); const old = Atomics.exchange(ctx.state.t, 0, 5); give(old, Atomics.load(ctx.state.t, 0), Atomics.compareExchange(ctx.state.t, 0, 5, 6), ctx.state.t[0])',
  ])('%s', async (lines) => { await agrees({ lines }) })
})

describe('the context', () => {
  test.each([
    'const { state } = ctx; state.n++; const { envelope } = ctx; ctx.send({ r: [state.n, envelope.priority, Number(envelope.correlationId), 0] }, { priority: m.k, correlationId: 7n })',
    'ctx.reply(ctx.envelope, { r: [1, 2, 3, m.a] }); ctx.send({ r: m.q.map((p) => p.x) })',
    'const out = new Float32Array(4); ctx.each(4, (i) => { out[i] = m.v[i] * 2 }); ctx.send({ r: out })',
    'give(ctx.reduce(8, (i) => m.v[i], (a, b) => a + b, 0), ctx.reduce(m.k % 8, (i) => m.bytes[i], Math.max === undefined ? square : (a, b) => Math.max(a, b), -1))',
    'if (m.k > 128) throw new Error("k is too large"); give(1)',
    'if (m.k > 128) throw new RangeError(`k is ${m.k}`); give(1)',
    'const r = [1, 2, 3, 4]; r[1] = m.a; const message = { r }; ctx.send(message); r[0] = 9; ctx.send(message)',
  ])('%s', async (lines) => { await agrees({ lines }) })

  test.each([
    'for (;;) { const m = await ctx.receive(); give(m.a) }',
    'let m = await ctx.receive(); while (true) { const next = await ctx.receive(); give(m.a, next.a); m = next }',
    'let n = 0; while (!ctx.shouldTerminate) { let m = await ctx.receive(); n++; if (m.flag) m = await ctx.receive(); give(m.a, n) }',
    'const ask = async () => { const m = await ctx.receive(); return m.k }; for (;;) { const a = await ask(); give(a + (await ask()), a) }',
    'for (let i = 0; i < 5; i++) { const m = ctx.tryReceive(); if (m === undefined) break; give(m.a, m?.b ?? 0, m ? 1 : 0) }',
    'let m = ctx.tryReceive(); while (m) { give(m.a); m = ctx.tryReceive() } give(-1)',
    'let m; while ((m = ctx.tryReceive()) !== undefined) { if (m.flag) continue; give(m.a, m.v[1]) } give(2)',
    'const one = (x) => ctx.send({ r: [x, 0, 0, 0] }); for (let i = 0; i < 4; i++) { const m = await ctx.receive(); await one(m.a); await (m.flag ? one(1) : one(2)) }',
    'let sum = 0; for (const x of (await ctx.receive()).v) { sum += x; const m = await ctx.receive(); sum += m.k; give(sum) }',
    'let window = new Float64Array(3); let at = 0; for (;;) { const { a } = await ctx.receive(); window[at++ % 3] = a; give(window[0], window[1], window[2]) }',
    'for (;;) { const m = await ctx.receive(); m.k++; m.p.x = 3; const n = await ctx.receive(); give(m.k, n.k, m.p.x, n.p.x) }',
    'const e = await (async () => { await ctx.receive(); return ctx.envelope })(); for (;;) { const m = await ctx.receive(); await ctx.reply(e, { r: [m.a, 0, 0, 0] }) }',
    'for (;;) { const m = await ctx.receive(); const x = m.a + (await ctx.receive()).a * m.b; give(x) }',
    'for (;;) { const m = await ctx.receive(); ctx.state.last = m.p; await ctx.receive(); give(ctx.state.last.x, m.p.x) }',
    'await ctx.receive(); give(1); return; ',
  ])('%s', async (lines) => { await agrees({ lines, form: 'loop' }) })
})
