// What other threads may read of a running ring kernel: its counters in the arena, and the row that says where they are.
// Read-only by construction: the wire worker, the figures and telemetry look through this file and never write.

/** Where one live ring kernel's counters lie. Plain data: posted to other threads beside the arena's SharedArrayBuffer. */
export interface ActorRow {
  readonly id: string
  readonly device: string
  readonly arena: SharedArrayBuffer
  /** Byte offset of the control block in the arena. */
  readonly controlOffset: number
  readonly inputCapacity: number
  readonly outputCapacity: number
}

/** One look at a ring kernel's counters. Depths in messages, `processed` … since launch. */
export interface ActorCounters {
  readonly state: 'CREATED' | 'LAUNCHED' | 'ACTIVE' | 'DEACTIVATED' | 'TERMINATING' | 'TERMINATED' | 'FAILED'
  readonly inputDepth: number; readonly outputDepth: number
  readonly inputDepthMax: number; readonly outputDepthMax: number
  readonly processed: number; readonly sent: number; readonly dropped: number; readonly errors: number
}
