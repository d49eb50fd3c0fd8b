// Memory of unified buffers: arrays that are kept, page-locking, the pool's limit and statistics, and what is told of buffers that nobody gave back.
import koffi from 'koffi'
import { expect, test } from 'vitest'
import { bf16, bool, f16, f32, i64, ringKernel, struct, u32, u8, unifiedBuffer, type MemoryStatistics, type RingKernelRuntime, type UnifiedBuffer } from 'ringlab'
import { CONTROL_MAGIC, word } from '#ringlab/ring/control.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { gpu } from '../cuda/simulated.js'
import { alike, refusal, within, type Bench } from './devices.js'

const At = struct('At', { i: u32, v: f32 })
const Particle = struct('Particle', { x: f32, id: u32 })
/** Writes v to element i, answers with what was there. */
const swap = ringKernel('swap', { input: At, output: At, buffers: { values: f32 } }, {
  onMessage(m, ctx) { const old = ctx.buffers.values[m.i] ?? -1; ctx.buffers.values[m.i] = m.v; ctx.send({ i: m.i, v: old }) },
})
const many = ringKernel('many', { input: At, output: At, buffers: { bytes: u8, flags: bool, big: i64, points: Particle } }, {
  onMessage(m, ctx) {
    const point = ctx.buffers.points[1]
    if (point !== undefined) point.x = m.v
    ctx.buffers.bytes[0] = 7
    ctx.buffers.flags[1] = 1
    ctx.buffers.big[0] = BigInt.asIntN(64, (ctx.buffers.big[0] ?? 0n) + 1n)
    ctx.send(m)
  },
})

const statistics = (runtime: RingKernelRuntime): MemoryStatistics => {
  const [pool] = runtime.memory.values()
  if (pool === undefined) throw new Error('the runtime has opened no device')
  return pool.statistics
}
const onto = async (...buffers: UnifiedBuffer<typeof f32>[]): Promise<void> => { for (const buffer of buffers) await buffer.onDevice() }
/** Lines that cells would show while `run` runs. */
async function linesOf(run: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = []
  setBodyLog((line) => { lines.push(line) })
  try { await run() } finally { setBodyLog((line) => { process.stdout.write(`${line}\n`) }) }
  return lines
}
/** Warnings of the process while `run` runs. */
async function warningsOf(run: () => Promise<unknown>): Promise<string[]> {
  const warnings: string[] = []
  const hear = (warning: Error): void => { if (warning.name === 'UnifiedBufferLeak') warnings.push(warning.message) }
  process.on('warning', hear)
  try { await run(); await new Promise((resolve) => { setImmediate(resolve) }) } finally { process.off('warning', hear) }
  return warnings
}

