// A few lines of a handler, run as plain JavaScript and as what the compiler makes of them: both must give the same bits.
import * as ringlab from 'ringlab'
import { expect } from 'vitest'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { diagnosticsOf, isError } from '#ringlab/compiler/diagnostics/report.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { entry } from '../corpus/corpus.js'
import { randomInputs } from '../corpus/inputs.js'
import { runSpecification, type Run } from '../corpus/specification.js'
import { layoutOf } from '#ringlab/schema/index.js'
import { runEmitted } from '../corpus/fuzz/emitted.js'
import { Random } from '../corpus/random.js'
import { interpret, type Seen } from './interpreter.js'
import { comparable } from './nan.js'
import { requestFor } from './request.js'

loadTypeScript()

const { array, bool, f16, f32, f64, i16, i32, i64, ringKernel, struct, u16, u32, u64, u8 } = ringlab
const Point = struct('Point', { x: f64, y: f32, n: u16 })
const Input = struct('Input', {
  a: f64, b: f64, i: i32, u: u32, k: u8, flag: bool, s: i64, w: u64, v: array(f32, 8), p: Point, q: array(Point, 4), g: array(array(i16, 3), 2), h: array(f16, 4), z: array(bool, 4), bytes: array(u8, 8),
})
const Output = struct('Output', { r: array(f64, 4) })
const State = { n: u32, f: f32, t: array(i32, 8), last: Point, items: array(Point, 4), big: u64, on: bool, wide: array(i64, 4) }
const names = Object.keys(ringlab).filter((name) => /^[a-z]\w*$/.test(name))

/** What a snippet may read from around it. */
const around = `
const table = [0.5, 1, 2, 4, 8, 16, 32, 64]
const weights = new Float32Array([1, 0.1, -2, 3, 5, 8, 13, 21])
const points = [{ x: 1, y: 2 }, { x: 3, y: 4 }]
const settings = { scale: 3, nested: { low: -2, high: 2 }, name: 'fast', list: [1, 2, 3], big: 2n ** 40n }
const Kind = { Add: 0, Subtract: 1, 0: 'Add', 1: 'Subtract' }
const square = (x) => x * x
function clamp(x, low = settings.nested.low, high = settings.nested.high) { if (x < low) return low; return x > high ? high : x }
const tools = { twice: (x) => 2 * x, half(x) { return x / 2 } }
const debug = false
`

export interface Snippet { readonly lines: string; readonly form?: 'handler' | 'loop' }

/** A definition of the lines: `m` is the message, `ctx` the context, and `give(a, b, c, d)` sends up to four numbers. */
export function definitionOf({ lines, form = 'handler' }: Snippet): ringlab.RingKernelDefinition {
  const sent = given(lines, form === 'loop' ? 'await ' : '')
  const body = form === 'loop' ? `async (ctx) => {\n${sent}\n}` : `({ onMessage(m, ctx) {\n${sent}\n} })`
  const make = new Function(...names, `'use strict';${around}return ${body}`) as (...values: unknown[]) => never
  return ringKernel('snippet', { input: Input, output: Output, state: State }, make(...names.map((name) => (ringlab as Record<string, unknown>)[name])))
}

/** Writes each `give(…)` out as a send of four values, the missing ones 0. */
function given(lines: string, before: string): string {
  const at = lines.search(/\bgive\(/)
  if (at < 0) return lines
  let depth = 0
  let count = 1
  let end = at + 'give'.length
  for (; end < lines.length; end++) {
    const character = lines[end] ?? ''
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character) && --depth === 0) break
    else if (character === ',' && depth === 1) count++
  }
  const values = [lines.slice(at + 'give('.length, end), ...Array.from({ length: 4 - count }, () => '0')].join(', ')
  return `${lines.slice(0, at)}${before}ctx.send({ r: [${values}] })${given(lines.slice(end + 1), before)}`
}

/** Codes of what is found in the lines. */
export async function codesOf(snippet: Snippet): Promise<string[]> { return translate(await requestFor(definitionOf(snippet))).findings.map(({ code }) => code) }

/** Runs both over random messages and compares everything that can be seen. */
export async function agrees(snippet: Snippet, seed = 1): Promise<void> {
  const definition = definitionOf(snippet)
  const inputs = randomInputs(entry(definition), seed, 16)
  const wanted = await runSpecification(definition as unknown as Definition, inputs)
  const { program, findings, sources } = translate(await requestFor(definition))
  expect(diagnosticsOf(findings, program.files.map((name, file) => ({ name, line: (number: number) => sources.line(file, number) })))).toEqual([])
  const passed = runPasses(program, (finding) => { expect(isError(finding), JSON.stringify(finding)).toBe(false) })
  const given = { inputs: inputs.map(({ bytes, ...input }) => ({ payload: bytes, ...input })) }
  for (const parks of [() => false, (n: number) => n % 2 === 0]) {
    const seen = interpret(passed, { ...given, parks })
    expect(shown(seen, program), snippet.lines).toEqual(shownSpecification(wanted, program))
    expect(wanted.outputs.length + (wanted.fault === undefined ? 0 : 1) + seen.logs.length, 'it shows something').toBeGreaterThan(0)
  }
  // On the workbench messages arrive when they will, under correlation ids of its own.
  if (!/tryReceive|correlationId/.test(snippet.lines)) await emittedAgrees(snippet, seed)
}

/** What the emitted JavaScript gives, on rings that wrap and with parks at random moments. */
async function emittedAgrees(snippet: Snippet, seed = 1): Promise<void> {
  const given = definitionOf(snippet)
  const definition = given as unknown as Definition
  const inputs = randomInputs(entry(given), seed, 16)
  const wanted = await runSpecification(definition, inputs)
  const { program } = translate(await requestFor(given))
  const run = runEmitted(runPasses(program, () => undefined), definition, inputs, new Random(seed))
  const bytes = (list: readonly { bytes: Uint8Array }[]): string[] => list.map((output) => comparable(output.bytes, layoutOf(Output)))
  if (wanted.fault === undefined) expect(bytes(run.outputs), snippet.lines).toEqual(bytes(wanted.outputs))
  expect(run.fault, snippet.lines).toBe(wanted.fault)
}

type Program = ReturnType<typeof translate>['program']

function shown(seen: Seen, program: Program): object {
  const [first] = seen.faults
  const site = first && program.sites[first.site]
  const count = first ? seen.outputs.length : undefined
  return { outputs: count === undefined ? outputs(seen.outputs, program) : undefined, state: first ? undefined : program.state && comparable(seen.state, program.state), fault: site?.kind === 'fault' ? site.text.replace('{}', String(first?.value)) : undefined }
}

/** A body that faults goes on with the next message on a device, and ends here: then only the fault is compared. */
function shownSpecification(run: Run, program: Program): object {
  const faulted = run.fault !== undefined
  return { outputs: faulted ? undefined : outputs(run.outputs, program), state: faulted ? undefined : program.state && comparable(run.state, program.state), fault: run.fault }
}

function outputs(list: readonly { bytes?: Uint8Array; payload?: Uint8Array; correlationId: bigint; priority: number }[], program: Program): string[] {
  const layout = program.ports[0]?.layout
  return list.map(({ bytes, payload, correlationId, priority }) => `${layout ? comparable(bytes ?? payload ?? new Uint8Array(), layout) : ''} ${correlationId} ${priority}`)
}
