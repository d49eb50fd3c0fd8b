// How long NVRTC itself takes for a ring kernel, compile only, through the device's own compiler and cache. The times are printed: what they are worth
// depends on the machine, so nothing is asserted of them.
import { describe, expect, test } from 'vitest'
import { array, f32, ringKernel, struct, u32 } from 'ringlab'
import { KernelCompiler } from '#ringlab/devices/cuda/kernel-compiler.js'
import { kernelOf } from '#ringlab/devices/cuda/kernel-of.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { part } from '../environment/read.js'
import { cacheFolder } from './simulated.js'

const nvrtc = part('nvrtc')
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
    const { code } = await kernelOf(summer, 'cuda:0')
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
})
