// Captures by value: a function, and everything it reads from around it, as data. Which names those are comes from parsing,
// what they hold at this moment from the cell's bindings, the caller's `captures` or the live function.

import { types } from 'node:util'
import { describeSchema, isSchema } from '../schema/index.js'
import * as schemaExports from '../schema/index.js'
import { CaptureError } from './captured.js'
import type { AnyFunction, Capture, CapturedBody, CapturedFunction, CapturedNode } from './captured.js'
import { cellSource } from './cells.js'
import type { CellSource } from './cells.js'
import { inspectFunction } from './live-function.js'
import type { LiveFunction } from './live-function.js'
import { parseWith } from './parse-request.js'
import type { FreeName, ParsedBody } from './parse-request.js'
import { refusalOf } from './refusals.js'

export interface CaptureOptions {
  /** The ring kernel's name, for errors. */
  readonly name: string
  /** Values for names that cannot be seen from here; they win over what the engine shows. */
  readonly captures?: Readonly<Record<string, unknown>> | undefined
}

/** Functions one body may reach; more means that a library was captured by accident. */
const functionsMax = 500
/** What errors call the captured function itself. */
const ownBody = 'its body'
const standardGlobals = new Set(Object.getOwnPropertyNames(globalThis))
const ringlabExports = new Map<unknown, string>(Object.entries(schemaExports).map(([name, value]) => [value, name]))

/**
 * Captures `body`, a function or a handler object of functions, with what it reads from around it: plain data by value at this
 * moment, functions with what they read themselves, ringlab's own exports by name.
 *
 * @throws CaptureError naming the variable that cannot be copied, why, and what to do.
 */
export async function captureBody(body: object, options: CaptureOptions): Promise<CapturedBody> {
  const capture = new BodyCapture(options)
  const root = await capture.root(body)
  return capture.finish(root)
}

interface Found { readonly value: unknown }
type Entries = [string, number][]

class BodyCapture {
  private readonly nodes: CapturedNode[] = []
  private readonly known = new Map<unknown, number>()
  private functions = 0

  constructor(private readonly options: CaptureOptions) {}

  async root(body: object): Promise<number> {
    if (typeof body === 'function') return this.functionNode(body as AnyFunction, ownBody)
    const entries: Entries = []
    const index = this.add({ kind: 'object', array: false, entries }, body)
    for (const [name, part] of Object.entries(body as Record<string, unknown>)) {
      if (typeof part !== 'function') throw this.refused(name, `\`${name}\` of its handler object is no function.`)
      entries.push([name, await this.functionNode(part as AnyFunction, name)])
    }
    return index
  }

  finish(root: number): CapturedBody {
    const nodes = this.snapshot()
    const node = nodes[root] as CapturedFunction | Extract<CapturedNode, { kind: 'object' }>
    const parts = node.kind === 'object' ? node.entries.map(([name, index]) => ({ name, part: nodes[index] as CapturedFunction })) : [{ name: '', part: node }]
    const functions = parts.map(({ part }) => part)
    const first = functions[0]
    const seen = new Map(functions.flatMap((part) => part.captures.map((capture) => [capture.name, capture] as const)))
    return {
      text: node.kind === 'object' ? `({ ${parts.map(({ name, part }) => (part.form === 'method' ? part.text : `${name}: ${part.text}`)).join(',\n')} })` : node.text,
      captures: [...seen.values()], root, nodes, file: first?.file ?? '', line: first?.line ?? 1, column: first?.column ?? 1,
    }
  }

  /** Copies all data at one moment and together, so that what was shared stays shared. */
  private snapshot(): CapturedNode[] {
    const values = structuredClone(this.nodes.map((node) => (node.kind === 'value' ? node.value : undefined)))
    return this.nodes.map((node, i) => (node.kind === 'value' ? { kind: 'value', value: values[i] } : node))
  }

