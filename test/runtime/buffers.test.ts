// Unified buffers: which copy is newer, what is copied when, and what a launch asks of them.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { array, bf16, bool, f16, f32, f64, i64, ringKernel, RingKernelRuntime, struct, u32, u8, unifiedBuffer, type UnifiedBuffer } from 'ringlab'
import { deviceNames, openDevice, type ActorDevice } from '#ringlab/runtime/device.js'
import { BufferCore } from '#ringlab/runtime/buffer-core.js'
import { Ranges } from '#ringlab/runtime/ranges.js'

const At = struct('At', { i: u32, v: f32 })
const Particle = struct('Particle', { x: f32, id: u32, tags: array(u8, 3) })
/** Writes v to element i, answers with what was there. */
const swap = ringKernel('buffers-swap', { input: At, output: At, buffers: { values: f32 } }, {
  onMessage(m, ctx) { const old = ctx.buffers.values[m.i] ?? -1; ctx.buffers.values[m.i] = m.v; ctx.send({ i: ctx.buffers.values.length, v: old }) },
})

let runtime = new RingKernelRuntime({ leaks: 'ignore' })
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime({ leaks: 'ignore' }) })

describe('states', () => {
  test('without a device: UNINITIALIZED until the host has something, then HOST_ONLY', async () => {
    const buffer = unifiedBuffer(f32, [2, 3])
    expect(buffer).toMatchObject({ state: 'UNINITIALIZED', shape: [2, 3], bytes: 24, devicePointer: undefined })
    expect(await buffer.onHost()).toEqual(new Float32Array(6))
    expect(buffer.state).toBe('HOST_ONLY')
    expect(unifiedBuffer(f32, new Float32Array([1, 2])).state).toBe('HOST_ONLY')
    const filled = unifiedBuffer(f32, 2)
    filled.fill(7)
    expect([filled.state, await filled.onHost()]).toEqual(['HOST_ONLY', new Float32Array([7, 7])])
  })

  describe.each(['cpu', 'host'] as const)('on %s', (device) => {
    test('each state in turn, and the elements that belong to it', async () => {
      const values = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
      const actor = await runtime.launch(swap, { device, buffers: { values } })
      expect(values.state).toBe('SYNCHRONIZED')
      values.set([9], 0)
      expect(values.state).toBe('HOST_DIRTY')
      await actor.activate()
      // The body sees no host write before onDevice().
      expect(await actor.ask({ i: 0, v: 1 })).toEqual({ i: 4, v: 1 })
      await values.onDevice()
      expect(values.state).toBe('DEVICE_DIRTY')
      expect(await actor.ask({ i: 0, v: 5 })).toEqual({ i: 4, v: 9 })
      expect(await values.onHost()).toEqual(new Float32Array([5, 2, 3, 4]))
      // It may be writing at this very moment.
      expect(values.state).toBe('DEVICE_DIRTY')
      await actor.ask({ i: 3, v: 8 })
      await actor.terminate()
      expect(values.state).toBe('DEVICE_DIRTY')
      expect(await values.onHost()).toEqual(new Float32Array([5, 2, 3, 8]))
      expect(values.state).toBe('SYNCHRONIZED')
      await runtime.shutdown()
      expect(values.state).toBe('HOST_ONLY')
      expect(await values.onHost()).toEqual(new Float32Array([5, 2, 3, 8]))
    })

    test('what only the device has is DEVICE_ONLY, and comes home when the runtime ends', async () => {
      const values = unifiedBuffer(f32, 3)
      const actor = await runtime.spawn(swap, { device, buffers: { values } })
      expect(values.state).toBe('DEVICE_ONLY')
      await actor.ask({ i: 1, v: 4 })
      expect(values.state).toBe('DEVICE_ONLY')
      await runtime.shutdown()
      expect(values.state).toBe('HOST_ONLY')
      expect(await values.onHost()).toEqual(new Float32Array([0, 4, 0]))
    })

    test('writes to both copies meet: a partial host write takes no stale elements to the device', async () => {
      const values = unifiedBuffer(f32, new Float32Array([1, 1, 1, 1]))
      const actor = await runtime.spawn(swap, { device, buffers: { values } })
      await actor.ask({ i: 0, v: 10 })
      values.set([20], 2)
      expect(values.state).toBe('HOST_DIRTY')
      expect(await values.onHost()).toEqual(new Float32Array([10, 1, 20, 1]))
      await actor.ask({ i: 3, v: 30 })
      await values.onDevice()
      expect([await actor.ask({ i: 0, v: 0 }), await actor.ask({ i: 2, v: 0 }), await actor.ask({ i: 3, v: 0 })].map((each) => each.v)).toEqual([10, 20, 30])
    })

    test('markHostDirty() after writing to the array of onHost()', async () => {
      const values = unifiedBuffer(f32, new Float32Array([1, 2]))
      const actor = await runtime.spawn(swap, { device, buffers: { values } });
      (await values.onHost())[1] = 6
      values.markHostDirty()
      await values.onDevice()
      expect((await actor.ask({ i: 1, v: 0 })).v).toBe(6)
    })
  })

  test('a slice shares memory and state', async () => {
    const whole = unifiedBuffer(u32, [3, 2])
    const rows = whole.slice(1)
    expect([rows.shape, rows.bytes]).toEqual([[2, 2], 16])
    rows.set([5], 3)
    expect(await whole.onHost()).toEqual(new Uint32Array([0, 0, 0, 0, 0, 5]))
    expect(await whole.slice(-1).onHost()).toEqual(new Uint32Array([0, 5]))
    await runtime.launch(ringKernel('buffers-u32', { input: At, buffers: { whole: u32 } }, { onMessage() { /* nothing */ } }), { device: 'cpu', buffers: { whole } })
    expect([whole.state, rows.state]).toEqual(['SYNCHRONIZED', 'SYNCHRONIZED'])
    rows.fill(1)
    expect([whole.state, rows.state, whole.slice(0, 1).state]).toEqual(['HOST_DIRTY', 'HOST_DIRTY', 'SYNCHRONIZED'])
    await whole.onDevice()
    expect(rows.state).toBe('SYNCHRONIZED')
    rows[Symbol.dispose]()
    expect(await whole.slice(0, 2).onHost()).toEqual(new Uint32Array([0, 0, 1, 1]))
    for (const bad of [() => whole.slice(3), () => whole.slice(0, 4), () => whole.slice(2, 1), () => whole.slice(0.5)]) expect(bad).toThrow(RangeError)
  })

  test('a launch on a slice sees its elements only', async () => {
    const whole = unifiedBuffer(f32, new Float32Array([1, 2, 3, 4]))
    const actor = await runtime.spawn(swap, { device: 'cpu', buffers: { values: whole.slice(1, 3) } })
    expect(await actor.ask({ i: 0, v: 7 })).toEqual({ i: 2, v: 2 })
    expect(await whole.onHost()).toEqual(new Float32Array([1, 7, 3, 4]))
  })
})

