// JavaScript's globals: which names a body may use, their constants, and who compiles calls of them.
import type typescript from 'typescript'
import { f64 } from '../expr.js'
import { typedArrayDtype } from '../aggregates/convert.js'
import type { Lowering } from '../lowering.js'
import type { Value } from '../value.js'

type Node = typescript.Node

const constants: Readonly<Record<string, number>> = { NaN, Infinity }
export const errorNames: readonly string[] = ['Error', 'RangeError', 'TypeError', 'EvalError', 'SyntaxError', 'ReferenceError', 'URIError']
const namespaces: readonly string[] = ['Math', 'Number', 'BigInt', 'Boolean', 'String', 'console', 'Atomics', 'Array', 'Object', 'isNaN', 'isFinite', 'parseInt', 'parseFloat', ...errorNames]

/** What to write instead of globals that have no meaning on a device. */
const outside: Readonly<Record<string, string>> = {
  Date: 'Use ctx.nowNs (nanoseconds since activation), or send the time in the message.',
  performance: 'Use ctx.nowNs, nanoseconds since activation.',
  setTimeout: "Compare ctx.nowNs in the loop, or take the host: { device: 'host' }.",
  setInterval: "Compare ctx.nowNs in the loop, or take the host: { device: 'host' }.",
  Promise: "Await ctx.receive() and ctx.send(), or take the host: { device: 'host' }.",
  JSON: "Use struct() schemas, or take the host: { device: 'host' }.",
  Map: "Use an array indexed by a small integer key, or take the host: { device: 'host' }.",
  Set: "Use an array of flags, or take the host: { device: 'host' }.",
}

export function globalValue(name: string): Value | undefined {
  if (name === 'undefined') return { kind: 'undefined' }
  if (Object.hasOwn(constants, name)) return { kind: 'number', expr: f64(constants[name] as number) }
  return namespaces.includes(name) || typedArrayDtype(name) !== undefined || Object.hasOwn(outside, name) ? { kind: 'global', name } : undefined
}

/** What to write instead of using `name`; undefined when it is one that a body may use. */
export function insteadOf(name: string): string | undefined { return Object.hasOwn(outside, name) ? outside[name] : undefined }

const mathConstants = ['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const
const numberConstants = ['EPSILON', 'MAX_SAFE_INTEGER', 'MIN_SAFE_INTEGER', 'MAX_VALUE', 'MIN_VALUE', 'NaN', 'NEGATIVE_INFINITY', 'POSITIVE_INFINITY'] as const

/** `Math.PI`, `Number.EPSILON`, or a method. */
export function globalMember(t: Lowering, global: string, name: string, node: Node): Value {
  const instead = insteadOf(global)
  if (instead !== undefined) return t.refuse(node, `\`${global}\``, instead)
  if (global === 'Math') { const found = mathConstants.find((each) => each === name); if (found) return { kind: 'number', expr: f64(Math[found]) } }
  if (global === 'Number') { const found = numberConstants.find((each) => each === name); if (found) return { kind: 'number', expr: f64(Number[found]) } }
  if (name === 'BYTES_PER_ELEMENT' && typedArrayDtype(global) !== undefined) return { kind: 'number', expr: f64((globalThis as unknown as Record<string, { BYTES_PER_ELEMENT: number }>)[global]?.BYTES_PER_ELEMENT ?? 2) }
  return { kind: 'method', of: { kind: 'global', name: global }, name }
}
