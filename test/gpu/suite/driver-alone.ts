// One task with the driver alone, in a process that may be killed: `arena`, `resident`, `many:N`, or `beside:CALL,CALL…`, which times calls beside a resident
// kernel and says before each that it begins.
import { writeSync } from 'node:fs'
import { Bare, KERNELS_MAX, alignedWords, drained } from './bare.js'

const task = process.argv[2] ?? ''
const say = (text: string): void => { writeSync(1, `${text}\n`) }
const bare = new Bare()
const { cuda } = bare
const resident = cuda.streamCreate()
const BYTES = 1 << 20
/** What is pinned must stay alive. */
const memories: Int32Array[] = []

if (task === 'arena') {
  bare.launch('pingpong', resident)
  const answer = bare.pingpong(1, 41)
  bare.stop(resident)
  if (answer !== 42) throw new Error(`the kernel answered ${String(answer)} instead of 42`)
  say('cuMemHostRegister works: the kernel read 41 and answered 42')
  bare.close()
} else if (task === 'resident') {
  if (!bare.reside(resident)) throw new Error('the kernel did not start within 5 s')
  say('resident')
  setInterval(() => undefined, 1000)
} else if (task.startsWith('many:')) {
  many(Math.min(Number(task.slice(5)), KERNELS_MAX))
} else {
  const acts = prepared()
  for (const call of task.replace('beside:', '').split(',')) {
    const act = acts[call]
    if (act === undefined) throw new Error(`there is no call ${call} in the list`)
    // Once without a resident kernel: what the driver does on first use is not what is asked for.
    const alone = timed(() => { act(0) })
    if (!bare.reside(resident)) throw new Error('the kernel did not start within 5 s')
    say(`begin ${call}`)
    let said: string
    try { said = `${timed(() => { act(1) })}` } catch (error) { said = (error as Error).message }
    bare.stop(resident)
    say(`done ${call} ${alone} ${said}`)
  }
  say('all')
}

function timed(act: () => void): number {
  const started = performance.now()
  act()
  return Number((performance.now() - started).toFixed(3))
}

/** The calls, each with what it needs made before: to be done twice. */
function prepared(): Readonly<Record<string, (turn: 0 | 1) => void>> {
  const second = cuda.streamCreate()
  const device = cuda.allocate(BYTES)
  const pinned = cuda.hostAllocate(BYTES)
  const loose = twice(() => cuda.allocate(BYTES))
  const looseHost = twice(() => cuda.hostAllocate(BYTES))
  const unregistered = twice(() => cuda.addressOf(kept(alignedWords(BYTES))))
  const registered = twice(() => { const at = cuda.addressOf(kept(alignedWords(BYTES))); cuda.hostRegister(at, BYTES); return at })
  const modules = twice(() => bare.load())
  const streams = twice(() => cuda.streamCreate())
  const bytes = new Uint8Array(BYTES)
  return {
    moduleLoad: () => { bare.load() },
    allocate: () => { cuda.allocate(BYTES) },
    hostAllocate: () => { cuda.hostAllocate(BYTES) },
    hostRegister: (turn) => { cuda.hostRegister(unregistered[turn], BYTES) },
    streamCreate: () => { cuda.streamCreate() },
    eventCreate: () => { cuda.eventCreate() },
    copyToDeviceAsync: () => { cuda.copyToDeviceAsync(device, pinned, BYTES, second); drained(cuda, second) },
    copyToHostAsync: () => { cuda.copyToHostAsync(pinned, device, BYTES, second); drained(cuda, second) },
    fillAsync: () => { cuda.fillAsync(device, 0, BYTES, second); drained(cuda, second) },
    launchBeside: () => { bare.launch('empty', second, 1); drained(cuda, second) },
    // The first time it takes its local memory, which is what would block: alone, a small kernel stands for it.
    launchWithMoreLocalMemory: (turn) => { bare.launch(turn === 0 ? 'empty' : 'deep', second, 1); drained(cuda, second) },
    copyToDevice: () => { cuda.copyToDevice(device, bytes) },
    streamDestroy: (turn) => { cuda.streamDestroy(streams[turn]) },
    hostUnregister: (turn) => { cuda.hostUnregister(registered[turn]) },
    hostFree: (turn) => { cuda.hostFree(looseHost[turn]) },
    free: (turn) => { cuda.free(loose[turn]) },
    moduleUnload: (turn) => { cuda.moduleUnload(modules[turn]) },
  }
}

function twice<T>(make: () => T): readonly [T, T] { return [make(), make()] }

function kept(words: Int32Array): Int32Array { memories.push(words); return words }

/** So many kernels in streams of their own, all at once; then a copy beside them. */
function many(count: number): void {
  const streams = Array.from({ length: count }, () => cuda.streamCreate())
  const copying = cuda.streamCreate()
  const device = cuda.allocate(BYTES)
  const pinned = cuda.hostAllocate(BYTES)
  const started = performance.now()
  let running = 0
  for (const [which, stream] of streams.entries()) if (bare.reside(stream, which, 2000)) running++; else break
  const residentMs = performance.now() - started
  say(`running ${running} ${residentMs.toFixed(3)}`)
  if (running === count) say(`copied ${timed(() => { cuda.copyToDeviceAsync(device, pinned, BYTES, copying); cuda.copyToHostAsync(pinned, device, BYTES, copying); drained(cuda, copying) })}`)
  for (const [which, stream] of streams.slice(0, running).entries()) bare.stop(stream, which)
  say('all')
  process.exit(0)
}
