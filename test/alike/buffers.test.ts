// Unified buffers as one table: each call, on a buffer in each of its six states, leads to the same state on every device, copies as many bytes as are newer on
// one side and no more, and loses nothing. The table is exhaustive by type: a new state does not compile before it has its column.
import { describe, expect, test } from 'vitest'
import { f32, ringKernel, struct, u32, unifiedBuffer, type RingKernel, type RingKernelRuntime, type UnifiedBuffer } from 'ringlab'
import { deviceOf } from '#ringlab/runtime/ring-kernel-runtime.js'
import { alike, bench, devices, refusal, within } from './devices.js'

type Values = UnifiedBuffer<typeof f32>
type BufferState = Values['state']
const At = struct('At', { i: u32, v: f32 })
/** Writes v to element i, and answers with what was there. */
const writer = ringKernel('buffers-writer', { input: At, output: At, buffers: { values: f32 } }, {
  onMessage({ i, v }, ctx) { const old = ctx.buffers.values[i] ?? -1; ctx.buffers.values[i] = v; ctx.send({ i, v: old }) },
})
const reader = ringKernel('buffers-reader', { input: At, output: At, buffers: { values: f32 } }, { onMessage({ i }, ctx) { ctx.send({ i, v: ctx.buffers.values[i] ?? -1 }) } })
type Writer = RingKernel<typeof At, typeof At>

/** What a device was asked to copy, from here on. */
interface Copies { up: number; down: number }
async function counted(runtime: RingKernelRuntime): Promise<Copies> {
  const { memory } = await deviceOf(runtime, undefined) as unknown as { memory: Record<'upload' | 'download', (block: unknown, offset: number, bytes: Uint8Array) => Promise<void>> }
  const copies = { up: 0, down: 0 }
  const { upload, download } = memory
  memory.upload = (block, offset, bytes) => { copies.up += bytes.byteLength; return upload(block, offset, bytes) }
  memory.download = (block, offset, bytes) => { copies.down += bytes.byteLength; return download(block, offset, bytes) }
  return copies
}

async function writes(runtime: RingKernelRuntime, values: Values, i: number, v: number): Promise<void> {
  const actor = await runtime.spawn(writer, { id: 'writes', buffers: { values } })
  await actor.ask({ i, v }, within)
  await actor.terminate()
}
/** As a ring kernel finds it, once it is where it should be. */
async function onItsDevice(runtime: RingKernelRuntime, values: Values): Promise<number[]> {
  const actor = await runtime.spawn(reader, { id: 'reads', buffers: { values } })
  const found: number[] = []
  for (let i = 0; i < 4; i++) found.push((await actor.ask({ i, v: 0 }, within)).v)
  await actor.terminate()
  return found
}

/** How a buffer of four comes into each state. */
const reach: Record<BufferState, (runtime: RingKernelRuntime) => Promise<Values> | Values> = {
  UNINITIALIZED: () => unifiedBuffer(f32, 4),
  HOST_ONLY: () => unifiedBuffer(f32, new Float32Array([1, 2, 3, 4])),
  async DEVICE_ONLY(runtime) {
    const values = unifiedBuffer(f32, 4)
    await writes(runtime, values, 2, 7)
    return values
  },
  async SYNCHRONIZED() {
    const values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
    await values.onDevice()
    return values
  },
  async HOST_DIRTY() {
    const values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
    await values.onDevice()
    values.set([5], 0)
    return values
  },
  async DEVICE_DIRTY(runtime) {
    const values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
    await writes(runtime, values, 2, 7)
    return values
  },
}

type Call = 'set' | 'fill' | 'markHostDirty' | 'onHost' | 'onDevice' | 'launch' | 'write' | 'shutdown' | 'dispose'
const calls: Record<Call, (values: Values, runtime: RingKernelRuntime) => unknown> = {
  set: (values) => { values.set([9], 1) },
  fill: (values) => { values.fill(8) },
  markHostDirty: (values) => { values.markHostDirty() },
  onHost: (values) => values.onHost(),
  onDevice: (values) => values.onDevice(),
  launch: (values, runtime) => runtime.launch(writer, { buffers: { values } }),
  write: (values, runtime) => writes(runtime, values, 3, 6),
  shutdown: (_values, runtime) => runtime.shutdown(),
  dispose: (values) => { values[Symbol.dispose]() },
}

