// What a ring kernel is linked to, by NVIDIA's own linker without a driver, for every architecture it has to run on: both sides fit each other, and
// the prelude keeps to its registers, its stack and its memory operations.
import { describe, expect, test } from 'vitest'
import { exactFlags } from '#ringlab/compiler/cuda/exact-flags.js'
import { libraryText, type LibraryName } from '#ringlab/compiler/cuda/units.js'
import { libraryFlags, unitFlags } from '#ringlab/devices/cuda/kernel-compiler.js'
import { openNvrtc, type Compiled, type Nvrtc } from '#ringlab/driver/index.js'
import { corpus } from '../corpus/index.js'
import { part } from '../environment/read.js'
import { emitted, type Emitted } from './compiled.js'
import { openNvJitLink } from './nvjitlink.js'

const [compiler, linker] = [part('nvrtc'), part('nvjitlink')]
const architectures = [75, 80, 89, 90, 100, 120] as const
type Architecture = (typeof architectures)[number]
/** Bytes of stack that the protocol's functions need together, at their deepest: registers that calls save. */
const STACK_BYTES_MAX = 160

describe.skipIf(compiler === undefined || linker === undefined)('NVRTC and nvJitLink', () => {
  const nvrtc = compiler === undefined ? undefined : openNvrtc({ kind: 'nvrtc', path: compiler, from: 'the test environment' })
  // Nothing runs where one is missing.
  const nvjitlink = (linker === undefined ? undefined : openNvJitLink(linker)) as ReturnType<typeof openNvJitLink>
  const libraries = new Map<string, Compiled>()

  function library(name: LibraryName, architecture: Architecture): Compiled {
    const known = libraries.get(`${name} ${architecture}`) ?? (nvrtc as Nvrtc).compile({ source: libraryText(name), name: `${name}.cu`, architecture: `sm_${architecture}`, options: [...exactFlags, ...libraryFlags] })
    libraries.set(`${name} ${architecture}`, known)
    return known
  }

  function unit({ cuda }: Emitted, architecture: Architecture): Compiled {
    return (nvrtc as Nvrtc).compile({ source: cuda.linked?.text ?? '', name: `${cuda.entry}.cu`, architecture: `sm_${architecture}`, options: [...exactFlags, ...unitFlags] })
  }

  function linked(program: Emitted, architecture: Architecture): { cubin: Uint8Array; info: string; ms: number } {
    const parts = [{ name: program.cuda.entry, ...unit(program, architecture) }, ...(program.cuda.linked?.libraries ?? []).map((name) => ({ name, ...library(name, architecture) }))]
    return nvjitlink.link(`sm_${architecture}`, parts.map(({ name, cubin = new Uint8Array(0) }) => ({ name, cubin })))
  }

  async function named(name: string): Promise<Emitted> {
    const kernel = corpus.find(({ definition }) => definition.name === name)
    if (kernel === undefined) throw new Error(`the corpus has no ${name}`)
    return emitted(kernel)
  }

  test.each(architectures)('for compute capability %i the libraries publish by fence and relaxed store, and read no slot through the non-coherent cache', (architecture) => {
    const { ptx = '', log } = library('protocol', architecture)
    expect(log).toBe('')
    for (const operation of ['ld.relaxed.sys.global.v4.u32', 'st.relaxed.sys.global.v4.u32', 'fence.acq_rel.sys', 'fence.acq_rel.gpu', 'barrier.sync 0']) expect(ptx).toContain(operation)
    expect(ptx).not.toContain('ld.global.nc')
    // The block is at an address that the compiler knows: its words are read as shared memory.
    expect(ptx).toMatch(/\.extern \.shared \.align 16 \.b8 rl_shared\[\]/)
    expect(ptx.match(/ld\.shared/g)?.length ?? 0).toBeGreaterThan(200)
    expect(library('numbers', architecture).log).toBe('')
  })

  test.each(architectures)('for compute capability %i a loop, a parallel body and one with trigonometry link', async (architecture) => {
    const times: string[] = []
    for (const name of ['moving-average', 'long-reduce', 'trigonometry', 'talkative']) {
      const program = await named(name)
      const { cubin, info, ms } = linked(program, architecture)
      expect(Buffer.from(cubin.subarray(0, 4)).toString('latin1')).toBe('\x7fELF')
      expect(info).toContain(`Function properties for '${program.cuda.entry}'`)
      const [, registers, barriers, stack, local] = /used (\d+) registers, used (\d+) barriers, (\d+) stack,.* (\d+) bytes lmem/.exec(info) ?? []
      expect(Number(registers)).toBeLessThanOrEqual(64)
      expect(Number(barriers)).toBe(1)
      expect(Number(local)).toBe(0)
      if (program.program.parallels.length === 0 && program.cuda.linked?.libraries.length === 1) expect(Number(stack)).toBeLessThanOrEqual(STACK_BYTES_MAX)
      times.push(`${name}: ${registers ?? '?'} registers, ${stack ?? '?'} bytes of stack, ${cubin.length} bytes, linked in ${ms.toFixed(1)} ms`)
    }
    console.log(`sm_${architecture}\n  ${times.join('\n  ')}`)
  })

  test.each(corpus.map((kernel) => [kernel.definition.name, kernel] as const))('%s links, and its own part holds no more than it has to', async (_name, kernel) => {
    const program = await emitted(kernel)
    const { ptx = '' } = unit(program, 90)
    expect(ptx).not.toMatch(/^\.(?:visible )?\.?func .*rl_(?:publish|fetch|begin)/m)
    const tables = /^\.(?:visible )?\.?(?:global|const) .*\] ?=/m.test(ptx)
    expect(ptx.includes('ld.global.nc') && !tables).toBe(false)
    expect(linked(program, 90).info).toContain(`'${program.cuda.entry}'`)
  })

  test('a part that calls what nobody defines does not link', () => {
    const { cubin = new Uint8Array(0) } = (nvrtc as Nvrtc).compile({ source: 'extern __device__ int missing(); extern "C" __global__ void k(int* p) { *p = missing(); }', name: 'k.cu', architecture: 'sm_90', options: unitFlags })
    expect(() => nvjitlink.link('sm_90', [{ name: 'k', cubin }])).toThrow(/missing/)
  })
})
