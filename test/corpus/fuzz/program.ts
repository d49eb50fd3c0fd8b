// A generated program as a definition, so that the specification and the compiler take it as they take a user's.
import * as ringlab from 'ringlab'
import type { Field, Fields } from 'ringlab'
import { entry, type CorpusKernel } from '../corpus.js'
import { Random } from '../random.js'
import { generate, type GeneratedProgram } from './generate.js'

const { array, ringKernel, struct } = ringlab
const elements = ringlab as unknown as Record<string, Field>

/** The program of this seed. */
export function generatedKernel(seed: number): { readonly kernel: CorpusKernel; readonly program: GeneratedProgram } {
  const program = generate(new Random(seed))
  // The storage types are variables around the body, as imports are in a cell.
  const names = ['f16', 'f32', 'i16', 'i32', 'u8', 'u32']
  const body = (new Function(...names, `'use strict'; return (${program.body})`) as (...values: unknown[]) => never)(...names.map((name) => elements[name]))
  const definition = ringKernel(`generated-${seed}`, { input: struct('Input', fieldsOf(program.input)), output: struct('Output', fieldsOf(program.output)), ...(program.state.length === 0 ? {} : { state: fieldsOf(program.state) }) }, body)
  return { kernel: entry(definition), program }
}

function fieldsOf(fields: GeneratedProgram['input']): Fields {
  return Object.fromEntries(fields.map(([name, dtype, length]) => [name, length === 0 ? elements[dtype] : array(elements[dtype] as Field, length)])) as Fields
}
