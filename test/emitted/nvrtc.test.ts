// NVRTC's view of the corpus, compiled for every architecture it has to run on: what the PTX must hold, and what it must not.
import { describe, expect, test } from 'vitest'
import { exactFlags } from '#ringlab/compiler/cuda/exact-flags.js'
import { openNvrtc, type Compiled, type Nvrtc } from '#ringlab/driver/index.js'
import { corpus } from '../corpus/index.js'
import { part } from '../environment/read.js'
import { emitted, type Emitted } from './compiled.js'

const library = part('nvrtc')
/** From the oldest that ringlab's NVRTC knows to the newest that classrooms have. */
const architectures = [75, 80, 89, 90, 100, 120] as const

function compile(nvrtc: Nvrtc, { cuda }: Emitted, architecture: (typeof architectures)[number]): Compiled {
  return nvrtc.compile({ source: cuda.text, name: `${cuda.entry}.cu`, architecture: `compute_${architecture}`, options: exactFlags })
}

describe.skipIf(library === undefined)('NVRTC', () => {
  const nvrtc = library === undefined ? undefined : openNvrtc({ kind: 'nvrtc', path: library, from: 'the test environment' })

  test.each(corpus.map((kernel) => [kernel.definition.name, kernel] as const))('%s compiles, publishes by fence and relaxed store, and never reads a slot through the non-coherent cache', async (_name, kernel) => {
    const program = await emitted(kernel)
    const { ptx = '' } = compile(nvrtc as Nvrtc, program, 75)
    expect(ptx).toContain('ld.relaxed.sys.global.v4.u32')
    expect(ptx).toContain('st.relaxed.sys.global.v4.u32')
    expect(ptx).toContain('fence.acq_rel.sys')
    expect(ptx).toContain('barrier.sync 0')
    // The tables of the math functions are constants of the module: those may come through that cache.
    expect(ptx.includes('ld.global.nc') && !/^\.(?:visible )?\.?(?:global|const) .*\] ?=/m.test(ptx)).toBe(false)
  })

  test.each(architectures)('a scalar and a parallel ring kernel compile for compute capability %i', async (architecture) => {
    for (const name of ['moving-average', 'dot-product']) {
      const kernel = corpus.find((each) => each.definition.name === name) ?? corpus[corpus.length - 1]
      if (kernel === undefined) throw new Error('the corpus is empty')
      const { ptx = '' } = compile(nvrtc as Nvrtc, await emitted(kernel), architecture)
      expect(ptx).toContain(`.target sm_${architecture}`)
      expect(ptx).not.toContain('ld.global.nc')
    }
  })
})