  private async functionNode(fn: AnyFunction, variable: string): Promise<number> {
    const known = this.known.get(fn)
    if (known !== undefined) return known
    if (++this.functions > functionsMax) throw this.refused(variable, `it reaches more than ${functionsMax} functions through \`${variable}\`.`)
    const subject = variable === ownBody ? ownBody : `\`${variable}\``
    const live = inspectFunction(fn)
    if (live.bound) throw this.refused(variable, `${subject} is a bound function, whose \`this\` cannot be copied; use an arrow function.`)
    const why = refusalOf(fn)
    if (why !== undefined) throw this.refused(variable, `${subject} is ${why}.`)
    if (live.location?.url.startsWith('node:')) throw this.refused(variable, `${subject} is a function of Node itself (${live.location.url}).`)
    // The place is taken before what the function reads is captured: it may read itself, or what reads it.
    const index = this.add({ kind: 'value', value: undefined }, fn)
    const { parsed, cell } = await this.parse(fn, live, variable)
    const refusal = parsed.refusals[0]
    if (refusal) throw this.refused(refusal.variable, variable === ownBody ? refusal.why : `in \`${variable}\`, ${refusal.why}`)
    const captures: Capture[] = []
    for (const free of parsed.free) {
      const node = await this.freeName(free, live, cell, fn)
      if (node !== undefined) captures.push({ name: free.name, node, kind: this.nodes[node]?.kind ?? 'value' })
    }
    const method = parsed.form === 'method' ? fn.name : ''
    this.nodes[index] = { kind: 'function', text: parsed.text, form: parsed.form, method, captures, ...placeOf(parsed, live, cell) }
    return index
  }

  private async parse(fn: AnyFunction, live: LiveFunction, variable: string): Promise<{ parsed: ParsedBody; cell: CellSource | undefined }> {
    const { location } = live
    const text = Function.prototype.toString.call(fn)
    const cell = location && cellSource(location.url)
    const offset = location && cell?.toOriginal(location.line0, location.column0)
    try {
      if (cell && offset !== undefined) return { cell, parsed: await parseWith({ kind: 'cell', text: cell.text, offset, arrow: !fn.hasOwnProperty('prototype') && /^(async\s*)?(\(|[\w$]+\s*=>)/.test(text) }) }
      return { cell: undefined, parsed: await parseWith({ kind: 'function', text }) }
    } catch (error) {
      throw this.refused(variable, `${variable === ownBody ? ownBody : `\`${variable}\``} cannot be read. ${error instanceof Error ? error.message : String(error)}.`)
    }
  }

  private async freeName(free: FreeName, live: LiveFunction, cell: CellSource | undefined, fn: AnyFunction): Promise<number | undefined> {
    const { name } = free
    const found = this.find(free, live, cell, fn)
    if (found) return this.valueNode(found.value, name, free.chains)
    if (free.onlyTypeof || standardGlobals.has(name)) {
      const why = free.onlyTypeof ? undefined : refusalOf(globalThis[name as keyof typeof globalThis], name)
      if (why !== undefined) throw this.refused(name, `\`${name}\` is ${why}.`)
      return undefined
    }
    if (name in globalThis) return this.valueNode((globalThis as Record<string, unknown>)[name], name, free.chains)
    throw this.refused(name, `\`${name}\` is not defined where the body was written.`)
  }

  /** In a cell, names of the cell and the session come from its bindings; the engine would show the boxes behind them. */
  private find(free: FreeName, live: LiveFunction, cell: CellSource | undefined, fn: AnyFunction): Found | undefined {
    const { name } = free
    const { captures } = this.options
    if (cell && !free.local) {
      const bound = cell.lookup(name)
      if (bound) return bound
    }
    if (captures && Object.hasOwn(captures, name)) return { value: captures[name] }
    if (cell && !free.local) return undefined
    for (const scope of live.scopes) {
      if (!Object.hasOwn(scope, name)) continue
      try {
        const value = scope[name]
        // Node 20 shows a variable before its declaration ran as undefined, which then is a recursive function's own name.
        return value === undefined && fn.name === name ? { value: fn } : { value }
      } catch {
        throw this.refused(name, `\`${name}\` is used before its declaration ran.`)
      }
    }
    return undefined
  }

