// The control block of one ring kernel: which word lies where, and who may write it. Layout only: no code here reads or waits.
//
// Lines of 128 bytes have one writer each, so that two sides never share a cache line they both write (128, not 64: adjacent-line
// prefetch on x86 pairs lines, and a GPU reads sectors of 32 within lines of 128). No invariant spans two words: a peer may read
// one line with one 16-byte load that is atomic per element only.

/** Bytes of a line that has one writer. */
export const LINE_BYTES = 128

/** The page everything is aligned to: what the CUDA driver pins, and what the operating system commits on first touch. */
export const PAGE_BYTES = 4096

/** Bytes of a whole control block: one page. */
export const CONTROL_BYTES = PAGE_BYTES

/** Word indices (4 bytes each) from the block's start. */
export const word = {
  // Line 0, written by the host; `epoch` by whoever runs the device for it: a kernel that was launched under another epoch parks.
  inTail: 0, outHead: 1, command: 2, epoch: 3,
  // Line 1, written by the device.
  inHead: 32, outTail: 33, state: 34, heartbeat: 35, waitsFor: 36,
  // Of a ring kernel that waits on a ring between ring kernels: that ring's number, else 0. Of one that failed: the fault's site + 1, and the input index of its message.
  waitsEdge: 37, faultSite: 38, faultIndex: 39, logDropped: 42,
  // Of a grid that ended: which device state it leaves behind, published in `state` once the grid is gone; and whether its body returned by itself (1).
  outcome: 43, endedBy: 44,
  // For how many outputs at once a ring kernel waits for room in the ring that `waitsEdge` names.
  waitsCount: 45,
  // Line 2, the shape of the rings: written once by the host before the device sees the block.
  magic: 64, layoutVersion: 65,
  inputCapacity: 66, inputStride: 67, inputOffset: 68,
  outputCapacity: 69, outputStride: 70, outputOffset: 71,
  stateOffset: 72, stateBytes: 73,
  // Where a compiled body keeps its place and locals, when that is in this block.
  frameOffset: 74, frameBytes: 75,
  // Line 3, written by the host: the life cycle as the host knows it, and what waits or was dropped on its side.
  // `queueDepthMax`: the most messages that lay in its ring or waited for room in it at once.
  lifeCycle: 96, admissionDepth: 97, stashDepth: 98, queueDepthMax: 99,
  // Line 4, written by the device.
  outDepthMax: 139,
  // Whether a body that is parked holds a message it has not finished: 1, else 0.
  holds: 148,
  // From line 5: how often each latency was seen, written by the device (see histogram.ts).
  histogram: 160,
} as const

/**
 * Indices of 8-byte floats from the block's start. Counters are doubles: exact up to 2⁵³, one aligned store, and no wrap
 * (a u32 wraps after seven minutes at ten million messages a second).
 */
export const double = {
  // Line 1, device: the value that a fault reports.
  faultValue: 20,
  // Line 3, host. `hostExpired` and `hostDuplicates` never reached the device; dead letters and restarts are counted where they are decided.
  hostDropped: 51, hostSent: 52, hostExpired: 53, hostDuplicates: 54, deadLetters: 55, restarts: 56,
  // Line 4, device.
  processed: 64, sent: 65, dropped: 66, errors: 67, latencyNsMax: 68,
  // Messages whose time-to-live ended while they lay in a ring.
  expired: 70,
  // The last time of the device's hybrid clock, so that another thread goes on from it; how often a sender's was too far ahead to be believed.
  clock: 71, skewed: 72,
  // Messages given up of which the device could tell no more than this.
  lettersLost: 73,
  // When a body that runs as it is was first activated, ns.
  activated: 75,
} as const

/** "RING" in ASCII: a peer that reads anything else was given a wrong address. */
export const CONTROL_MAGIC = 0x52494e47
export const LAYOUT_VERSION = 1

/** What the host asks of the device. */
export const command = { idle: 0, run: 1, park: 2, stop: 3, drain: 4 } as const
/** What the device answers. */
export const deviceState = { absent: 0, launched: 1, running: 2, parked: 3, done: 4, failed: 5 } as const

/** What a ring kernel that cannot go on waits for (`word.waitsFor`): a host that makes room wakes it. */
export const waitsFor = { nothing: 0, input: 1, outputRoom: 2 } as const

/** Life cycle names by their code in `word.lifeCycle`. */
export const lifeCycleNames = ['CREATED', 'LAUNCHED', 'ACTIVE', 'DEACTIVATED', 'TERMINATING', 'TERMINATED', 'FAILED'] as const

/** The views through which one thread sees one arena. Made once: a typed array per access would cost more than the access. */
export interface ArenaViews {
  readonly memory: SharedArrayBuffer
  readonly words: Int32Array
  readonly doubles: Float64Array
  readonly bytes: Uint8Array
}

export function viewsOf(memory: SharedArrayBuffer): ArenaViews {
  return { memory, words: new Int32Array(memory), doubles: new Float64Array(memory), bytes: new Uint8Array(memory) }
}
