// What can go wrong under a ring kernel on a GPU, injected at the simulated driver: each is a sentence that says what to do, nothing hangs past its deadline,
// and the other devices, the session and queued messages live on.
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { DeviceError, RingKernelRuntime, cudaRingKernel, f32, ringKernel, struct, u32, type RingKernel } from 'ringlab'
import { word } from '#ringlab/ring/control.js'
import type { Actor } from '#ringlab/runtime/actor.js'
import { setBodyLog } from '#ringlab/runtime/registry.js'
import { handWritten } from './kernels.js'
import { cacheFolder, expectNothingLeft, gpu } from './simulated.js'

const Value = struct('Value', { v: f32, n: u32 })
const shape = { inStride: 48, outStride: 48, start: 'u32* count = (u32*)a.state;' }
const answer = '((float*)(to + 32))[0] = ((const float*)(from + 32))[0] * 2.0f; ((u32*)(to + 32))[1] = ++*count;'
function kernel(name: string, step: string, options: { threads?: number; start?: string } = {}) {
  const { start = '', ...declared } = options
  return cudaRingKernel(name, { input: Value, output: Value, state: { count: u32 }, ...declared, source: handWritten({ name, ...shape, start: shape.start + start, step }) })
}
const doubler = kernel('doubler', answer)
/** A message with n = 13 makes it write to an address that is nobody's. */
const faulty = kernel('faulty', `if (((const u32*)(from + 32))[1] == 13) *(u32*)8 = 1; ${answer}`)
/** Never looks at its control block again once a message with n = 13 has come. */
const deaf = kernel('deaf', `while (((const u32*)(from + 32))[1] == 13) { say(a.control, RL_HEARTBEAT, 77); rl_nap(1000); } ${answer}`)
/** Loops for ever on such a message, but looks for a stop as emitted code does. */
const looping = kernel('looping', `while (((const u32*)(from + 32))[1] == 13) { say(a.control, RL_HEARTBEAT, 77); RlQuad now = rl_poll(a.control); if (now.z == RL_STOP || now.w == RL_EPOCH_STOP) { say(a.control, RL_OUTCOME, RL_DONE); return; } rl_nap(1000); } ${answer}`)
const beside = kernel('beside', answer)
const echo = ringKernel('echo', { input: Value, output: Value, device: 'cpu' }, { onMessage(message, ctx) { ctx.send(message) } })

const lines: string[] = []
setBodyLog((line) => { lines.push(line) })

let runtime = new RingKernelRuntime({ device: 'cuda' })
afterEach(async () => {
  await runtime.shutdown()
  expectNothingLeft()
  for (const name of ['RINGLAB_SIM_FAULTS', 'RINGLAB_SIM_SMS', 'RINGLAB_SIM_ATTRIBUTES']) Reflect.deleteProperty(process.env, name)
  gpu.reset()
  runtime = new RingKernelRuntime({ device: 'cuda' })
  lines.length = 0
})

/** The simulated GPU with other settings. */
function asNew(settings: Record<string, string>): void {
  Object.assign(process.env, settings)
  gpu.reset()
}

async function works(): Promise<void> {
  const actor = await runtime.spawn(doubler, { id: 'works' })
  expect(await actor.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: 1 })
  await actor.terminate()
}