/** The state afterwards, bytes copied to the device and back, and what both sides hold once all is where it should be; or the refusal. */
type Cell = readonly [after: BufferState, up: number, down: number, elements: readonly number[]] | string
const none = [0, 0, 0, 0], data = [1, 2, 3, 4], onDeviceOnly = [0, 0, 7, 0], byHost = [5, 2, 3, 4], byDevice = [1, 2, 7, 4], eights = [8, 8, 8, 8]
const unmarked = 'markHostDirty() was called before there was a copy on the host to write to: get it with await buffer.onHost(), or write with set()'
const disposed = 'this unified buffer is disposed, so onHost() cannot be called; make a new one with unifiedBuffer()'
const table: Record<Call, Record<BufferState, Cell>> = {
  set: {
    UNINITIALIZED: ['HOST_ONLY', 0, 0, [0, 9, 0, 0]], HOST_ONLY: ['HOST_ONLY', 0, 0, [1, 9, 3, 4]], DEVICE_ONLY: ['HOST_DIRTY', 0, 0, [0, 9, 7, 0]],
    SYNCHRONIZED: ['HOST_DIRTY', 0, 0, [1, 9, 3, 4]], HOST_DIRTY: ['HOST_DIRTY', 0, 0, [5, 9, 3, 4]], DEVICE_DIRTY: ['HOST_DIRTY', 0, 0, [1, 9, 7, 4]],
  },
  fill: {
    UNINITIALIZED: ['HOST_ONLY', 0, 0, eights], HOST_ONLY: ['HOST_ONLY', 0, 0, eights], DEVICE_ONLY: ['HOST_DIRTY', 0, 0, eights],
    SYNCHRONIZED: ['HOST_DIRTY', 0, 0, eights], HOST_DIRTY: ['HOST_DIRTY', 0, 0, eights], DEVICE_DIRTY: ['HOST_DIRTY', 0, 0, eights],
  },
  // Whoever says that he wrote has written all of it: what a device wrote is older then.
  markHostDirty: {
    UNINITIALIZED: unmarked, HOST_ONLY: ['HOST_ONLY', 0, 0, data], DEVICE_ONLY: unmarked,
    SYNCHRONIZED: ['HOST_DIRTY', 0, 0, data], HOST_DIRTY: ['HOST_DIRTY', 0, 0, byHost], DEVICE_DIRTY: ['HOST_DIRTY', 0, 0, data],
  },
  onHost: {
    UNINITIALIZED: ['HOST_ONLY', 0, 0, none], HOST_ONLY: ['HOST_ONLY', 0, 0, data], DEVICE_ONLY: ['SYNCHRONIZED', 0, 16, onDeviceOnly],
    SYNCHRONIZED: ['SYNCHRONIZED', 0, 0, data], HOST_DIRTY: ['HOST_DIRTY', 0, 0, byHost], DEVICE_DIRTY: ['SYNCHRONIZED', 0, 16, byDevice],
  },
  onDevice: {
    UNINITIALIZED: ['DEVICE_ONLY', 0, 0, none], HOST_ONLY: ['SYNCHRONIZED', 16, 0, data], DEVICE_ONLY: ['DEVICE_ONLY', 0, 0, onDeviceOnly],
    SYNCHRONIZED: ['SYNCHRONIZED', 0, 0, data], HOST_DIRTY: ['SYNCHRONIZED', 4, 0, byHost], DEVICE_DIRTY: ['DEVICE_DIRTY', 0, 0, byDevice],
  },
  // A ring kernel that has not been activated writes nothing.
  launch: {
    UNINITIALIZED: ['DEVICE_ONLY', 0, 0, none], HOST_ONLY: ['SYNCHRONIZED', 16, 0, data], DEVICE_ONLY: ['DEVICE_ONLY', 0, 0, onDeviceOnly],
    SYNCHRONIZED: ['SYNCHRONIZED', 0, 0, data], HOST_DIRTY: ['SYNCHRONIZED', 4, 0, byHost], DEVICE_DIRTY: ['DEVICE_DIRTY', 0, 0, byDevice],
  },
  write: {
    UNINITIALIZED: ['DEVICE_ONLY', 0, 0, [0, 0, 0, 6]], HOST_ONLY: ['DEVICE_DIRTY', 16, 0, [1, 2, 3, 6]], DEVICE_ONLY: ['DEVICE_ONLY', 0, 0, [0, 0, 7, 6]],
    SYNCHRONIZED: ['DEVICE_DIRTY', 0, 0, [1, 2, 3, 6]], HOST_DIRTY: ['DEVICE_DIRTY', 4, 0, [5, 2, 3, 6]], DEVICE_DIRTY: ['DEVICE_DIRTY', 0, 0, [1, 2, 7, 6]],
  },
  shutdown: {
    UNINITIALIZED: ['UNINITIALIZED', 0, 0, none], HOST_ONLY: ['HOST_ONLY', 0, 0, data], DEVICE_ONLY: ['HOST_ONLY', 0, 16, onDeviceOnly],
    SYNCHRONIZED: ['HOST_ONLY', 0, 0, data], HOST_DIRTY: ['HOST_ONLY', 0, 0, byHost], DEVICE_DIRTY: ['HOST_ONLY', 0, 16, byDevice],
  },
  dispose: { UNINITIALIZED: disposed, HOST_ONLY: disposed, DEVICE_ONLY: disposed, SYNCHRONIZED: disposed, HOST_DIRTY: disposed, DEVICE_DIRTY: disposed },
}

