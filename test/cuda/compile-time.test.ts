// How long NVRTC itself takes for a ring kernel, compile only, through the device's own compiler and cache. The times are printed: what they are worth
// depends on the machine, so nothing is asserted of them.
import { describe, expect, test } from 'vitest'
import { array, f32, ringKernel, struct, u32 } from 'ringlab'
import { KernelCompiler } from '#ringlab/devices/cuda/kernel-compiler.js'
import { kernelOf } from '#ringlab/devices/cuda/kernel-of.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { LinkPart } from '#ringlab/driver/index.js'
import { openNvJitLink } from '../emitted/nvjitlink.js'
import { part } from '../environment/read.js'
import { cacheFolder } from './simulated.js'

const [nvrtc, nvjitlink] = [part('nvrtc'), part('nvjitlink')]
const Request = struct('Request', { id: u32, values: array(f32, 8) })
const Response = struct('Response', { id: u32, sum: f32 })
const summer = ringKernel('summer', { input: Request, output: Response, capacity: 64 }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    let sum = 0
    for (const value of request.values) sum += value
    await ctx.send({ id: request.id, sum })
  }
}) as unknown as Definition

describe.skipIf(nvrtc === undefined)('the real NVRTC', () => {
  test.each([[7, 5], [8, 0], [9, 0], [12, 0]])('compiles a ring kernel for compute capability %i.%i, and the cache gives the same bytes', async (major, minor) => {
    process.env['RINGLAB_NVRTC'] = nvrtc ?? ''
    expect(cacheFolder).not.toBe('')
    const { kernel: { code } } = await kernelOf(summer, 'cuda:0')
    if (code.kind !== 'cuda') throw new Error('a compiled body is CUDA C++')
    const first = new KernelCompiler({ major: 13, minor: 0 }, { major, minor }, undefined).compile('summer', code)
    const from = performance.now()
    const second = new KernelCompiler({ major: 13, minor: 0 }, { major, minor }, undefined).compile('summer', code)
    const cachedMs = performance.now() - from
    expect(first.isCached).toBe(false)
    expect(new TextDecoder('latin1').decode((first.image as Uint8Array).subarray(0, 4))).toBe('\x7fELF')
    expect(second.isCached).toBe(true)
    expect(Buffer.compare(second.image as Uint8Array, first.image as Uint8Array)).toBe(0)
    console.log(`sm_${major}${minor}: compiled ${first.compiledMs.toFixed(0)} ms, from the cache ${cachedMs.toFixed(1)} ms`)
  })

  test.skipIf(nvjitlink === undefined).each([[7, 5], [8, 0], [9, 0], [12, 0]])('links a ring kernel for compute capability %i.%i to libraries that are ready', async (major, minor) => {
    process.env['RINGLAB_NVRTC'] = nvrtc ?? ''
    const linker = openNvJitLink(nvjitlink ?? '')
    let linkMs = 0
    const link = (parts: readonly LinkPart[]): Uint8Array => {
      const { cubin, ms } = linker.link(`sm_${10 * major + minor}`, parts)
      linkMs = ms
      return cubin
    }
    const { kernel: { code } } = await kernelOf(summer, 'cuda:0')
    if (code.kind !== 'cuda') throw new Error('a compiled body is CUDA C++')
    const compiler = new KernelCompiler({ major: 13, minor: 0 }, { major, minor }, { link })
    const from = performance.now()
    compiler.prepare('protocol')
    const libraryMs = performance.now() - from
    const { image, compiledMs, isCached, wasWhole } = compiler.compile('summer', code)
    expect({ isCached, wasWhole }).toEqual({ isCached: false, wasWhole: undefined })
    expect(new TextDecoder('latin1').decode((image as Uint8Array).subarray(0, 4))).toBe('\x7fELF')
    expect(linkMs).toBeGreaterThan(0)
    expect(linkMs).toBeLessThan(compiledMs)
    console.log(`sm_${major}${minor}: library ${libraryMs.toFixed(0)} ms once, then a ring kernel ${compiledMs.toFixed(0)} ms, of which the linker took ${linkMs.toFixed(1)} ms`)
  })
})
