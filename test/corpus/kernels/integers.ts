// Integers: 32-bit operations asked for by |0, >>>0 and Math.imul, integer loops that the compiler narrows, and 64-bit bigints.
import { array, bool, f64, i16, i32, i64, i8, ringKernel, struct, u16, u32, u64, u8 } from 'ringlab'
import { entry } from '../corpus.js'

const Two = struct('Two', { a: i32, b: i32 })
const Words = struct('Words', { w: array(u32, 8) })
const Bytes = struct('Bytes', { b: array(u8, 16) })
const Ten = struct('Ten', { r: array(f64, 10) })
const Word = struct('Word', { w: u32 })
const Wide = struct('Wide', { a: i64, b: i64, c: u64, d: u64 })
const Wides = struct('Wides', { i: array(i64, 6), u: array(u64, 6) })

/** The table of CRC-32 (IEEE 802.3), made as every implementation makes it. */
const crcTable = Uint32Array.from({ length: 256 }, (_, n) => { let c = n; for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1; return c >>> 0 })
const primes = [2, 3, 5, 7, 11, 13]

export const integers = [
  entry(ringKernel('thirty-two-bits', { input: Two, output: Ten }, { onMessage({ a, b }, ctx) {
    ctx.send({ r: [(a + b) | 0, (a - b) | 0, Math.imul(a, b), (a / b) | 0, (a % b) | 0, a & b, a | b, a ^ b, ~a, (a * b) | 0] })
  } })),

  entry(ringKernel('unsigned', { input: Two, output: Ten }, { onMessage({ a, b }, ctx) {
    const [x, y] = [a >>> 0, b >>> 0]
    ctx.send({ r: [(x + y) >>> 0, (x - y) >>> 0, x * y, (x / y) >>> 0, x % y, x > y ? 1 : 0, (x * y) >>> 0, x & 0xffff, x >>> 16, (x ^ y) >>> 0] })
  } })),

  entry(ringKernel('shifts', { input: Two, output: Ten }, { onMessage({ a, b }, ctx) {
    ctx.send({ r: [a << b, a >> b, a >>> b, a << 31, a >> 31, a >>> 31, a << 0, a >>> 0, (a << 8) | (b & 255), a >> 33] })
  } })),

  entry(ringKernel('fnv', { input: Bytes, output: Word }, { onMessage({ b }, ctx) {
    let hash = 0x811c9dc5
    for (const byte of b) hash = Math.imul(hash ^ byte, 0x01000193)
    ctx.send({ w: hash })
  } })),

  entry(ringKernel('xorshift', { input: Word, output: Words }, async (ctx) => {
    let state = 2463534242
    for (;;) {
      const { w } = await ctx.receive()
      state = (state ^ w) >>> 0
      if (state === 0) state = 1
      const out = new Uint32Array(8)
      for (let i = 0; i < 8; i++) {
        state ^= state << 13
        state ^= state >>> 17
        state ^= state << 5
        out[i] = state
      }
      await ctx.send({ w: out })
    }
  })),

  entry(ringKernel('collatz', { input: Word, output: Word }, async (ctx) => {
    for (;;) {
      let n = ((await ctx.receive()).w % 10000) + 1
      let steps = 0
      while (n !== 1) { n = n % 2 === 0 ? n / 2 : 3 * n + 1; steps++ }
      await ctx.send({ w: steps })
    }
  })),

  entry(ringKernel('euclid', { input: Two, output: Two }, { onMessage(m, ctx) {
    let a = Math.abs(m.a)
    let b = Math.abs(m.b)
    while (b !== 0) { const t = b; b = a % b; a = t }
    ctx.send({ a, b: a === 0 ? 0 : Math.abs(m.a) / a + 2 ** (m.a & 7) })
  } })),

  entry(ringKernel('sieve', { input: Word, output: struct('Primes', { count: u32, last: u32 }) }, { onMessage({ w }, ctx) {
    const limit = w % 200
    const composite = new Uint8Array(200)
    let count = 0
    let last = 0
    for (let n = 2; n < limit; n++) {
      if (composite[n] !== 0) continue
      count++
      last = n
      for (let k = n * n; k < limit; k += n) composite[k] = 1
    }
    ctx.send({ count, last })
  } })),

  entry(ringKernel('population', { input: Words, output: struct('Counts', { n: array(u8, 8), total: u16 }) }, { onMessage({ w }, ctx) {
    const n = new Uint8Array(8)
    let total = 0
    w.forEach((word, i) => {
      let x = word
      x = x - ((x >>> 1) & 0x55555555)
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
      n[i] = Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
      total += n[i]!
    })
    ctx.send({ n, total })
  } })),

  entry(ringKernel('crc32', { input: Bytes, output: Word }, async (ctx) => {
    while (!ctx.shouldTerminate) {
      const { b } = await ctx.receive()
      let c = 0xffffffff
      for (let i = 0; i < b.length; i++) c = crcTable[(c ^ b[i]!) & 0xff]! ^ (c >>> 8)
      await ctx.send({ w: ~c })
    }
  })),

  entry(ringKernel('factors', { input: Word, output: struct('Factors', { e: array(u8, 6), rest: u32 }) }, { onMessage({ w }, ctx) {
    const e = new Uint8Array(6)
    let rest = w
    for (let i = 0; i < primes.length; i++) while (rest !== 0 && rest % primes[i]! === 0) { rest /= primes[i]!; e[i]!++ }
    ctx.send({ e, rest })
  } })),

  entry(ringKernel('past-53-bits', { input: struct('Wide53', { x: u32, y: u32, z: u32 }), output: Ten }, { onMessage({ x, y, z }, ctx) {
    const product = x * y
    const more = product * z
    ctx.send({ r: [product, product + 1, product + z, more, more + x, more % 1000, product / 3, (product + z) | 0, more >>> 0, Math.floor(product / 65536)] })
  } })),

  entry(ringKernel('small-types', { input: struct('Small', { a: i8, b: u8, c: i16, d: u16, e: bool }), output: struct('SmallOut', { a: i8, b: u8, c: i16, d: u16, e: bool, n: i32 }) }, { onMessage(m, ctx) {
    let n = m.a * m.b + m.c * m.d
    if (m.e) n = -n
    n -= m.a
    ctx.send({ a: m.a + 1, b: m.b - 1, c: m.c * 3, d: -m.d, e: !m.e, n })
  } })),

  entry(ringKernel('counters', { input: Word, output: Ten, state: { n: u32, down: i8, wrap: u8, half: f64 } }, { onMessage({ w }, ctx) {
    const before = ctx.state.n++
    const after = ++ctx.state.n
    ctx.state.down--
    ctx.state.wrap += 100
    ctx.state.half += 0.5
    let i = w & 7
    const post = i++ + i
    const pre = --i * 2
    ctx.send({ r: [before, after, ctx.state.down, ctx.state.wrap, ctx.state.half, i, post, pre, ctx.state.n--, ctx.state.n] })
  } })),

  entry(ringKernel('wide-arithmetic', { input: Wide, output: Wides }, { onMessage({ a, b, c, d }, ctx) {
    const product = BigInt.asIntN(64, a * b)
    const sum = BigInt.asUintN(64, c + d)
    ctx.send({ i: [BigInt.asIntN(64, a + b), product, BigInt.asIntN(64, a - b), -a, ~a, a ^ b], u: [sum, BigInt.asUintN(64, c * d), BigInt.asUintN(64, c - d), c & d, c | d, BigInt.asUintN(64, c << 7n)] })
  } })),

  entry(ringKernel('wide-division', { input: Wide, output: Wides }, { onMessage({ a, b, c, d }, ctx) {
    const x = b === 0n ? 1n : b
    const y = d === 0n ? 7n : d
    ctx.send({ i: [BigInt.asIntN(64, a / x), a % x, a >> 5n, a > b ? a : b, a === b ? 1n : 0n, a < 0n ? -1n : 1n], u: [c / y, c % y, c >> 9n, c > d ? c : d, c !== d ? 1n : 0n, c >= 2n ** 63n ? 1n : 0n] })
  } })),

  entry(ringKernel('wide-numbers', { input: Wide, output: struct('Numbers', { x: f64, y: f64, low: u32, same: bool, back: i64 }) }, { onMessage({ a, c }, ctx) {
    ctx.send({ x: Number(a), y: Number(c) / 3, low: Number(BigInt.asUintN(32, c)), same: Number(a) === Number(c), back: BigInt(Math.trunc(Number(a) / 1024)) })
  } })),

  entry(ringKernel('lehmer', { input: Word, output: struct('Random64', { r: array(u64, 4) }), state: { seed: u64 } }, { onMessage({ w }, ctx) {
    if (ctx.state.seed === 0n) ctx.state.seed = BigInt(w) | 1n
    const r = new BigUint64Array(4)
    for (let i = 0; i < 4; i++) {
      ctx.state.seed = BigInt.asUintN(64, ctx.state.seed * 6364136223846793005n + 1442695040888963407n)
      r[i] = ctx.state.seed ^ (ctx.state.seed >> 33n)
    }
    ctx.send({ r })
  } })),

  entry(ringKernel('signed-bytes', { input: Bytes, output: struct('Signed', { s: array(i8, 16), w: array(i16, 8) }) }, { onMessage({ b }, ctx) {
    const s = new Int8Array(16)
    const w = new Int16Array(8)
    for (let i = 0; i < 16; i++) s[i] = b[i]! - 128
    for (let i = 0; i < 8; i++) w[i] = (b[2 * i]! << 8) | b[2 * i + 1]!
    ctx.send({ s, w })
  } })),
]
