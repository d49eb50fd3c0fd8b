// One-shot kernels: what the body sees, what its buffers hold afterwards, and how a launch ends.
import { afterEach, describe, expect, test } from 'vitest'
import { array, bool, f32, f64, i64, kernel, KernelError, ringKernel, RingKernelRuntime, struct, TimeoutError, u32, u8, unifiedBuffer } from 'ringlab'

const Point = struct('Point', { x: f64, n: u32 })
const within = { timeoutMs: 10_000 }

let runtime = new RingKernelRuntime({ leaks: 'ignore' })
afterEach(async () => { await runtime.shutdown(); runtime = new RingKernelRuntime({ leaks: 'ignore' }) })

describe.each(['cpu', 'host'] as const)('on %s', (device) => {
  test('runs once for each index, over buffers and scalars of all kinds', async () => {
    const mix = kernel('kernel-mix', { a: f32, flag: bool, big: i64, x: [f32], points: [Point], seen: [u8] }, ({ a, flag, big, x, points, seen }, i) => {
      x[i] = (x[i] ?? 0) * a
      const point = points[i]
      if (point !== undefined) { point.x = i / 4; point.n = Number(big) + x.length }
      seen[i] = (seen[i] ?? 0) + (flag ? 1 : 100)
    })
    const x = unifiedBuffer(f32, new Float32Array([1, 2, 3]))
    const [points, seen] = [unifiedBuffer(Point, 3), unifiedBuffer(u8, 5)]
    await mix.launch({ a: 0.1, flag: true, big: 40n, x, points, seen }, { device, ...within })
    // The scalar was stored as an f32 before the body saw it.
    expect(await x.onHost()).toEqual(new Float32Array([1, 2, 3].map((v) => v * Math.fround(0.1))))
    expect((await points.onHost()).map((point) => [point.x, point.n])).toEqual([[0, 43], [0.25, 43], [0.5, 43]])
    // As many runs as the first buffer has elements.
    expect(await seen.onHost()).toEqual(new Uint8Array([1, 1, 1, 0, 0]))
    expect(x.state).toBe('SYNCHRONIZED')
  })

  test('threads may be given, and host writes before a launch are seen', async () => {
    const count = kernel('kernel-count', { x: [u32] }, ({ x }, i) => { x[i] = (x[i] ?? 0) + 1 })
    const x = unifiedBuffer(u32, 4)
    await count.launch({ x }, { device, threads: 2, ...within })
    x.set([10], 1)
    await count.launch({ x }, { device, threads: 3, ...within })
    await count.launch({ x }, { device, threads: 0, ...within })
    expect(await x.onHost()).toEqual(new Uint32Array([2, 11, 1, 0]))
  })

  test('a body that throws says where, at which index, and what it had written stays', async () => {
    const failing = kernel('kernel-failing', { x: [f32] }, ({ x }, i) => { if (i === 2) throw new Error('two is too much'); x[i] = 1 })
    const x = unifiedBuffer(f32, 4)
    const error = await failing.launch({ x }, { device, ...within }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(KernelError)
    expect(error).toMatchObject({ kernel: 'kernel-failing', index: 2, cause: { name: 'Error', message: 'two is too much' } })
    expect((error as Error).message).toMatch(/^two is too much \(in kernel 'kernel-failing' at i = 2, .*kernel\.test\.ts:\d+:\d+\)$/)
    expect(await x.onHost()).toEqual(new Float32Array([1, 1, 0, 0]))
  })

  test('a ring kernel and a kernel share a buffer', async () => {
    const x = unifiedBuffer(f32, new Float32Array([1, 2]))
    const reader = await runtime.spawn(ringKernel('kernel-reader', { input: struct('I', { i: u32 }), output: struct('V', { v: f32 }), buffers: { x: f32 } }, {
      onMessage(m, ctx) { ctx.send({ v: ctx.buffers.x[m.i] ?? -1 }) },
    }), { device, buffers: { x } })
    await kernel('kernel-negate', { x: [f32] }, (args, i) => { args.x[i] = -(args.x[i] ?? 0) }).launch({ x }, { device, runtime, ...within })
    expect(await reader.ask({ i: 1 }, within)).toEqual({ v: -2 })
  })
})

test('on cpu, a kernel without end is given up in time and the next one runs', async () => {
  const endless = kernel('kernel-endless', { n: u32 }, () => { for (;;) { /* on and on */ } })
  const error = await endless.launch({ n: 1 }, { device: 'cpu', threads: 1, timeoutMs: 300 }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TimeoutError)
  expect((error as Error).message).toBe("kernel 'kernel-endless' ran longer than 300 ms and was given up; raise timeoutMs, or give it fewer threads.")
  const x = unifiedBuffer(f32, 1)
  await kernel('kernel-after', { x: [f32] }, (args, i) => { args.x[i] = 5 }).launch({ x }, { device: 'cpu', ...within })
  expect(await x.onHost()).toEqual(new Float32Array([5]))
  const stopped = new AbortController()
  const aborted = endless.launch({ n: 1 }, { device: 'cpu', threads: 1, signal: stopped.signal })
  stopped.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
})

test('on cpu, a kernel holds no ring kernel up', async () => {
  const echo = await runtime.spawn(ringKernel('kernel-echo', { input: struct('V', { v: u32 }), output: struct('V', { v: u32 }) }, { onMessage(m, ctx) { ctx.send(m) } }), { device: 'cpu' })
  const stopped = new AbortController()
  const long = kernel('kernel-long', { n: u32 }, () => { for (;;) { /* on and on */ } }).launch({ n: 1 }, { device: 'cpu', runtime, threads: 1, signal: stopped.signal })
  const ended = long.catch((error: unknown) => error)
  for (let v = 0; v < 100; v++) expect(await echo.ask({ v }, within)).toEqual({ v })
  stopped.abort(new Error('done'))
  expect(await ended).toMatchObject({ message: 'done' })
})

test('on cpu, a body whose runs are not independent, or that is no program for devices, does not compile', async () => {
  const x = unifiedBuffer(f32, 4)
  const refused = async (body: (args: { readonly x: Float32Array }, i: number) => void): Promise<unknown> => kernel('kernel-refused', { x: [f32] }, body).launch({ x }, { device: 'cpu', ...within }).catch((error: unknown) => error)
  expect(await refused((args, i) => { args.x[0] = i })).toMatchObject({ name: 'CompileError', message: expect.stringContaining('kernel.test.ts') as string })
  expect(await refused((_args, i) => { console.log('at', i) })).toMatchObject({ name: 'CompileError' })
  expect(await refused(() => { new Date() })).toMatchObject({ name: 'CompileError' })
  expect(await x.onHost()).toEqual(new Float32Array(4))
})

test('refusals', async () => {
  const define = (parameters: unknown, body: unknown = () => undefined): (() => unknown) => () => kernel('bad', parameters as never, body as never)
  expect(define({ x: array(f32, 2) })).toThrow(/the parameter 'x' must be a scalar type such as f32, or \[f32\] for a buffer of them/)
  expect(define({ p: Point })).toThrow(/structs come in buffers/)
  expect(define({ x: [f32, f32] })).toThrow(/the parameter 'x'/)
  expect(define({ 'a b': f32 })).toThrow(/cannot have a parameter 'a b'/)
  expect(define({ x: [f32] }, 'x')).toThrow(/the body must be a function/)
  expect(() => kernel('', {}, () => undefined)).toThrow(/needs a name/)
  const scale = kernel('scale', { a: f32, x: [f32] }, () => undefined)
  const launch = (args: unknown, options = {}): Promise<void> => scale.launch(args as never, { device: 'host', ...options })
  const x = unifiedBuffer(f32, 1)
  await expect(launch({ x })).rejects.toThrow("launch of kernel 'scale': it needs the argument 'a' (f32): launch({ a, x })")
  await expect(launch({ a: '1', x })).rejects.toThrow("the argument 'a' must be a number (f32), but is '1'")
  await expect(launch({ a: 1 })).rejects.toThrow("it needs the unified buffer 'x' of f32: launch({ a, x })")
  await expect(launch({ a: 1, x: unifiedBuffer(f64, 1) })).rejects.toThrow(/'x' is of another type/)
  await expect(launch({ a: 1, x, y: x })).rejects.toThrow("it has no buffer 'y'")
  await expect(launch({ a: 1, x }, { threads: -1 })).rejects.toThrow(/threads must be an integer from 0/)
  await expect(kernel('none', { a: f32 }, () => undefined).launch({ a: 1 }, { device: 'host' })).rejects.toThrow(/it has no buffer, so say how often it runs/)
  await expect(kernel('waits', { x: [f32] }, () => Promise.resolve() as never).launch({ x }, { device: 'host' })).rejects.toThrow(/has nothing to await/)
})
