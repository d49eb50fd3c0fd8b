// The CPU device: ring kernels in worker threads that poll the arena, several to a worker as blocks share a GPU.
//
// Supervision: a worker held by one body is replaced once another ring kernel of it has waited too long, or at a deadline of the runtime. The others go on
// where they were, since their rings and their state lie in the arena; the one that held it goes on in a worker of its own, where it holds nobody.
import type { Codec, Schema } from '../../schema/index.js'
import type { Definition } from '../../runtime/definition.js'
import type { ActorDevice, DeviceHost, Fault, KernelPlan, LaunchPlan } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { pooled, type PooledMemory } from '../../runtime/memory-pool.js'
import { codeOf, requireRoom } from '../body/compiled-code.js'
import { framePlaces } from '../body/emitted-frame.js'
import { keepFrame, keepState } from '../body/kept-frame.js'
import { sharedMemory } from '../body/shared-memory.js'
import type { CpuPreparation } from './assignment.js'
import { CpuActor } from './cpu-actor.js'
import { CpuWorker } from './cpu-worker.js'
import { HeldWatch } from './held-watch.js'
import { CpuKernels } from './kernels.js'
import { cpuFormat } from './formats.js'
import { Placement } from './placement.js'
import type { FromWorker } from './letters.js'

/** How long a ring kernel may wait for one that holds their worker, ms. */
const STARVING_MS_MAX = 1_500
const SUPERVISION_MS = 250
/** How long a worker that is not stuck may take to read a letter, ms. */
const ANSWER_MS_MAX = 250
/** How long taking over a ring kernel may last, ms: a worker's start and, at worst, the replacement of a stuck one included. */
const LAUNCH_MS_MAX = 15_000
/** Crashes of its worker that a ring kernel is carried over; after that it is taken for their cause. */
const RESTARTS_MAX = 5

export class CpuDevice implements ActorDevice {
  readonly name = 'cpu'
  readonly memory: PooledMemory
  readonly edgesIn = 'arena'
  readonly edgesDrop = true
  readonly #host: DeviceHost
  /** Workers that take further ring kernels. */
  readonly #shared = new Set<CpuWorker>()
  /** Workers of one ring kernel that held a shared one. */
  readonly #alone = new Set<CpuWorker>()
  readonly #actors = new Map<number, CpuActor>()
  /** Ended; what they logged last may still be on its way. */
  readonly #leaving = new Map<number, CpuActor>()
  /** Letters somebody waits for, by kind and number. */
  readonly #answers = new Map<string, (letter: FromWorker | undefined) => void>()
  readonly #kernels = new CpuKernels()
  readonly #placement: Placement
  readonly #held = new HeldWatch(() => [...this.#shared, ...this.#alone], (number) => this.#actors.get(number))
  readonly #supervision: NodeJS.Timeout

  constructor(host: DeviceHost) {
    this.#host = host
    this.#placement = new Placement(host.cpu, this.#shared, () => this.#open(this.#shared))
    this.memory = pooled('cpu', sharedMemory('cpu'), host.memory)
    this.#supervision = setTimeout(() => this.#supervise(), SUPERVISION_MS).unref()
  }

  format(schema: Schema): Codec { return cpuFormat(schema) }

  async prepare(definition: Definition): Promise<CpuPreparation> {
    const code = await codeOf(definition)
    const { compiled } = code
    if (compiled === undefined) return { code, frameBytes: 0 }
    requireRoom(compiled, definition, 'cpu')
    return { code, frameBytes: framePlaces(compiled, 0).bytes, writtenBuffers: compiled.writtenBuffers, frameHash: compiled.frame.hash }
  }

