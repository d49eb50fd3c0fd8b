// Many generated programs as one CUDA C++ translation unit: the prelude once, each program in a namespace of its own. g++ takes far longer over the prelude than
// over a program.
import { readFileSync, rmSync } from 'node:fs'
import { emitCuda, type EmittedCuda } from '#ringlab/compiler/cuda/index.js'
import { preludeFor, preludeNames } from '#ringlab/compiler/cuda/prelude.js'
import type { Program } from '#ringlab/compiler/ir.js'
import type { Handle } from '#ringlab/driver/index.js'
import type { Gpu } from '../../driver/gpu.js'

/** What the parts of the prelude are that a program may need, in their order. */
const preludeParts = ['ring', 'block', 'actor', 'life', 'parallel'].map((name) => readFileSync(new URL(`../../../cuda/${name}.cuh`, import.meta.url), 'utf8'))

export interface UnitProgram { readonly program: Program; readonly cuda: EmittedCuda }

export interface Unit extends Disposable { functionOf(program: UnitProgram): Handle }

export function emitted(program: Program): UnitProgram { return { program, cuda: emitCuda(program) } }

/** Compiles and loads the programs; their names differ. A program that g++ refuses is named in the error, by its entry. */
export function loadUnit(gpu: Gpu, programs: readonly UnitProgram[]): Unit {
  const source = unitText(programs)
  // g++ spends its time on optimising; how far it goes changes no bit.
  const { cubin } = gpu.compiler.compile({ source, name: 'generated.cu', architecture: 'sm_90', options: ['--ptxas-options=-O1'] })
  if (cubin === undefined) throw new Error('the simulated compiler gave no CUBIN')
  const module = gpu.cuda.moduleLoad(cubin)
  return {
    functionOf: ({ cuda }) => gpu.cuda.moduleFunction(module, cuda.entry),
    [Symbol.dispose]: () => {
      gpu.cuda.moduleUnload(module)
      // Its image names the shared library, which nobody will ask for again.
      const library = /^\/\/RINGLAB-SIMULATED (.*)$/m.exec(Buffer.from(cubin).toString())?.[1]
      if (library !== undefined) rmSync(library, { force: true })
    },
  }
}

function unitText(programs: readonly UnitProgram[]): string {
  const known = new Set(preludeNames())
  const called = new Set(programs.flatMap(({ cuda }) => cuda.program.match(/\brl_\w+/g) ?? []).filter((name) => known.has(name)))
  const own = programs.map(({ cuda }) => `namespace in_${cuda.entry} {\n#line 1 "${cuda.entry}.cu"\n${cuda.program}\n}\nusing in_${cuda.entry}::${cuda.entry};`)
  return [...preludeParts, preludeFor(called), ...own].join('\n')
}