test('beside a compiled body that only reads, a buffer stays SYNCHRONIZED; beside one that may write, in whatever way, it does not', async () => {
  const reader = ringKernel('buffers-reader', { input: At, output: At, buffers: { values: f32, points: Particle } }, {
    onMessage(m, ctx) { const first = ctx.buffers.points[0]; ctx.send({ i: first === undefined ? 0 : first.id, v: ctx.buffers.values[m.i] ?? 0 }) },
  })
  const writer = ringKernel('buffers-writer', { input: At, output: At, buffers: { values: f32, points: Particle } }, {
    onMessage(m, ctx) { const point = ctx.buffers.points[m.i]; if (point !== undefined) point.tags[1] = 200; ctx.each(2, (i) => { ctx.buffers.values[i] = m.v }); ctx.send(m) },
  })
  const [values, points] = [unifiedBuffer(f32, new Float32Array([1, 2])), unifiedBuffer(Particle, 2)]
  points.fill({ x: 0, id: 3, tags: [0, 0, 0] })
  const reads = await runtime.spawn(reader, { device: 'cpu', buffers: { values, points } })
  expect(await reads.ask({ i: 1, v: 0 })).toEqual({ i: 3, v: 2 })
  expect([values.state, points.state]).toEqual(['SYNCHRONIZED', 'SYNCHRONIZED'])
  const writes = await runtime.spawn(writer, { device: 'cpu', buffers: { values, points } })
  await writes.ask({ i: 1, v: 7 })
  expect([values.state, points.state]).toEqual(['DEVICE_DIRTY', 'DEVICE_DIRTY'])
  expect(await values.onHost()).toEqual(new Float32Array([7, 7]))
  expect([...(await points.onHost())[1]?.tags ?? []]).toEqual([0, 200, 0])
})

