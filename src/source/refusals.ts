// What cannot be copied to another thread, in the user's words.

import { types } from 'node:util'
import type { AnyFunction } from './captured.js'

/** Globals that tie a body to its process; a GPU has none of them. */
const hostOnly = new Set(['process', 'require', 'module', 'exports', 'fetch', 'WebSocket', 'EventSource', 'navigator', 'localStorage', 'sessionStorage'])

/** Why `value` cannot be copied, continuing "`x` is …"; `undefined` when it can (its contents are asked about one by one). */
export function refusalOf(value: unknown, name = ''): string | undefined {
  if (hostOnly.has(name)) return 'something that only the process has'
  if (typeof value === 'symbol') return 'a symbol, which has no meaning in another thread'
  if (typeof value === 'function') return name === '' ? functionRefusal(value as AnyFunction) : undefined
  if (typeof value !== 'object' || value === null || name !== '') return undefined
  if (types.isPromise(value)) return 'a Promise; await it before the ring kernel is defined'
  if (types.isProxy(value)) return 'a Proxy'
  if (isCopyable(value)) return undefined
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null
  return `an object of class ${prototype?.constructor?.name ?? '(anonymous)'}, which would lose its methods; use plain data`
}

function functionRefusal(fn: AnyFunction): string | undefined {
  const text = Function.prototype.toString.call(fn)
  if (/^class\b/.test(text)) return 'a class; use plain data and functions'
  if (/\{\s*\[native code\]\s*\}$/.test(text)) return 'a native function, which has no JavaScript to take along'
  return undefined
}

/** What structuredClone copies whole. */
function isCopyable(value: object): boolean {
  if (Array.isArray(value) || ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isMap(value) || types.isSet(value) || types.isDate(value)
    || types.isRegExp(value) || value instanceof Error || types.isModuleNamespaceObject(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  // The Object.prototype of another context (vm, vitest) is plain, too.
  return prototype === null || prototype === Object.prototype || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty'))
}