describe('a launch fails and says what to do', () => {
  test.each<[string, string, number, RegExp]>([
    ['out of memory', 'cuMemAlloc_v2', 2, /cannot launch 'doubler' on cuda:0: the GPU has no memory left for this: terminate ring kernels, free buffers/],
    ['pages that cannot be pinned', 'cuMemHostRegister_v2', 2, /cannot launch 'doubler' on cuda:0: the GPU has no memory left/],
    ['an image that the driver refuses', 'cuModuleLoadDataEx', 209, /the compiled program is not for this GPU/],
    ['a compiler that fails', 'nvrtcCompileProgram', 7, /'doubler' does not compile: the CUDA compiler failed on/],
  ])('%s', async (_name, call, status, sentence) => {
    // While one is resident, the GPU's thread compiles nothing for later, which the fault could hit.
    if (call === 'nvrtcCompileProgram') await runtime.spawn(beside)
    damageCache()
    gpu.inject(call, status)
    const launch = runtime.launch(doubler)
    await expect(launch).rejects.toBeInstanceOf(DeviceError)
    await expect(launch).rejects.toThrow(sentence)
    await works()
  })

  test.each(['cuLinkCreate_v2', 'cuLinkAddData_v2', 'cuLinkComplete'])('where linking fails in %s, the whole text is compiled, and the line of the launch says why', async (call) => {
    await runtime.spawn(beside)
    gpu.inject(call, 2)
    // A text of its own each time, which no cache knows.
    const adding = ringKernel(`adding_${call}`, { input: Value, output: Value }, { onMessage(message, ctx) { ctx.send({ v: message.v + 1, n: message.n }) } })
    const actor = await runtime.spawn(adding)
    expect(await actor.ask({ v: 1, n: 5 })).toEqual({ v: 2, n: 5 })
    expect(lines.at(-1)).toMatch(new RegExp(`^adding_${call}: resident on cuda:0 \\(compiled \\d+ ms in one piece, because it could not be linked: .*${call}\\]\\)$`))
    const linked = ringKernel(`linked_${call}`, { input: Value, output: Value }, { onMessage(message, ctx) { ctx.send({ v: Math.sin(message.v), n: message.n }) } })
    expect(await (await runtime.spawn(linked)).ask({ v: 0, n: 6 })).toEqual({ v: 0, n: 6 })
    expect(lines.at(-1)).toMatch(new RegExp(`^linked_${call}: resident on cuda:0 \\(compiled \\d+ ms\\)$`))
  })

  test('a damaged file of the cache is compiled again', async () => {
    await works()
    expect(lines.at(-1)).toMatch(/\(cached\)|\(compiled/)
    damageCache()
    await runtime.shutdown()
    runtime = new RingKernelRuntime({ device: 'cuda' })
    await works()
    expect(lines.at(-1)).toMatch(/^works: resident on cuda:0 \(compiled \d+ ms\)$/)
  })

  test('a grid that the driver refuses to launch', async () => {
    const actor = await runtime.launch(doubler)
    gpu.inject('cuLaunchKernel', 701)
    await actor.activate()
    await expect(actor.closed).rejects.toThrow(/ring kernel 'doubler' failed on cuda:0: the launch asks for more registers, threads or shared memory/)
    await works()
  })

  test('a grid that never starts', async () => {
    const actor = await runtime.launch(doubler)
    gpu.inject('never-ready', 1)
    const from = performance.now()
    await actor.activate()
    await expect(actor.closed).rejects.toThrow(/was launched, but cuda:0 did not start it within 3000 ms: other programs may hold the GPU/)
    expect(performance.now() - from).toBeLessThan(6000)
    await works()
  })
})

describe('no GPU', () => {
  test('a driver that is too old is named, and auto goes on with the CPU', async () => {
    asNew({ RINGLAB_SIM_FAULTS: 'driver-version=11040' })
    await expect(runtime.launch(doubler)).rejects.toThrow(/cuda:0 cannot be used: the NVIDIA driver .* runs CUDA 11.4, but ringlab needs CUDA 12.0: update the driver/)
    const actor = await runtime.spawn(echo)
    expect(await actor.ask({ v: 1, n: 2 })).toEqual({ v: 1, n: 2 })
  })

  test('a driver that is missing or broken is named', async () => {
    const driver = process.env['RINGLAB_CUDA_DRIVER']
    process.env['RINGLAB_CUDA_DRIVER'] = '/nowhere/libcuda.so.1'
    await expect(runtime.launch(doubler)).rejects.toThrow(/cuda:0 cannot be used: the NVIDIA driver \/nowhere\/libcuda.so.1 cannot be loaded .*: install the driver again/)
    process.env['RINGLAB_CUDA_DRIVER'] = driver
  })
})

describe('the GPU is lost', () => {
  test('by a wild address: all of its ring kernels fail with the cause, others go on, queued messages stay readable, and new launches work', async () => {
    const [bad, good, host] = await Promise.all([runtime.spawn(faulty), runtime.spawn(doubler), runtime.spawn(echo)])
    expect(await good.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: 1 })
    await bad.sendBatch([{ v: 1, n: 13 }, { v: 2, n: 2 }])
    await expect(bad.closed).rejects.toThrow(/ring kernel 'faulty' failed: cuda:0 is lost: a kernel read or wrote memory that is not its own/)
    await expect(good.closed).rejects.toThrow(/ring kernel 'doubler' failed: cuda:0 is lost/)
    await expect(good.ask({ v: 1, n: 0 })).rejects.toBeInstanceOf(DeviceError)
    expect(good.state).toBe('FAILED')
    expect(queued(bad)).toEqual([{ v: 1, n: 13 }, { v: 2, n: 2 }])
    expect(await host.ask({ v: 5, n: 6 })).toEqual({ v: 5, n: 6 })
    await works()
  })

  test('by a launch failure', async () => {
    const good = await runtime.spawn(doubler)
    gpu.inject('cuStreamQuery', 719)
    await expect(good.closed).rejects.toThrow(/cuda:0 is lost: a kernel failed while it ran/)
    await works()
  })
})