describe('copies', () => {
  /** A buffer whose device counts what is copied. */
  async function counted(): Promise<{ core: BufferCore; device: ActorDevice; bytes: { up: number; down: number } }> {
    expect(deviceNames()).toContain('host')
    const real = await openDevice('host', { host: {} } as never)
    const bytes = { up: 0, down: 0 }
    const device = Object.create(real, { memory: { value: {
      ...real.memory,
      upload: (...args: Parameters<typeof real.memory.upload>) => { bytes.up += args[2].length; return real.memory.upload(...args) },
      download: (...args: Parameters<typeof real.memory.download>) => { bytes.down += args[2].length; return real.memory.download(...args) },
    } } }) as ActorDevice
    const core = new BufferCore(f32, 1000, false)
    core.hostElements(0, 1000)
    await core.moveTo(device)
    return { core, device, bytes }
  }

  test('nothing is copied while both sides are equal, and only what is newer otherwise', async () => {
    const { core, device, bytes } = await counted()
    expect(bytes).toEqual({ up: 4000, down: 0 })
    await core.toDevice(0, 1000, () => Promise.resolve(device))
    await core.toHost(0, 1000)
    expect(bytes).toEqual({ up: 4000, down: 0 })
    core.noteHostWrite(10, 12)
    await core.toDevice(0, 1000, () => Promise.resolve(device))
    expect(bytes).toEqual({ up: 4008, down: 0 })
    core.noteDeviceWrite()
    await core.toHost(100, 200)
    expect(bytes).toEqual({ up: 4008, down: 400 })
    await core.toHost(0, 1000)
    await core.toHost(0, 1000)
    expect(bytes).toEqual({ up: 4008, down: 4000 })
  })

  test('after any writes on both sides, both copies hold what each element was last given', async () => {
    const step = fc.record({ kind: fc.constantFrom('host' as const, 'device' as const, 'onHost' as const, 'onDevice' as const), from: fc.nat(15), length: fc.integer({ min: 1, max: 8 }) })
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { core, device } = await counted()
      const block = core.block as { memory: SharedArrayBuffer } & NonNullable<typeof core.block>
      const [hostCopy, deviceCopy] = [core.hostElements(0, 1000) as Float32Array, new Float32Array(block.memory)]
      const model = { host: new Float32Array(24), device: new Float32Array(24), hostNewer: new Set<number>() }
      for (const [n, { kind, from, length }] of steps.entries()) {
        const touched = Array.from({ length }, (_, i) => from + i)
        if (kind === 'host') { hostCopy.fill(n + 1, from, from + length); core.noteHostWrite(from, from + length); for (const i of touched) { model.host[i] = n + 1; model.hostNewer.add(i) } }
        else if (kind === 'device') { deviceCopy.fill(n + 1, from, from + length); core.noteDeviceWrite(); for (const i of touched) model.device[i] = n + 1 }
        else if (kind === 'onHost') { await core.toHost(0, 1000); model.device.forEach((value, i) => { if (!model.hostNewer.has(i)) model.host[i] = value }) }
        else { await core.toDevice(0, 1000, () => Promise.resolve(device)); for (const i of model.hostNewer) model.device[i] = model.host[i] as number; model.hostNewer.clear() }
        expect([hostCopy.slice(0, 24), deviceCopy.slice(0, 24)]).toEqual([model.host, model.device])
      }
    }), { numRuns: 60 })
  })

  test('ranges are sets of elements', () => {
    const operation = fc.record({ add: fc.boolean(), from: fc.nat(30), to: fc.nat(30) })
    fc.assert(fc.property(fc.array(operation), fc.array(operation), (first, second) => {
      const build = (operations: typeof first): [Ranges, Set<number>] => {
        const ranges = new Ranges()
        const model = new Set<number>()
        for (const { add, from, to } of operations) {
          if (add) ranges.add(from, to)
          else ranges.remove(from, to)
          for (let i = from; i < to; i++) if (add) model.add(i); else model.delete(i)
        }
        return [ranges, model]
      }
      const [[a, inA], [b, inB]] = [build(first), build(second)]
      const listed = (found: readonly (readonly [number, number])[]): number[] => found.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
      expect(listed(a.within(0, 30))).toEqual([...inA].sort((x, y) => x - y))
      expect(listed(a.withinBut(b, 5, 25))).toEqual([...inA].filter((i) => i >= 5 && i < 25 && !inB.has(i)).sort((x, y) => x - y))
    }))
  })
})

