// One ring kernel of a CUDA device, as the runtime holds it on the main thread.
import type { CompiledSite } from '../../compiler/compiled.js'
import type { DeviceActor, Edge, LaunchPlan, Restart, SavedBody, Wiring } from '../../runtime/device.js'
import { DeviceError } from '../../runtime/errors.js'
import { tellFailed, tellGivenUp } from '../body/letters.js'
import { faultAt } from '../body/fault-text.js'
import { resetBody } from '../body/reset-body.js'
import { keptState } from '../body/kept-frame.js'
import { blockNumber } from './cuda-memory.js'
import type { GpuThread } from './gpu-thread.js'
import type { EdgeAsk, GpuEvent, LaunchAsk, Launched } from './letters.js'

/** How long the GPU's thread may take to take a ring kernel off, ms: its own deadlines, and what it may be busy with. */
const FORCE_MS_MAX = 4_000
/** How long new connections may take, ms: everybody on the GPU parks for them. */
const WIRE_MS_MAX = 5_000
/** How long the GPU's thread may take to start a body again, ms. */
const RESTART_MS_MAX = 5_000
/** How long reading its frame may take, ms: everybody on the GPU parks for that, too. */
const SAVE_MS_MAX = 5_000
/** Of the frame's head: the ring of the message in hand. */
const HAND_WORD = 1
/** How long other code may take, ms: it is compiled first. */
const EXCHANGE_MS_MAX = 60_000

export class CudaActor implements DeviceActor {
  /** A resident kernel polls its ring itself. */
  readonly spinWorthwhile = true
  plan: LaunchPlan
  readonly number: number
  devicePointer: bigint | undefined
  readonly #thread: GpuThread
  #sites: readonly CompiledSite[]
  readonly #askFor: (plan: LaunchPlan, number: number) => LaunchAsk
  #wasAbandoned = false
  #isOver = false
  #refusal: Error | undefined
  #isTold = false
  #madeHow = ''

  constructor(thread: GpuThread, plan: LaunchPlan, number: number, sites: readonly CompiledSite[], askFor: (plan: LaunchPlan, number: number) => LaunchAsk) {
    this.#askFor = askFor
    this.#sites = sites
    this.#thread = thread
    this.plan = plan
    this.number = number
    thread.listen(number, (event) => this.#heard(event))
  }

  /** It is loaded; what that took is told once it runs. */
  launched({ compiledMs, isCached, wasWhole, pointer }: Launched): void {
    this.devicePointer = pointer
    const inOnePiece = wasWhole === undefined ? '' : ` in one piece, because it could not be linked: ${wasWhole}`
    this.#madeHow = isCached ? ' (cached)' : compiledMs > 0 ? ` (compiled ${Math.max(1, Math.round(compiledMs))} ms${inOnePiece})` : ''
  }

  takeRefusal(): Error | undefined {
    const refusal = this.#refusal
    this.#refusal = undefined
    return refusal
  }

  /** It runs: the cell that launched it is told where, once. */
  running(): void {
    if (this.#isTold) return
    this.#isTold = true
    this.plan.log(`${this.plan.id}: resident on ${this.#thread.name}${this.#madeHow}`)
  }

  wake(): void { this.#thread.wake() }

  async force(outcome: 'gone' | 'parked'): Promise<void> {
    try {
      const answer = await this.#thread.ask('force', { actor: this.number, outcome }, FORCE_MS_MAX)
      if (answer === 'abandoned') this.#wasAbandoned = true
    } catch (error) {
      // The thread itself hangs or is gone: its ring kernel is, for all that anybody can tell, still there.
      this.#wasAbandoned = true
      this.plan.log(error instanceof Error ? error.message : String(error))
    }
  }

  async wire({ inputs, outputs }: Wiring): Promise<void> {
    await this.#thread.ask('wire', { actor: this.number, inputs: inputs.map(edgeAsk), outputs: outputs.map((edges) => edges.map(edgeAsk)) }, WIRE_MS_MAX)
  }

  async restart(how: Restart): Promise<boolean> {
    const plan = how.code === undefined ? this.plan : { ...this.plan, ...how.code, initial: undefined }
    const launch = how.code === undefined ? undefined : this.#askFor(plan, this.number)
    const answer = await this.#thread.ask('restart', { actor: this.number, keepState: how.keepState, keepFrame: how.keepFrame, launch }, launch === undefined ? RESTART_MS_MAX : EXCHANGE_MS_MAX)
    if (answer === 'holding') return false
    this.plan = plan
    if (launch !== undefined) this.#sites = launch.sites
    // What the grid brought of its state when it ended is what the host sees of it until it ends again.
    resetBody(this.plan.block, how)
    this.#isOver = false
    return true
  }

  async save(): Promise<SavedBody> {
    const { frame, rings, nowNs } = await this.#thread.ask('save', { actor: this.number }, SAVE_MS_MAX)
    // The declared state was copied to the arena when it parked.
    return { ...(this.plan.preparation?.frameHash !== undefined ? savedFrame(frame, rings, this.plan.definition.cuda !== undefined) : {}), nowNs, state: keptState(this.plan.block) }
  }

  forget(): boolean {
    this.#isOver = true
    this.#thread.post({ kind: 'forget', actor: this.number })
    return !this.#wasAbandoned
  }

  #heard(event: GpuEvent): void {
    switch (event.kind) {
      // What it logged last may arrive after its end.
      case 'log': this.plan.log(event.line); return
      case 'deadLetter': tellGivenUp(this.plan, this.#sites, event.letter); return
      case 'forgotten': this.#thread.unlisten(this.number); return
      case 'declined': case 'returned': case 'faulted': case 'failed': if (!this.#isOver) this.#decided(event)
    }
  }

  #decided(event: Extract<GpuEvent, { kind: 'declined' | 'returned' | 'faulted' | 'failed' }>): void {
    switch (event.kind) {
      case 'declined': this.#refusal = new DeviceError(this.#thread.name, event.sentence); this.plan.answered(); return
      case 'returned': this.#isOver = true; this.plan.returned(); return
      case 'faulted': this.#isOver = true; tellFailed(this.plan, faultAt(this.#sites[event.site], event.value), event.letter); return
      case 'failed':
        this.#isOver = true
        this.plan.failed({ error: new DeviceError(this.#thread.name, event.sentence, event.cause === undefined ? undefined : { cause: event.cause }), place: undefined })
    }
  }
}

/** A body that was written by hand keeps in its frame what it likes; nothing at all before it began. */
function savedFrame(frame: Uint8Array, rings: readonly number[], isByHand: boolean): Pick<SavedBody, 'frame' | 'hand'> {
  if (frame.every((byte) => byte === 0)) return {}
  if (isByHand) return { frame }
  const head = new Uint32Array(frame.buffer, frame.byteOffset, 2)
  const ring = head[HAND_WORD] as number
  // The kernel counts rings from 1. Whoever takes the frame over finds the message in the host's.
  head[HAND_WORD] = Math.min(ring, 1)
  return { frame, hand: ring === 0 ? undefined : rings[ring - 1] }
}

function edgeAsk({ number, at, capacity, payloadBytes }: Edge): EdgeAsk {
  const place = at.kind === 'device' ? { kind: 'device', block: blockNumber(at.block) } as const : { kind: 'arena', arena: at.block.arena.memory, offset: at.block.offset, bytes: at.block.bytes } as const
  return { number, at: place, capacity, payloadBytes }
}