alike('arrays that are kept', [
  {
    name: 'the array given is the host copy, with what the device wrote and for what the host writes',
    async run({ runtime }) {
      const data = new Float32Array([1, 2, 3, 4]).subarray(1)
      using values = unifiedBuffer(f32, data)
      const actor = await runtime.spawn(swap, { buffers: { values } })
      await actor.ask({ i: 1, v: 30 }, within)
      const same = await values.onHost() === data
      const written = [...data]
      data[2] = 40
      values.markHostDirty()
      await values.onDevice()
      const seen = (await actor.ask({ i: 2, v: 0 }, within)).v
      await actor.terminate()
      return [values.keepsData, same, written, seen]
    },
    expected: [true, true, [2, 30, 4], 40],
  },
  {
    name: 'bytes, bools, 64-bit integers and structs alike',
    async run({ runtime }) {
      const [bytes, flags, big] = [Buffer.from([1, 2, 3]), new Uint8Array([0, 0]), new BigInt64Array([-1n])]
      const points = new Float32Array([1, 0, 2, 0])
      using ofBytes = unifiedBuffer(u8, bytes)
      using ofFlags = unifiedBuffer(bool, flags)
      using ofBig = unifiedBuffer(i64, big)
      using ofPoints = unifiedBuffer(Particle, points)
      const buffers = { bytes: ofBytes, flags: ofFlags, big: ofBig, points: ofPoints }
      const actor = await runtime.spawn(many, { buffers })
      await actor.ask({ i: 0, v: 8 }, within)
      for (const buffer of Object.values(buffers)) await buffer.onHost()
      await actor.terminate()
      return [Object.values(buffers).map((each) => each.keepsData), [...bytes], [...flags], [...big], [...points], (await ofPoints.onHost())[1]?.x]
    },
    expected: [[true, true, true, true], [7, 2, 3], [0, 1], [0n], [1, 0, 8, 0], 8],
  },
  {
    name: 'what cannot be kept is copied, and says so',
    async run() {
      const [halves, doubles, misplaced] = [new Float32Array([0.1]), new Float64Array([1.5]), new Uint8Array(9).subarray(1)]
      const made = [unifiedBuffer(f16, halves), unifiedBuffer(bf16, halves), unifiedBuffer(f32, doubles), unifiedBuffer(Particle, misplaced), unifiedBuffer(f32, 3)]
      doubles[0] = 9
      misplaced[4] = 9
      return [made.map((each) => each.keepsData), [...await (made[2] as UnifiedBuffer<typeof f32>).onHost()], (await (made[3] as UnifiedBuffer<typeof Particle>).onHost())[0]?.id, halves[0] === Math.fround(0.1)]
    },
    expected: [[false, false, false, false, false], [1.5], 0, true],
  },
  {
    name: 'a slice and a set write where the array is; an array that was transferred away is missed by name',
    async run({ runtime }) {
      const data = new Float32Array([1, 2, 3, 4])
      using values = unifiedBuffer(f32, data)
      values.slice(2).fill(9)
      values.set([7], 1)
      const actor = await runtime.spawn(swap, { buffers: { values: values.slice(1, 3) } })
      const seen = (await actor.ask({ i: 0, v: 5 }, within)).v
      await actor.terminate()
      await values.onHost()
      const written = [...data]
      structuredClone(data, { transfer: [data.buffer] })
      return [seen, written, (await refusal(() => values.onHost())).includes('transferred or resized (it has 0 of 16 bytes)')]
    },
    expected: [7, [1, 5, 9, 9], true],
  },
])

alike('page-locking', [
  {
    name: 'the option locks where there is a bus, and only while the buffer is on that device',
    async run({ runtime, device }) {
      const isGpu = device === 'cuda'
      const registered = (): number => gpu.counts().registeredHosts
      await onto(unifiedBuffer(f32, 1))
      const before = registered()
      using plain = unifiedBuffer(f32, 1000)
      await onto(plain)
      const [own, given] = [unifiedBuffer(f32, 1000, { pinned: true }), unifiedBuffer(f32, new Float32Array(500).fill(3), { pinned: true })]
      const wasPinned = own.pinned
      await onto(own, given)
      own.set([5], 999)
      await onto(own)
      const actor = await runtime.spawn(swap, { buffers: { values: given } })
      const other = await runtime.spawn(swap, { id: 'other', buffers: { values: own } })
      const seen = [(await actor.ask({ i: 499, v: 4 }, within)).v, (await other.ask({ i: 999, v: 6 }, within)).v]
      const back = [(await given.onHost())[499], (await own.onHost())[999], (await own.onHost())[0]]
      const locked = [plain.pinned, own.pinned, given.pinned]
      const bytes = statistics(runtime).pinnedBytes
      const held = registered() - before
      await runtime.shutdown()
      const after = [own.pinned, given.pinned]
      return { wasPinned, locked: locked.join() === (isGpu ? 'false,true,true' : 'false,false,false'), bytes: bytes === (isGpu ? 6000 : 0), held: isGpu ? held >= 2 : held === 0, seen, back, after }
    },
    expected: { wasPinned: false, locked: true, bytes: true, held: true, seen: [3, 5], back: [4, 6, 0], after: [false, false] },
  },
  {
    name: 'where the system refuses, one line says why, and the buffer works all the same',
    async run({ device, runtime }) {
      using values = unifiedBuffer(f32, new Float32Array([1, 2]), { pinned: true })
      // CUDA_ERROR_OUT_OF_MEMORY: what the driver says where no more may be locked.
      await runtime.spawn(swap, { id: 'first', buffers: { values: unifiedBuffer(f32, 4) } })
      if (device === 'cuda') gpu.inject('cuMemHostRegister_v2', 2)
      const lines = await linesOf(() => onto(values))
      const actor = await runtime.launch(swap, { buffers: { values } })
      await actor.activate()
      const seen = (await actor.ask({ i: 1, v: 0 }, within)).v
      await actor.terminate()
      return [values.pinned, lines.length === (device === 'cuda' ? 1 : 0), lines.every((line) => /^a unified buffer of 2 f32 \(made at .*memory\.test\.ts:\d+:\d+\) is not page-locked for cuda:0, so its copies are slower: .*memory/.test(line)), seen]
    },
    expected: [false, true, true, 2],
  },
  {
    name: 'an option that is no boolean is refused',
    run: () => refusal(() => unifiedBuffer(f32, 1, { pinned: 1 as never })),
    expected: 'a unified buffer\'s option pinned must be true or false, but is 1',
  },
])