  private async valueNode(value: unknown, variable: string, chains: readonly (readonly string[])[]): Promise<number> {
    const ringlab = ringlabExports.get(value)
    if (ringlab !== undefined) return this.known.get(value) ?? this.add({ kind: 'ringlab', name: ringlab }, value)
    if (isSchema(value)) return this.known.get(value) ?? this.add({ kind: 'schema', schema: describeSchema(value) }, value)
    if (typeof value === 'function') {
      const [kept] = chains.find(([key]) => key !== undefined && Object.hasOwn(value, key) && !['name', 'length', 'prototype'].includes(key)) ?? []
      if (kept !== undefined) throw this.refused(variable, `\`${variable}.${kept}\` is a property of a function, which is not copied.`)
      return this.functionNode(value as AnyFunction, variable)
    }
    const object = typeof value === 'object' && value !== null ? value : undefined
    if (object && isPlain(object) && chains.length > 0 && chains.every((chain) => chain.length > 0)) return this.members(object as Record<string, unknown>, variable, chains)
    const known = object && this.known.get(object)
    if (known !== undefined) return known
    if (object && holdsMoreThanData(object)) return this.wholeObject(object as Record<string, unknown>, variable)
    const fault = dataFault(value, variable, new Set())
    if (fault) throw this.refused(variable, fault)
    return this.add({ kind: 'value', value }, object)
  }

  /** Of an object read only through members, such as a namespace of imports, just those members. */
  private async members(object: Record<string, unknown>, variable: string, chains: readonly (readonly string[])[]): Promise<number> {
    const entries: Entries = []
    const index = this.add({ kind: 'object', array: false, entries }, undefined)
    for (const key of new Set(chains.map(([first = '']) => first))) {
      // What every object inherits (toString …) is there in the other thread as well.
      if (!(key in object) || (!Object.hasOwn(object, key) && key in Object.prototype)) continue
      const rest = chains.filter((chain) => chain[0] === key).map((chain) => chain.slice(1))
      entries.push([key, await this.valueNode(object[key], `${variable}.${key}`, rest)])
    }
    return index
  }

  private async wholeObject(object: Record<string, unknown>, variable: string): Promise<number> {
    const entries: Entries = []
    const index = this.add({ kind: 'object', array: Array.isArray(object), entries }, object)
    for (const key of Object.keys(object)) entries.push([key, await this.valueNode(object[key], `${variable}.${key}`, [[]])])
    return index
  }

  private add(node: CapturedNode, identity: unknown): number {
    const index = this.nodes.push(node) - 1
    if (identity !== undefined) this.known.set(identity, index)
    return index
  }

  private refused(variable: string, why: string): CaptureError {
    return new CaptureError(this.options.name, variable, why)
  }
}

/** An object literal, an array, a namespace of a module or of CommonJS exports. */
function isPlain(object: object): boolean {
  if (types.isModuleNamespaceObject(object)) return true
  const prototype: unknown = Object.getPrototypeOf(object)
  return !Array.isArray(object) && (prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null)
}

/** Whether functions, ringlab's exports or schemas are somewhere in this data. */
function holdsMoreThanData(object: object, seen = new Set<object>()): boolean {
  if (seen.has(object) || !(isPlain(object) || Array.isArray(object))) return false
  seen.add(object)
  return Object.values(object).some((value: unknown) => typeof value === 'function' || isSchema(value)
    || (typeof value === 'object' && value !== null && (ringlabExports.has(value) || holdsMoreThanData(value, seen))))
}

/** What keeps `value` from being copied as data, as a clause; `undefined` when nothing does. */
function dataFault(value: unknown, path: string, seen: Set<object>): string | undefined {
  const why = refusalOf(value)
  if (why !== undefined) return `\`${path}\` is ${why}.`
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined
  seen.add(value)
  const items: [string, unknown][] = value instanceof Map ? [...value].flatMap(([key, item]) => [[`${path} key`, key], [`${path} value`, item]])
    : value instanceof Set ? [...value].map((item) => [`${path} element`, item])
    : ArrayBuffer.isView(value) ? [] : Object.entries(value).map(([key, item]) => [`${path}.${key}`, item])
  for (const [place, item] of items) {
    const fault = dataFault(item, place, seen)
    if (fault) return fault
  }
  return undefined
}

function placeOf(parsed: ParsedBody, live: LiveFunction, cell: CellSource | undefined): { file: string; line: number; column: number } {
  if (cell) {
    const before = cell.text.slice(0, parsed.start).split('\n')
    return { file: cell.label ?? live.location?.url ?? '', line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  }
  if (!live.location) return { file: '', line: 1, column: 1 }
  const before = parsed.text.slice(0, parsed.locationOffset).split('\n')
  const column0 = before.length === 1 ? live.location.column0 - parsed.locationOffset : 0
  return { file: live.location.url, line: live.location.line0 - before.length + 2, column: Math.max(0, column0) + 1 }
}
