// From a captured body to a program: the door of the front end. Compiles the body until nothing new is learnt about it.
import type { Fields, SchemaText, Struct, StructLayout } from '../../schema/index.js'
import { layoutOf, schemaFrom, type Layout } from '../../schema/index.js'
import type { CapturedFunction } from '../../source/captured.js'
import { report, type Finding } from '../diagnostics/report.js'
import type { Program, Statement } from '../ir.js'
import type { CompileRequest, ElementText } from '../request.js'
import { Builder } from './builder.js'
import { capturedFunction } from './captured.js'
import { numberValue } from './coerce.js'
import { received } from './context/calls.js'
import { convert } from './expr.js'
import { Facts } from './facts.js'
import { inline } from './functions/inline.js'
import { Lowering, type Layouts } from './lowering.js'
import { Scope } from './scope.js'
import { Sources } from './sources.js'
import type { FunctionValue, Value } from './value.js'

/** Each round learns something of a variable; more rounds than variables a body has would be a defect. */
const ROUNDS_MAX = 64

export interface Translated { readonly program: Program; readonly findings: readonly Finding[]; readonly sources: Sources }

/** The program of a body, exact and naive; with an error among the findings it means nothing. */
export function translate(request: CompileRequest): Translated {
  const sources = new Sources()
  const facts = new Facts()
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const findings: Finding[] = []
    const program = once(request, sources, facts, (finding) => { findings.push(finding) })
    if (!facts.learnt()) return { program, findings, sources }
  }
  throw new Error(`The compiler did not come to an end with '${request.name}'; this is a defect of ringlab, please report it with the body`)
}

function once(request: CompileRequest, sources: Sources, facts: Facts, tell: (finding: Finding) => void): Program {
  const root = rootOf(request)
  const node = sources.parse(root)
  const refuse = (what: string): void => { tell(report('RL1034', sources.where(node), { what })) }
  const input = structOf(request.input, refuse, 'its input')
  const output = request.output && structOf(request.output, refuse, 'its output')
  const form = request.form === 'one-shot' ? 'one-shot' : request.body.nodes[request.body.root]?.kind === 'function' ? 'loop' : request.parallel === 'messages' ? 'messages' : 'handler'
  const ports = [...(output ? [{ name: 'output', layout: output, emitsMax: undefined }] : [])]
  for (const [name, schema] of Object.entries(request.ports)) {
    const layout = structOf(schema, refuse, `port ${name}`)
    if (layout) ports.push({ name, layout, emitsMax: undefined })
  }
  const layouts: Layouts = {
    state: request.state && structOf(request.state, refuse, 'its state'), arguments: request.arguments && structOf(request.arguments, refuse, 'its arguments'),
    buffers: Object.entries(request.buffers).map(([name, element]) => ({ name, element: elementLayout(element) })),
  }
  const builder = new Builder(form === 'one-shot' ? undefined : input, output ? ports : [{ name: 'output', layout: nothing, emitsMax: undefined }, ...ports])
  const t = new Lowering(request, request.body, builder, sources, facts, layouts, form, tell, new Scope(undefined), node)
  const body = bodyOf(t, capturedFunction(t, root, request.name))
  reportCopies(t)
  return {
    name: request.name, form, files: sources.files, input: builder.input, ports: builder.ports, state: layouts.state, arguments: layouts.arguments, buffers: layouts.buffers,
    locals: builder.locals, regions: builder.regions, messages: builder.messages, tables: builder.tables, constants: builder.constants(), parallels: builder.parallels,
    sites: builder.sites, body, points: builder.points, frameBytes: 0, math: request.math,
  }
}

/** The output of a ring kernel that declares none: nothing is ever sent there. */
const nothing: StructLayout = { kind: 'struct', name: 'Nothing', fields: [], bytes: 0, align: 1 }

/** The function that is compiled: the body, or `onMessage` of a handler. */
function rootOf({ body, name }: CompileRequest): CapturedFunction {
  const root = body.nodes[body.root]
  const index = root?.kind === 'object' ? root.entries.find(([key]) => key === 'onMessage')?.[1] : body.root
  const found = index === undefined ? undefined : body.nodes[index]
  if (found?.kind !== 'function') throw new TypeError(`The body of '${name}' is no function, and no object with onMessage(message, ctx)`)
  return found
}

function structOf(text: SchemaText, refuse: (what: string) => void, what: string): StructLayout | undefined {
  if (text.kind === 'message') { refuse(`${what} is message('${text.name}'), which has no fixed layout`); return undefined }
  return layoutOf(schemaFrom(text) as Struct<Fields>)
}

function elementLayout(element: ElementText): Layout {
  const whole = schemaFrom({ kind: 'struct', name: 'Element', fields: [['element', element]] }) as Struct<Fields>
  const [field] = layoutOf(whole).fields
  if (!field) throw new Error('an element without a layout')
  return field.layout
}

function bodyOf(t: Lowering, fn: FunctionValue): readonly Statement[] {
  const { builder } = t
  const context: Value = { kind: 'part', part: 'context' }
  const run = (values: readonly Value[]): Statement[] => builder.block(() => { inline(t, fn, values, { node: fn.node, awaited: true }) })
  if (t.form === 'loop') return run([context])
  if (t.form === 'one-shot') {
    const index = builder.local('i', 'u32')
    const body = run([{ kind: 'part', part: 'arguments' }, numberValue(convert(builder.read(index), 'f64'))])
    builder.parallels.unshift({ kind: 'each', index, body, value: undefined, combine: undefined, captures: [], own: [] })
    return []
  }
  const message = builder.message('message')
  const parameter = fn.node.parameters[0]
  let copying: Statement[] = []
  const body = builder.block(() => {
    let value: Value = { kind: 'undefined' }
    copying = builder.block(() => { value = received(t, message, parameter ?? fn.node) })
    inline(t, fn, [value, context], { node: fn.node, awaited: true })
  })
  const before = builder.block(() => {
    for (const port of [...builder.usedPorts].sort((a, b) => a - b)) builder.emit({ kind: 'reserve', point: builder.point(), port, count: 1 })
    builder.emit({ kind: 'receive', point: builder.point(), message })
  })
  return [...before, ...copying, ...body]
}

/** Copying an aggregate on assignment is what JavaScript does only while nobody writes into it: here it is known who does. */
function reportCopies(t: Lowering): void {
  for (const { key, node, text } of t.copied) {
    const written = t.written.get(key)
    if (written) t.report('RL1025', node, { what: text, written: written.getText().slice(0, 60), line: String(t.where(written).line) })
  }
}
