// The entry of a GPU's thread: takes what main asks, in order, and answers. All calls into the CUDA driver and its compiler happen in this thread.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { CudaError } from '../../driver/index.js'
import { workerWord } from '../cpu/worker-line.js'
import { clockEntry, clockText } from './gpu-clock.js'
import { Gpu } from './gpu.js'
import { KernelCompiler } from './kernel-compiler.js'
import { Loader } from './loader.js'
import type { Asks, FromGpu, GpuStart, ToGpu } from './letters.js'
import { Loop } from './loop.js'
import { OneShots } from './one-shots.js'
import { Refusal } from './refusal.js'

const start = workerData as GpuStart
const port = parentPort
if (port === null) throw new Error('this file runs in the thread of a GPU only')
const words = new Int32Array(start.lines)
const loop = new Loop(start.lines)
let gpu: Gpu | undefined
let loader: Loader | undefined
let oneShots: OneShots | undefined
/** What makes the first launch quick, done while nothing else is: the compiler holds this thread. */
const chores: (() => void)[] = []

// A referenced port keeps this thread's event loop from ending.
port.ref()
void loop.run({ readMail, look: () => gpu?.look() ?? false, rest })

/** How long this thread sleeps when there is no GPU to look at, ms: letters ring. */
const REST_MS_MAX = 1_000

/** How long to sleep now. */
function rest(stillMs: number): number {
  if (gpu === undefined) return REST_MS_MAX
  const chore = gpu.isEmpty ? chores.shift() : undefined
  if (chore === undefined) return gpu.rest(stillMs)
  try { chore() } catch (error) { if (!(error instanceof Refusal)) throw error }
  return 0
}

function post(letter: FromGpu): void { port?.postMessage(letter) }

function readMail(): boolean {
  if (port === null) return false
  const letter = receiveMessageOnPort(port) as { message: ToGpu } | undefined
  if (letter === undefined) return false
  words[workerWord.mailRead] = ((words[workerWord.mailRead] as number) + 1) | 0
  void read(letter.message)
  return true
}

async function read(letter: ToGpu): Promise<void> {
  if (letter.kind === 'forget') { gpu?.forget(letter.actor); return }
  if (letter.kind === 'release') { gpu?.memory.release(letter.block); return }
  if (letter.kind === 'giveUp') { oneShots?.giveUp(letter.run); return }
  try {
    post({ kind: 'answer', ticket: letter.ticket, value: await answer(letter) })
  } catch (error) {
    gpu?.noteLoss(error)
    const cause = error instanceof Refusal ? (error.cause as Error | undefined) : error instanceof Error ? error : undefined
    post({ kind: 'refused', ticket: letter.ticket, sentence: error instanceof Error ? error.message : String(error), cause: cause === undefined ? undefined : plain(cause) })
  }
}

async function answer(letter: Exclude<ToGpu, { kind: 'forget' | 'release' | 'giveUp' }>): Promise<Asks[typeof letter.kind]['answer']> {
  if (letter.kind === 'open') {
    gpu = new Gpu(start.ordinal, loop, post)
    const compiler = new KernelCompiler(gpu.driver.version, gpu.facts.computeCapability, gpu.driver)
    loader = new Loader(gpu, compiler)
    oneShots = new OneShots(gpu, loop, compiler)
    chores.push(() => { compiler.prepare('protocol') }, () => { compiler.compile(clockEntry, clockText()) }, () => { compiler.prepare('numbers') })
    return gpu.description
  }
  if (gpu === undefined || loader === undefined || oneShots === undefined) throw new Refusal('the GPU was not opened')
  switch (letter.kind) {
    case 'join': gpu.bells.set(letter.runtime, { words: new Int32Array(letter.bellArena), at: letter.bell >>> 2 }); return null
    case 'leave': await gpu.leave(letter.runtime); return null
    case 'launch': return loader.load(letter)
    case 'force': { const actor = gpu.actors.get(letter.actor); return actor === undefined ? 'obeyed' : gpu.force(actor, letter.outcome) }
    case 'restart': return letter.launch === undefined ? loader.restart(letter) : loader.exchange(letter, letter.launch)
    case 'run': return oneShots.run(letter)
    case 'save': return loader.save(letter.actor)
    case 'wire': await loader.wire(letter); return null
    case 'allocate': return gpu.memory.allocate(letter.bytes)
    case 'clear': await gpu.memory.clear(letter.block); return null
    case 'upload': await gpu.memory.upload(letter.block, letter.offset, letter.bytes); return null
    case 'pin': return gpu.memory.hosts.pin(letter.host, letter.offset, letter.bytes)
    case 'unpin': await gpu.memory.hosts.unpin(letter.pin); return null
    case 'download': {
      const into = typeof letter.into === 'number' ? new Uint8Array(letter.into) : letter.into
      await gpu.memory.download(letter.block, letter.offset, into)
      return typeof letter.into === 'number' ? into as Uint8Array : null
    }
    case 'close': chores.length = 0; gpu.close(); gpu = undefined; return null
  }
}

/** An error's words without its class, which cloning would lose anyway; what the driver said stays readable by programs. */
function plain(error: Error): Error {
  const clone = new Error(error.message)
  clone.name = error.name
  clone.stack = error.stack ?? ''
  return error instanceof CudaError ? Object.assign(clone, { status: error.status, call: error.call }) : clone
}