alike('the pool', [
  {
    name: 'a limit holds, its refusal names who holds the most, and what is given back can be had again',
    async run({ open }) {
      const runtime = open({ memory: { limitBytes: 10_000 }, leaks: 'ignore' })
      const most = unifiedBuffer(f32, 1500)
      using little = unifiedBuffer(f32, 500)
      using late = unifiedBuffer(f32, 1000)
      await onto(most, little)
      const refused = await refusal(() => late.onDevice())
      most[Symbol.dispose]()
      await onto(late)
      const { refused: times, limitBytes, inUseBytes, peakBytes, inUse } = statistics(runtime)
      return [refused.replace(/^\S+/, 'DEVICE').replace(/\(made at [^)]*memory\.test\.ts:\d+:\d+\)/g, '(made HERE)'), times, limitBytes, inUseBytes, peakBytes, inUse]
    },
    expected: [
      'DEVICE has no room for a unified buffer of 1000 f32 (made HERE): 3.91 KiB of the 9.77 KiB that this runtime may take there (memory.limitBytes). In use are 7.81 KiB, most of it by a unified buffer of 1500 f32 (made HERE): 5.86 KiB. Dispose what is no longer needed, or raise the limit.',
      1, 10_000, 6000, 8000, 2,
    ],
  },
  {
    name: 'a limit is met to the byte',
    async run({ open }) {
      const runtime = open({ memory: { limitBytes: 5000 }, leaks: 'ignore' })
      using whole = unifiedBuffer(u8, 5000)
      using over = unifiedBuffer(u8, 1)
      await whole.onDevice()
      return [(await refusal(() => over.onDevice())).includes('has no room'), statistics(runtime).allocatedBytes]
    },
    expected: [true, 5000],
  },
  {
    name: 'a freed block is used again by the next of about its size, zeroed, and counted',
    async run({ open }) {
      const runtime = open({ leaks: 'ignore' })
      const first = unifiedBuffer(f32, new Float32Array(1000).fill(7))
      await onto(first)
      first[Symbol.dispose]()
      const idle = statistics(runtime)
      using second = unifiedBuffer(f32, 950)
      const actor = await runtime.spawn(swap, { buffers: { values: second } })
      const found = (await actor.ask({ i: 949, v: 1 }, within)).v
      const { reused, allocations, inUseBytes, idleBytes, idle: blocks } = statistics(runtime)
      return [[idle.inUse, idle.idle, idle.inUseBytes, idle.idleBytes === idle.allocatedBytes], found, { reused, allocations, inUseBytes, idleBytes, blocks }]
    },
    expected: [[0, 1, 0, true], 0, { reused: 1, allocations: 2, inUseBytes: 3800, idleBytes: 0, blocks: 0 }],
  },
  {
    name: 'idle blocks are kept up to a bound, and given back by trim()',
    async run({ open }) {
      const runtime = open({ memory: { idleBytes: 5000 }, leaks: 'ignore' })
      const buffers = [unifiedBuffer(f32, 1000), unifiedBuffer(f32, 1000), unifiedBuffer(f32, 3000)]
      await onto(...buffers)
      for (const buffer of buffers) buffer[Symbol.dispose]()
      const kept = statistics(runtime)
      const [pool] = runtime.memory.values()
      return [kept.idle, kept.idleBytes, pool?.trim(), statistics(runtime).allocatedBytes, pool?.holders]
    },
    expected: [1, 4096, 4096, 0, []],
  },
  {
    name: 'with idleBytes 0 nothing is kept; options that are no byte counts are refused',
    async run({ open }) {
      const runtime = open({ memory: { idleBytes: 0 }, leaks: 'ignore' })
      const buffer = unifiedBuffer(f32, 10)
      await onto(buffer)
      buffer[Symbol.dispose]()
      return [statistics(runtime).allocatedBytes, await refusal(() => open({ memory: { limitBytes: -1 } })), await refusal(() => open({ memory: { idleBytes: 1.5 } }))]
    },
    expected: [0, 'new RingKernelRuntime(): memory.limitBytes must be a whole number of bytes, 0 or more, but is -1', 'new RingKernelRuntime(): memory.idleBytes must be a whole number of bytes, 0 or more, but is 1.5'],
  },
])

