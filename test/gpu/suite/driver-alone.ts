// One task with the driver alone, in a process that may be killed: `arena`, `resident`, or `beside:CALL`, which times one call beside a resident kernel.
import { writeSync } from 'node:fs'
import { Bare, SLOTS_AT } from './bare.js'

const task = process.argv[2] ?? ''
const say = (text: string): void => { writeSync(1, `${text}\n`) }
const bare = new Bare()
const { cuda } = bare
const resident = cuda.streamCreate()

if (task === 'arena') {
  bare.launch('pingpong', resident)
  bare.page[SLOTS_AT / 4] = 41
  Atomics.store(bare.page, 0, 1)
  const until = performance.now() + 5000
  while (Atomics.load(bare.page, 32) !== 1) if (performance.now() > until) throw new Error('the kernel did not answer within 5 s')
  const answer = bare.page[2048 / 4]
  bare.stop(resident)
  if (answer !== 42) throw new Error(`the kernel answered ${String(answer)} instead of 42`)
  say('cuMemHostRegister works: the kernel read 41 and answered 42')
  bare.close()
} else if (task === 'resident') {
  bare.launch('endless', resident)
  say('resident')
  setInterval(() => undefined, 1000)
} else {
  say(timedBeside(task.replace('beside:', '')))
}

/** Milliseconds of one call while a kernel is resident; what the call needs is made before. */
function timedBeside(call: string): string {
  const bytes = 1 << 20
  const second = cuda.streamCreate()
  const device = cuda.allocate(bytes)
  const pinned = cuda.hostAllocate(bytes)
  const other = new Int32Array(new SharedArrayBuffer(bytes))
  const loose = cuda.allocate(bytes)
  const looseHost = cuda.hostAllocate(bytes)
  const registered = new Int32Array(new SharedArrayBuffer(bytes))
  cuda.hostRegister(cuda.addressOf(registered), bytes)
  const further = new Bare()
  const acts: Readonly<Record<string, () => void>> = {
    moduleLoad: () => { new Bare() },
    allocate: () => { cuda.allocate(bytes) },
    free: () => { cuda.free(loose) },
    hostAllocate: () => { cuda.hostAllocate(bytes) },
    hostFree: () => { cuda.hostFree(looseHost) },
    hostRegister: () => { cuda.hostRegister(cuda.addressOf(other), bytes) },
    hostUnregister: () => { cuda.hostUnregister(cuda.addressOf(registered)) },
    copyToDeviceAsync: () => { cuda.copyToDeviceAsync(device, pinned, bytes, second); drain(second) },
    copyToHostAsync: () => { cuda.copyToHostAsync(pinned, device, bytes, second); drain(second) },
    fillAsync: () => { cuda.fillAsync(device, 0, bytes, second); drain(second) },
    streamCreate: () => { cuda.streamCreate() },
    eventCreate: () => { cuda.eventCreate() },
    launchBeside: () => { further.launch('empty', second); drain(second) },
    moduleUnload: () => { further.close() },
  }
  const act = acts[call]
  if (act === undefined) throw new Error(`there is no call ${call} in the list`)
  // Once without a resident kernel would load what is loaded lazily; the driver is told to load eagerly, and this is to be seen.
  bare.launch('endless', resident)
  const started = performance.now()
  act()
  const ms = performance.now() - started
  bare.stop(resident)
  return `${ms.toFixed(3)} ms`
}

function drain(stream: bigint): void {
  const until = performance.now() + 10_000
  while (!cuda.streamIsDone(stream)) if (performance.now() > until) throw new Error('the stream was not done within 10 s')
}
