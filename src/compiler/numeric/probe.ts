// Does this engine compute Math.* as ringlab's devices do? They carry V8's arithmetic, which Node 20, 24 and 26 share (all but pow, which ringlab
// brings itself); an engine that differs in a bit would make a compiled body's answers depend on where it runs.

/** What is probed: the functions of Math whose last bit the language leaves to the engine, except pow. */
type Probed = 'sin' | 'cos' | 'tan' | 'asin' | 'acos' | 'atan' | 'sinh' | 'cosh' | 'tanh' | 'asinh' | 'acosh' | 'atanh' | 'exp' | 'expm1' | 'log' | 'log1p' | 'log2' | 'log10' | 'cbrt' | 'atan2' | 'hypot'
export type ProbedMath = Pick<typeof Math, Probed>

/** Of each function the hash of its values at the probe points; computed by Node 20.20, 24.21 and 26.10, which agree, and by the CUDA texts. */
export const expectedHashes: Readonly<Record<Probed, string>> = {
  sin: '8fdc6bc6', cos: '4048467d', tan: '1674f519', asin: 'df20abad', acos: '1fabad1c', atan: '8dddb950',
  sinh: 'ea633536', cosh: '79494079', tanh: '0e462931', asinh: '4cb07cbf', acosh: '9ace2625', atanh: '4255ca50',
  exp: 'd45ef3e5', expm1: '0ecc2279', log: '6020e81c', log1p: 'f8806ba5', log2: '14c0d73f', log10: '028c617a',
  cbrt: 'bb2627e9', atan2: 'bee4a7a4', hypot: 'b25b7601',
}

const names = Object.keys(expectedHashes) as Probed[]
/** Points a function: enough to visit the branches of each algorithm, few enough that a first compile does not wait for it. */
const pointsMax = 256

/**
 * One word for how an engine computes Math.*: equal for equal engines, to the bit. Serves as part of the name of what was compiled or cached.
 * @example mathProbe() // '5f2c9a01'
 */
export function mathProbe(math: ProbedMath = Math): string {
  return hashText(names.map((name) => hashOf(name, math)).join())
}

/** A sentence naming the functions that differ from the devices'; undefined where none does. */
export function mathDifference(math: ProbedMath = Math): string | undefined {
  const differing = names.filter((name) => hashOf(name, math) !== expectedHashes[name]).map((name) => `Math.${name}`)
  if (differing.length === 0) return undefined
  return `this JavaScript engine (${process.release.name} ${process.version}, V8 ${process.versions.v8}) computes ${differing.join(', ')} differently from ringlab's devices, which follow Node 20, 24 and 26: `
    + 'answers that use it can differ in the last bit between plain JavaScript and a device; run ringlab on one of those Node versions where bits matter'
}

/** A hash of the results' bits in hexadecimal: FNV-1a by words of 32 bits, high bits folded in. */
function hashOf(name: Probed, math: ProbedMath): string {
  const results = new Float64Array(points.length)
  points.forEach((x, i) => { results[i] = name === 'atan2' || name === 'hypot' ? math[name](x, points[(i * 7 + 3) % points.length] ?? 0) : math[name](x) })
  const view = new DataView(results.buffer)
  let hash = 0x811c9dc5
  for (let i = 0; i < results.length; i++) {
    // NaNs are one class.
    const isNaN = results[i] !== results[i]
    hash = Math.imul(hash ^ (isNaN ? 0x7ff80000 : view.getInt32(8 * i + (littleEndian ? 4 : 0), littleEndian)), 0x01000193)
    hash = Math.imul(hash ^ (isNaN ? 0 : view.getInt32(8 * i + (littleEndian ? 0 : 4), littleEndian)), 0x01000193)
    hash ^= hash >>> 15
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function hashText(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

/** Fixed points of all sizes: made by exact operations only, so that every engine has the same. */
const points: readonly number[] = (() => {
  const made = [0, -0, 1, -1, Infinity, -Infinity, NaN, 5e-324, 1e308, -1e308, 710, -740, 22, 1e22]
  let word = 20_20_24_26
  const next = (): number => { word = (Math.imul(word, 1664525) + 1013904223) | 0; return (word >>> 8) / 2 ** 24 }
  while (made.length < pointsMax) {
    const value = next() + next() / 2 ** 24
    const scale = [1, 1, 4, 30, 700, 2 ** 20, 2 ** 60, 2 ** -20][made.length & 7] ?? 1
    made.push((next() < 0.5 ? -1 : 1) * value * scale)
  }
  return made
})()