describe.each(['cpu', 'host'] as const)('elements on %s', (device) => {
  /** Doubles every element on the device, for any element type. */
  const through = async (buffer: UnifiedBuffer, element: never, doubled: (ctx: { buffers: { all: never } }) => void): Promise<unknown> => {
    const actor = await runtime.spawn(ringKernel('buffers-each', { input: At, output: At, buffers: { all: element } }, { onMessage(m, ctx) { doubled(ctx); ctx.send(m) } }), { device, buffers: { all: buffer } } as never)
    await (actor as unknown as { ask(m: object): Promise<unknown> }).ask({ i: 0, v: 0 })
    return buffer.onHost()
  }

  test('bool', async () => {
    const buffer = unifiedBuffer(bool, 4)
    buffer.set([true, 0, 1, false])
    expect(await through(buffer, bool as never, (ctx) => { const all = ctx.buffers.all as Uint8Array; for (let i = 0; i < all.length; i++) all[i] = all[i] === 1 ? 0 : 1 })).toEqual(new Uint8Array([0, 1, 0, 1]))
  })

  test('i64', async () => {
    const buffer = unifiedBuffer(i64, new BigInt64Array([-1n, 2n ** 62n]))
    expect(await through(buffer, i64 as never, (ctx) => { const all = ctx.buffers.all as BigInt64Array; for (let i = 0; i < all.length; i++) all[i] = (all[i] as bigint) * 2n })).toEqual(new BigInt64Array([-2n, -(2n ** 63n)]))
  })

  test.each([['f16', f16, 0.0999755859375], ['bf16', bf16, 0.10009765625]] as const)('%s is rounded once, and is a Float32Array on the host', async (_name, element, rounded) => {
    const buffer = unifiedBuffer(element, 3)
    buffer.set([0.1, 1.5, -2])
    expect(buffer.bytes).toBe(6)
    const doubled = await through(buffer as never, element as never, (ctx) => { const all = ctx.buffers.all as number[]; for (let i = 0; i < all.length; i++) all[i] = (all[i] ?? 0) * 2 })
    expect(doubled).toEqual(new Float32Array([rounded * 2, 3, -4]));
    (doubled as Float32Array)[0] = 0.1
    buffer.markHostDirty()
    await buffer.onDevice()
    expect((await buffer.onHost())[0]).toBe(rounded)
  })

  test('structs are live on both sides', async () => {
    const buffer = unifiedBuffer(Particle, 2)
    buffer.set([{ x: 1, id: 7, tags: [1, 2, 3] }], 1)
    const host = await through(buffer as never, Particle as never, (ctx) => {
      const all = ctx.buffers.all as { x: number; id: number; tags: Uint8Array }[];
      (all[1] as { x: number }).x *= 2
      all[0] = { x: 4, id: all.length, tags: new Uint8Array([9, 9, 9]) }
    }) as { x: number; id: number; tags: Uint8Array }[]
    expect(host.map(({ x, id, tags }) => [x, id, [...tags]])).toEqual([[4, 2, [9, 9, 9]], [2, 7, [1, 2, 3]]]);
    (host[0] as { id: number }).id = 11
    buffer.markHostDirty()
    expect(buffer.state).toBe('HOST_DIRTY')
    expect((await buffer.onHost())[0]?.id).toBe(11)
    expect(() => { buffer.set([{ x: 1, id: 1 } as never]) }).toThrow(/Particle/)
  })
})