alike('the leak report', [
  {
    name: 'one warning lists every buffer that is left, its bytes and its place; none when all are disposed or the option says so',
    async run({ open }) {
      const leave = async (options: Parameters<Bench['open']>[0], isDisposed: boolean): Promise<string[]> => {
        const runtime = open(options)
        const buffers = [unifiedBuffer(f32, 1000), ...Array.from({ length: 3 }, () => unifiedBuffer(u8, 16))]
        for (const buffer of buffers) await buffer.onDevice()
        if (isDisposed) for (const buffer of buffers) buffer[Symbol.dispose]()
        const warnings = await warningsOf(() => runtime.shutdown())
        // They live on as values.
        if (!isDisposed) await buffers[0]?.onHost()
        return warnings.map((text) => text.replace(/ {2}\S+memory\.test\.ts:\d+:\d+/g, '  HERE'))
      }
      return [await leave({}, false), await leave({}, true), await leave({ leaks: 'ignore' }, false)]
    },
    expected: [
      ['4 unified buffers were neither disposed nor collected when their runtime was shut down, 3.95 KiB on its devices, made at:\n  HERE: unified buffer of 1000 f32, 3.91 KiB\n  HERE: 3 unified buffers, 48 bytes'],
      [], [],
    ],
  },
  {
    name: 'a buffer that was collected is none',
    async run({ open }) {
      const runtime = open({})
      await (async () => { await unifiedBuffer(f32, 64).onDevice() })()
      for (let round = 0; round < 20 && statistics(runtime).inUse > 0; round++) { globalThis.gc?.(); await new Promise((resolve) => { setImmediate(resolve) }) }
      return [statistics(runtime).inUse, await warningsOf(() => runtime.shutdown())]
    },
    expected: [0, []],
  },
])

alike('addresses for other libraries', [
  {
    name: 'of buffers, slices and ring kernels on a GPU; elsewhere none, with the reason',
    async run({ runtime, device }) {
      using values = unifiedBuffer(f32, 8)
      const before = await refusal(() => values.requireDevicePointer())
      const actor = await runtime.spawn(swap, { buffers: { values } })
      const isGpu = device === 'cuda'
      const reason = await refusal(() => values.requireDevicePointer())
      const shown = isGpu
        ? [values.slice(2).requireDevicePointer() - values.requireDevicePointer() === 8n, reason.startsWith('not refused'), typeof actor.devicePointer === 'bigint' && new Uint32Array(koffi.view(actor.devicePointer, 4096))[word.magic] === CONTROL_MAGIC]
        : [values.devicePointer === undefined, reason === `this unified buffer is on '${device}', whose memory is this process's own and has no device address: use onHost() there, or a runtime on 'cuda'`, actor.devicePointer === undefined]
      await actor.terminate()
      return [before, shown, actor.devicePointer]
    },
    expected: ['this unified buffer has no address on a device yet: await buffer.onDevice(), or launch a ring kernel with it', [true, true, true], undefined],
  },
])

test('a sentence of the leak report names the runtime option that silences it', async () => {
  const details: string[] = []
  const hear = (warning: Error & { detail?: string }): void => { if (warning.name === 'UnifiedBufferLeak') details.push(warning.detail ?? '') }
  process.on('warning', hear)
  const { RingKernelRuntime } = await import('ringlab')
  const runtime = new RingKernelRuntime({ device: 'cpu' })
  const left = unifiedBuffer(f32, 1)
  await left.onDevice()
  await runtime.shutdown()
  await new Promise((resolve) => { setImmediate(resolve) })
  process.off('warning', hear)
  expect(details).toEqual([expect.stringContaining("new RingKernelRuntime({ leaks: 'ignore' })")])
  left[Symbol.dispose]()
})
