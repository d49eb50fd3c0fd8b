// Ring kernels of the corpus as programs, and as text for the CUDA compiler.
import { emitCuda, type EmittedCuda } from '#ringlab/compiler/cuda/index.js'
import { translate } from '#ringlab/compiler/front/index.js'
import { loadTypeScript } from '#ringlab/compiler/front/typescript.js'
import type { Program } from '#ringlab/compiler/ir.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import type { CorpusKernel } from '../corpus/corpus.js'
import { requestFor } from '../compiler/request.js'

export interface Emitted { readonly program: Program; readonly cuda: EmittedCuda }

export async function emitted(kernel: CorpusKernel): Promise<Emitted> {
  loadTypeScript()
  const { program: naive, findings } = translate(await requestFor(kernel.definition))
  if (findings.length > 0) throw new Error(`${kernel.definition.name} does not compile: ${JSON.stringify(findings)}`)
  const program = runPasses(naive, () => undefined)
  return { program, cuda: emitCuda(program) }
}