  async launch(plan: LaunchPlan): Promise<CpuActor> {
    const { compiled } = (plan.preparation as CpuPreparation).code
    keepState(plan.block, plan.initial?.state)
    if (compiled !== undefined && plan.initial !== undefined) keepFrame(compiled, plan.block, plan.initial)
    const actor = new CpuActor(this, plan)
    this.#actors.set(plan.number, actor)
    try { await this.#assigned(actor, false) } catch (error) { this.remove(actor); throw error }
    return actor
  }

  /** The body starts again, in its worker where that is still there. @throws DeviceError, or what the body's making threw. */
  assignAnew(actor: CpuActor): Promise<void> { return this.#assigned(actor, true) }

  runKernel(plan: KernelPlan): Promise<void> { return this.#kernels.run(plan) }

  /** Does the worker of `actor` read its letters? */
  async answers(actor: CpuActor): Promise<boolean> {
    const { worker } = actor
    if (worker === undefined || worker.isEnding) return false
    const letter = await this.#answer('present', actor, ANSWER_MS_MAX, () => worker.post({ kind: 'present', number: actor.plan.number }))
    return letter !== undefined
  }

  async abandon(actor: CpuActor): Promise<void> {
    await this.#answer('abandoned', actor, ANSWER_MS_MAX, () => actor.worker?.post({ kind: 'abandon', number: actor.plan.number }))
  }

  /** Tells the worker of `actor` its connections. @throws DeviceError when it did not take them in time. */
  async rewire(actor: CpuActor): Promise<void> {
    const letter = await this.#answer('wired', actor, LAUNCH_MS_MAX, () => this.#postWiring(actor))
    if (letter === undefined && !actor.isOver) throw new DeviceError('cpu', `ring kernel '${actor.plan.id}' did not take its connections within ${LAUNCH_MS_MAX} ms: its body holds its worker, or holds a message over an await that does not end.`)
  }

  /** Ends a worker and carries its ring kernels over; `holder`, when it goes on, into a worker of its own. */
  async replace(worker: CpuWorker | undefined, holder: CpuActor | undefined): Promise<void> {
    if (worker === undefined || worker.isEnding) return
    this.#dismiss(worker)
    await worker.end()
    for (const [number, actor] of this.#leaving) if (actor.worker === worker) this.#leaving.delete(number)
    this.#carryOver(worker, holder)
  }

  remove(actor: CpuActor): void {
    const { number } = actor.plan
    this.#actors.delete(number)
    const { worker } = actor
    if (worker === undefined) return
    worker.actors.delete(number)
    // Nobody waits any longer for one that is gone.
    this.#answers.get(`wired ${number}`)?.({ kind: 'wired', number })
    if (worker.isEnding) return
    this.#leaving.set(number, actor)
    if (!this.#alone.has(worker)) { worker.post({ kind: 'forget', number }); return }
    this.#dismiss(worker)
    void worker.end().then(() => this.#leaving.delete(number))
  }

  async close(): Promise<void> {
    clearTimeout(this.#supervision)
    this.#held.close()
    await Promise.all([this.#kernels.close(), ...[...this.#shared, ...this.#alone].map((worker) => { this.#dismiss(worker); return worker.end() })])
    // Nobody is left to answer.
    for (const answer of this.#answers.values()) answer(undefined)
  }

  async #assigned(actor: CpuActor, restarts: boolean): Promise<void> {
    const { worker, plan } = actor
    const place = (): CpuWorker => (restarts ? this.#placement.forMoved() : this.#placement.forNew(plan.id))
    const to = worker === undefined || worker.isEnding ? place() : worker
    const letter = await this.#answer('assigned', actor, LAUNCH_MS_MAX, () => this.#assign(actor, to, restarts))
    if (letter?.kind === 'assigned') return
    if (letter?.kind === 'refused') throw faultOf(letter).error
    throw new DeviceError('cpu', `the cpu device did not take ring kernel '${plan.id}' within ${LAUNCH_MS_MAX} ms; the machine may be overloaded: launch it again.`)
  }

  #assign(actor: CpuActor, worker: CpuWorker, restarts = false): void {
    actor.worker = worker
    worker.actors.set(actor.plan.number, actor)
    worker.post({ kind: 'assign', assignment: actor.assignment, restarts })
    // Whoever is connected to it wakes its new worker from now on.
    for (const peer of actor.peers) this.#postWiring(peer)
  }

  #postWiring(actor: CpuActor): void {
    if (!actor.isOver) actor.worker?.post({ kind: 'wire', number: actor.plan.number, wiring: actor.wiring })
  }

  #open(group: Set<CpuWorker>): CpuWorker {
    const worker = new CpuWorker(this.#host, {
      letter: (letter) => this.#read(letter),
      died: (dead, code, cause) => this.#died(dead, code, cause),
      woken: () => this.#held.woken(),
    })
    group.add(worker)
    this.#held.woken()
    return worker
  }

  #dismiss(worker: CpuWorker): void {
    this.#shared.delete(worker)
    this.#alone.delete(worker)
  }

  #carryOver(worker: CpuWorker, holder: CpuActor | undefined): void {
    for (const actor of worker.actors.values()) {
      if (actor.isOver) continue
      actor.restarts++
      const goesOn = actor.isCompiled ? 'goes on' : 'starts anew'
      const kept = actor.isCompiled ? 'with its queue, its state and its locals kept' : 'with its queue and declared state kept'
      actor.plan.log(actor === holder
        ? `ring kernel '${actor.plan.id}' held its worker: it ${goesOn} in a worker of its own, ${kept}`
        : `ring kernel '${actor.plan.id}' ${goesOn}, ${kept}: another ring kernel held or ended its worker`)
      this.#assign(actor, actor === holder ? this.#open(this.#alone) : this.#placement.forMoved())
    }
    worker.actors.clear()
  }

  #read(letter: FromWorker): void {
    const actor = this.#actors.get(letter.number) ?? this.#leaving.get(letter.number)
    switch (letter.kind) {
      case 'forgotten': this.#leaving.delete(letter.number); return
      case 'log': (actor ?? [...this.#actors.values()].at(-1))?.plan.log(letter.line); return
      case 'deadLetter': actor?.gaveUp(letter.letter); return
      case 'returned': if (actor !== undefined && !actor.isOver) { actor.isOver = true; actor.plan.returned() } return
      case 'failed': if (actor !== undefined && !actor.isOver) { actor.isOver = true; actor.failed(faultOf(letter), letter.letter) } return
      case 'refused': this.#answers.get(`assigned ${letter.number}`)?.(letter); return
      case 'assigned':
        this.#answers.get(`assigned ${letter.number}`)?.(letter)
        // Taken over by another worker while connections were on their way: they came with it.
        this.#answers.get(`wired ${letter.number}`)?.(letter)
        return
      case 'wired': case 'abandoned': case 'present': this.#answers.get(`${letter.kind} ${letter.number}`)?.(letter)
    }
  }

  /** Waits for one letter, at most `timeoutMs`; the process stays alive meanwhile. */
  async #answer(kind: 'assigned' | 'wired' | 'abandoned' | 'present', actor: CpuActor, timeoutMs: number, ask: () => void): Promise<FromWorker | undefined> {
    const key = `${kind} ${actor.plan.number}`
    return new Promise((resolve) => {
      const timer = setTimeout(() => { this.#answers.delete(key); resolve(undefined) }, timeoutMs)
      this.#answers.set(key, (letter) => { clearTimeout(timer); this.#answers.delete(key); resolve(letter) })
      ask()
    })
  }

  #supervise(): void {
    // First, because an interrupt in here would end an interval for good.
    this.#supervision.refresh()
    for (const worker of [...this.#shared, ...this.#alone]) {
      // An interrupt between a send and its doorbell, or inside the doorbell, leaves a worker asleep over a message.
      const isStill = worker.isAsleep || worker.heldMs() >= SUPERVISION_MS
      if (isStill && [...worker.actors.values()].some((actor) => actor.isWaitedFor)) worker.nudge()
    }
    for (const worker of this.#shared) {
      if (worker.heldMs() < STARVING_MS_MAX) continue
      const holder = this.#actors.get(worker.running)
      const isStarving = worker.hasUnreadMail || [...worker.actors.values()].some((actor) => actor !== holder && actor.isWaitedFor)
      if (isStarving) void this.replace(worker, holder)
    }
  }

  /** A worker ended by itself: whoever had control is the cause, the others go on elsewhere. */
  #died(worker: CpuWorker, code: number, cause: Error | undefined): void {
    this.#dismiss(worker)
    const culprit = this.#actors.get(worker.running)
    const why = cause === undefined ? `its worker exited with code ${code}: a body must not call process.exit()` : `its worker ended: ${cause.message}`
    for (const actor of worker.actors.values()) {
      if (actor.isOver || (actor !== culprit && actor.restarts < RESTARTS_MAX)) continue
      actor.isOver = true
      actor.plan.failed({ error: new DeviceError('cpu', `ring kernel '${actor.plan.id}' failed: ${why}`, { cause }), place: undefined })
    }
    this.#carryOver(worker, undefined)
  }
}


function faultOf(letter: Extract<FromWorker, { kind: 'failed' | 'refused' }>): Fault {
  const { error, name, place } = letter
  // Cloning keeps an error's words but not its class.
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true })
  return { error, place }
}