describe('refusals say what, where and what to do', () => {
  const values = unifiedBuffer(f32, 4)
  const launch = (buffers: unknown, options = {}): Promise<unknown> => runtime.launch(swap, { ...options, device: 'cpu', buffers } as never)

  test('at launch', async () => {
    await expect(launch(undefined)).rejects.toThrow("launch of 'buffers-swap': it needs the unified buffer 'values' of f32: launch(definition, { buffers: { values } })")
    await expect(launch({ value: values })).rejects.toThrow("it has no buffer 'value'; its buffers are values. Did you mean 'values'?")
    await expect(launch({ values: new Float32Array(4) })).rejects.toThrow(/'values' must be made by unifiedBuffer\(\), but is Float32Array/)
    await expect(launch({ values: unifiedBuffer(f64, 4) })).rejects.toThrow("the buffer 'values' is of another type: it is f32 in the declaration and f64 in the buffer given")
    const gone = unifiedBuffer(f32, 4)
    gone[Symbol.dispose]()
    await expect(launch({ values: gone })).rejects.toThrow(/'values' is disposed/)
    expect([...runtime.ringKernels.keys()]).toEqual([])
  })

  test('a buffer in use elsewhere stays there; once free it moves with what it holds', async () => {
    const moving = unifiedBuffer(f32, new Float32Array([1, 2]))
    const first = await runtime.spawn(swap, { device: 'cpu', buffers: { values: moving } })
    await expect(runtime.launch(swap, { id: 'second', device: 'host', buffers: { values: moving } })).rejects.toThrow(/already on 'cpu', where ring kernel 'buffers-swap' uses it: terminate that one first/)
    await first.ask({ i: 0, v: 5 })
    await first.terminate()
    const second = await runtime.spawn(swap, { id: 'second', device: 'host', buffers: { values: moving } })
    expect((await second.ask({ i: 0, v: 0 })).v).toBe(5)
  })

  test('a buffer disposed in use ends for the host, and goes on for the ring kernel', async () => {
    const short = unifiedBuffer(f32, new Float32Array([1, 2]))
    const actor = await runtime.spawn(swap, { device: 'cpu', buffers: { values: short } })
    short[Symbol.dispose]()
    await expect(short.onHost()).rejects.toThrow('this unified buffer is disposed, so onHost() cannot be called')
    expect(await actor.ask({ i: 1, v: 0 })).toEqual({ i: 2, v: 2 })
  })

  test('when made and written', () => {
    for (const shape of [0, -1, 1.5, NaN, [], [2, 0], 2 ** 33]) expect(() => unifiedBuffer(f32, shape)).toThrow(/needs a shape of integers from 1 on/)
    expect(() => unifiedBuffer(array(f32, 2) as never, 4)).toThrow(/needs the type of one element/)
    expect(() => unifiedBuffer(Particle, new Uint8Array(13))).toThrow(/13 bytes are no whole number of Particle/)
    expect(() => { values.set([1, 2], 3) }).toThrow('set() cannot write 2 elements from element 3 on: the buffer has 4')
    expect(() => { values.set(['1' as never]) }).toThrow(/element 0 was given '1', expected a number \(f32\)/)
    expect(() => { unifiedBuffer(i64, 1).set([1 as never]) }).toThrow(/expected a bigint/)
    expect(() => { unifiedBuffer(f32, 1).markHostDirty() }).toThrow(/before there was a copy on the host/)
  })

  test('onDevice() without any runtime', async () => {
    await runtime.shutdown()
    await expect(unifiedBuffer(f32, 1).onDevice()).rejects.toThrow(/is on no device yet: launch a ring kernel with it/)
    runtime = new RingKernelRuntime({ device: 'host' })
    const buffer = unifiedBuffer(f32, new Float32Array([3]))
    await buffer.onDevice()
    expect(buffer.state).toBe('SYNCHRONIZED')
  })
})

test('bytes become structs, and other TypedArrays are converted', async () => {
  const bytes = new Uint8Array(24)
  new DataView(bytes.buffer).setUint32(16, 258, true)
  expect((await unifiedBuffer(Particle, bytes).onHost()).map(({ id }) => id)).toEqual([0, 258])
  expect(await unifiedBuffer(u8, new Float64Array([1.9, 257])).onHost()).toEqual(new Uint8Array([1, 1]))
})