describe.each(devices)('each call in each state, on %s', (device) => {
  test.each(Object.keys(calls) as Call[])('%s', async (call) => {
    const { open } = bench(device)
    const found: Record<string, Cell> = {}
    let runtime = open({ leaks: 'ignore' })
    for (const state of Object.keys(reach) as BufferState[]) {
      if (call === 'shutdown') runtime = open({ leaks: 'ignore' })
      const values = await reach[state](runtime)
      expect(values.state).toBe(state)
      const copies = await counted(runtime)
      const said = await refusal(() => calls[call](values, runtime))
      const [after, up, down] = [values.state, copies.up, copies.down]
      if (call === 'launch') await runtime.terminate(writer)
      if (!said.startsWith('not refused')) { found[state] = said; continue }
      if (call === 'dispose') { found[state] = await refusal(() => values.onHost()); continue }
      const [there, here] = [call === 'shutdown' ? undefined : await onItsDevice(runtime, values), [...await values.onHost()]]
      expect(there ?? here).toEqual(here)
      found[state] = [after, up, down, here]
    }
    expect(found).toEqual(table[call])
  })
})

alike('buffers', [
  {
    name: 'nothing is copied while both sides are equal, however often either is asked for; and of what is newer, only that',
    async run({ runtime }) {
      const values = unifiedBuffer(f32, new Float32Array(1000))
      await values.onDevice()
      const copies = await counted(runtime)
      for (let round = 0; round < 3; round++) { await values.onDevice(); await values.onHost() }
      const clean = { ...copies }
      values.set([1, 2], 10)
      values.set([3], 900)
      await values.slice(0, 100).onDevice()
      const part = { ...copies }
      await values.onDevice()
      await values.onDevice()
      const rest = { ...copies }
      await writes(runtime, values, 5, 1)
      await values.slice(0, 100).onHost()
      const first = { ...copies }
      await values.onHost()
      await values.onHost()
      const states = [values.state, values.slice(0, 4).state]
      values[Symbol.dispose]()
      return [clean.up, part, rest, first, { ...copies }, states]
    },
    expected: [0, { up: 8, down: 0 }, { up: 12, down: 0 }, { up: 12, down: 400 }, { up: 12, down: 4000 }, ['SYNCHRONIZED', 'SYNCHRONIZED']],
  },
  {
    name: 'beside a body that only reads a buffer stays as it is',
    async run({ runtime }) {
      using values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
      const actor = await runtime.spawn(reader, { buffers: { values } })
      const copies = await counted(runtime)
      await actor.ask({ i: 1, v: 0 }, within)
      await values.onHost()
      values.set([5], 0)
      const during = values.state
      await values.onDevice()
      return [during, values.state, copies, (await actor.ask({ i: 0, v: 0 }, within)).v]
    },
    expected: ['HOST_DIRTY', 'SYNCHRONIZED', { up: 4, down: 0 }, 5],
    not: { host: 'nobody knows there whether a body writes' },
  },
  {
    name: 'beside a body that writes it may be newer there at any moment, until that one is parked or has ended',
    async run({ runtime }) {
      using values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
      const actor: Writer = await runtime.launch(writer, { buffers: { values } })
      const states = [values.state]
      const note = async (call: () => unknown): Promise<void> => { await call(); states.push(values.state) }
      await note(() => actor.activate())
      await note(() => values.onHost())
      await note(() => actor.ask({ i: 0, v: 9 }, within))
      await note(() => actor.deactivate())
      await note(() => values.onHost())
      const here = [...await values.onHost()]
      await note(() => { values.set([6], 3) })
      await note(() => values.onDevice())
      await note(() => actor.reactivate())
      const old = (await actor.ask({ i: 3, v: 0 }, within)).v
      await note(() => actor.terminate())
      await note(() => values.onHost())
      return [states, here, old, [...await values.onHost()]]
    },
    expected: [
      ['SYNCHRONIZED', 'DEVICE_DIRTY', 'DEVICE_DIRTY', 'DEVICE_DIRTY', 'DEVICE_DIRTY', 'SYNCHRONIZED', 'HOST_DIRTY', 'SYNCHRONIZED', 'DEVICE_DIRTY', 'DEVICE_DIRTY', 'SYNCHRONIZED'],
      [9, 2, 3, 4], 6, [9, 2, 3, 0],
    ],
  },
])
