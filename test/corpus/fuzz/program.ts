// A generated program as a definition, so that the specification and the compiler take it as they take a user's.
import * as ringlab from 'ringlab'
import type { CapturedBody } from '#ringlab/source/index.js'
import type { Field, Fields, RingKernelDefinition } from 'ringlab'
import type { CompileRequest } from '#ringlab/compiler/request.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { describeSchema } from '#ringlab/schema/index.js'
import { entry, type CorpusKernel } from '../corpus.js'
import { Random } from '../random.js'
import { generate, type GeneratedProgram } from './generate.js'

const { array, ringKernel, struct } = ringlab
const elements = ringlab as unknown as Record<string, Field>

/** The storage types are variables around the body, as imports are in a cell. */
const names = ['f16', 'f32', 'i16', 'i32', 'u8', 'u32'] as const

export interface Generated { readonly kernel: CorpusKernel; readonly program: GeneratedProgram; readonly request: CompileRequest }

/** The program of this seed. */
export function generatedKernel(seed: number): Generated {
  const program = generate(new Random(seed))
  const body = (new Function(...names, `'use strict'; return (${program.body})`) as (...values: unknown[]) => never)(...names.map((name) => elements[name]))
  const definition = ringKernel(`generated-${seed}`, { input: struct('Input', fieldsOf(program.input)), output: struct('Output', fieldsOf(program.output)), ...(program.state.length === 0 ? {} : { state: fieldsOf(program.state) }) }, body)
  return { kernel: entry(definition), program, request: requestOf(program, definition) }
}

/** What capturing the body would give; by hand, for the inspector takes longer than the compiler. */
function requestOf(program: GeneratedProgram, given: RingKernelDefinition): CompileRequest {
  const { name, input, output, state } = given as unknown as Definition
  const place = { captures: names.map((each, i) => ({ name: each, kind: 'ringlab' as const, node: i + 1 })), file: 'generated.ts', line: 1, column: 1 }
  const isHandler = program.form === 'handler'
  const text = isHandler ? program.body.slice(2, -2) : program.body
  const nodes: CapturedBody['nodes'] = [
    { kind: 'function', text, form: isHandler ? 'method' : 'expression', method: isHandler ? 'onMessage' : '', ...place },
    ...names.map((each) => ({ kind: 'ringlab' as const, name: each })),
    { kind: 'object', array: false, entries: [['onMessage', 0]] },
  ]
  return {
    name, form: 'ring-kernel', parallel: undefined, math: 'exact', ports: {}, buffers: {}, body: { text: program.body, ...place, root: isHandler ? nodes.length - 1 : 0, nodes },
    input: describeSchema(input), output: describeSchema(output), state: state === undefined ? undefined : describeSchema(struct('State', state)),
  }
}

function fieldsOf(fields: GeneratedProgram['input']): Fields {
  return Object.fromEntries(fields.map(([name, dtype, length]) => [name, length === 0 ? elements[dtype] : array(elements[dtype] as Field, length)])) as Fields
}