describe('bodies that do not come back', () => {
  test('an endless loop that looks for a stop ends by terminate, and by deactivate it starts anew with its queue', async () => {
    const actor = await runtime.spawn(looping)
    expect(await actor.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: 1 })
    await actor.send({ v: 1, n: 13 })
    await isInside(actor)
    let from = performance.now()
    await actor.deactivate()
    expect(performance.now() - from).toBeLessThan(2500)
    expect(actor.state).toBe('DEACTIVATED')
    expect(lines.at(-1)).toContain("ring kernel 'looping' did not come to a receive or send: it starts anew")
    await actor.reactivate()
    from = performance.now()
    await actor.terminate()
    expect(performance.now() - from).toBeLessThan(1500)
    await works()
  })

  test('one that never looks is abandoned in bounded time and named when it is in the way; once it is alone, the GPU is reset', async () => {
    const [actor, good] = [await runtime.spawn(deaf), await runtime.spawn(doubler)]
    await actor.send({ v: 1, n: 13 })
    await isInside(actor)
    const from = performance.now()
    await actor.terminate({ timeoutMs: 300 })
    expect(performance.now() - from).toBeLessThan(2500)
    expect(lines.at(-1)).toContain("ring kernel 'deaf' did not stop when told to")
    expect(await good.ask({ v: 2, n: 0 })).toEqual({ v: 4, n: 1 })
    await expect(runtime.launch(doubler, { id: 'second' })).rejects.toThrow(/cannot launch 'second' on cuda:0: 'deaf' does not stop and holds the GPU. Terminate the other ring kernels \(doubler\)/)
    await good.terminate()
    await works()
  })

  test('one that is busy when others are loaded is named, and the others go on', async () => {
    const [busy, good] = [await runtime.spawn(looping), await runtime.spawn(doubler)]
    await busy.send({ v: 1, n: 13 })
    await isInside(busy)
    await expect(runtime.launch(doubler, { id: 'second' })).rejects.toThrow(/have to park for a moment, and 'looping' did not come to a receive or send within 1000 ms/)
    expect(await good.ask({ v: 2, n: 0 })).toEqual({ v: 4, n: 1 })
  })
})

describe('room on the GPU', () => {
  const wide = { threads: 1024 }
  test('a launch that cannot be resident is refused with what is in the way, and works once there is room', async () => {
    asNew({ RINGLAB_SIM_SMS: '1' })
    const busy = kernel('busy', answer, { ...wide, start: 'say(a.control, RL_WAITS_FOR, RL_WAITS_FOR_NOTHING);' })
    const first = await runtime.spawn(busy)
    await runtime.spawn(busy, { id: 'busy-2' })
    const third = await runtime.launch(busy, { id: 'busy-3' })
    await expect(third.activate()).rejects.toThrow("ring kernel 'busy-3' has no room on cuda:0: 2 are resident on its 1 multiprocessors (busy, busy-2); deactivate or terminate one of them.")
    expect(third.state).toBe('LAUNCHED')
    await first.deactivate()
    await third.activate()
    expect(await third.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: 1 })
  })

  test('idle ones make room by themselves, and come back for their messages', async () => {
    asNew({ RINGLAB_SIM_SMS: '1' })
    const idle = kernel('idle', answer, wide)
    const actors: RingKernel[] = []
    for (let i = 0; i < 4; i++) actors.push(await runtime.spawn(idle, { id: `idle-${i}` }))
    for (let round = 1; round <= 3; round++) for (const actor of actors) expect(await actor.ask({ v: round, n: 0 })).toEqual({ v: 2 * round, n: round })
  })

  test('where the system ends long kernels, it parks and is launched again before that, and no message is lost', async () => {
    asNew({ RINGLAB_SIM_ATTRIBUTES: '17=1' })
    const actor = await runtime.spawn(doubler)
    const launches = gpu.counts().launches
    let asked = 0
    while (gpu.counts().launches < launches + 2) expect(await actor.ask({ v: 1, n: 0 })).toEqual({ v: 2, n: ++asked })
  })

  test('without messages for five seconds it leaves the GPU, and the next message brings it back', async () => {
    const actor = await runtime.spawn(doubler)
    await vi.waitFor(() => { expect(gpu.counts().runningGrids).toBe(0) }, { timeout: 10_000, interval: 100 })
    expect(actor.state).toBe('ACTIVE')
    expect(await actor.ask({ v: 3, n: 0 })).toEqual({ v: 6, n: 1 })
  })
})

function queued(actor: unknown): unknown[] { return (actor as Actor).peekQueued('input', 10) }

function damageCache(): void {
  const folder = join(cacheFolder, 'ringlab', 'kernels')
  if (existsSync(folder)) for (const file of readdirSync(folder)) writeFileSync(join(folder, file), 'damaged')
}

/** Resolves once a kernel has said that it is inside its loop. */
async function isInside(actor: unknown): Promise<void> {
  const { block } = actor as Actor
  await vi.waitFor(() => { expect(Atomics.load(block.arena.words, (block.offset >>> 2) + word.heartbeat)).toBe(77) }, { timeout: 5000, interval: 5 })
}
