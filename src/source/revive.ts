// A captured body back to life in another thread. Runs in workers: needs neither TypeScript nor the inspector.

import { Script } from 'node:vm'
import { schemaFrom } from '../schema/index.js'
import * as schemaExports from '../schema/index.js'
import type { AnyFunction, CapturedBody, CapturedFunction, CapturedNode } from './captured.js'

/** A name no body uses. */
const given = '__ringlabCaptured'

interface Revived { readonly fn: AnyFunction; readonly link: (values: readonly unknown[]) => void }

/**
 * The function or handler object that `captured` describes. Stack traces of its functions name the file or cell, line and column
 * they were written at.
 *
 * @param ringlab ringlab's exports by name, where they differ from this thread's own.
 */
export function reviveBody(captured: CapturedBody, ringlab: Readonly<Record<string, unknown>> = {}): object {
  const links: (() => void)[] = []
  const values = captured.nodes.map((node) => {
    if (node.kind !== 'function') return shell(node, ringlab)
    const { fn, link } = compile(node)
    links.push(() => { link(node.captures.map((capture) => values[capture.node])) })
    return fn
  })
  captured.nodes.forEach((node, i) => {
    if (node.kind !== 'object') return
    for (const [key, index] of node.entries) Object.defineProperty(values[i], key, { value: values[index], enumerable: true, writable: true, configurable: true })
  })
  for (const link of links) link()
  return values[captured.root] as object
}

/** A node's value; objects are filled once every node has one. */
function shell(node: Exclude<CapturedNode, CapturedFunction>, ringlab: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case 'value': return node.value
    case 'ringlab': return ringlab[node.name] ?? (schemaExports as Record<string, unknown>)[node.name]
    case 'schema': return schemaFrom(node.schema)
    case 'object': return node.array ? [] : {}
  }
}

/** Captured names are variables around the function, set by `link` once everything exists: functions may read each other. */
function compile(node: CapturedFunction): Revived {
  const names = node.captures.map((capture) => capture.name)
  const declared = names.length > 0 ? `var ${names.join(', ')}; ` : ''
  const [before, after] = node.form === 'method' ? ['({ ', ` })[${JSON.stringify(node.method)}]`] : ['(', ')']
  const head = `(function () { 'use strict'; ${declared}return { link(${given}) { ${names.map((name, i) => `${name} = ${given}[${i}]`).join('; ')} }, fn: ${before}`
  const script = new Script(`${head}${node.text}${after} } })`, {
    filename: node.file === '' ? 'ring kernel body' : node.file,
    lineOffset: node.line - 1,
    columnOffset: node.column - 1 - head.length,
  })
  return (script.runInThisContext() as () => Revived)()
}
