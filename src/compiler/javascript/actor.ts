// What emitted JavaScript asks of the ring kernel it runs in: the contract between the text and whoever runs it. Shapes and numbers only.
//
// The text is one function that runs until a suspension point cannot go on. It then has its place (`pc`) and its live locals in the frame, and returns one of
// `left`; called again, it loads them and goes on from there. It never throws, yields or awaits, and every offset it is given is a byte offset in `memory`.

/** Why the function returned. Waiting calls that have no message to give answer with the complement of one of these, which is below 0. */
export const left = { turn: 0, input: 1, room: 2, stopped: 3, faulted: 4, returned: 5 } as const

/** Rounds of loops between two looks for a stop command. */
export const FUEL = 4096

export interface JavaScriptActor {
  /** Where the frame to load lies, and the one to write before `keep`: never the same, so that a thread lost at any instruction leaves one that is whole. */
  readonly frame: number
  readonly bank: number
  /** The frame in `bank` is complete: it counts from now on, together with every message taken and placed so far. */
  keep(): void
  /** The message in hand is finished. */
  finish(): void
  /** Offset of the payload of the message in hand; anything when there is none. */
  readonly hand: number
  /** Takes the next message in hand: the offset of its payload, or below 0. The frame has just been kept. */
  receive(): number
  /** As `receive`; `none` when the queue is empty. */
  tryReceive(): number
  /** False also when it is time to keep the frame, or to leave. */
  hasRoom(port: number, count: number): boolean
  /** The frame has just been kept: `GO_ON` when there is room after all, else why to return. */
  awaitRoom(port: number, count: number): number
  /** The payload of the next output; then its fields are stored, and `placed` says so. */
  place(port: number): number
  placeWith(port: number, correlationId: bigint | undefined, priority: number, timeToLiveMs: number): number
  placed(port: number): void
  /** Fuel for further rounds; 0 when the body has to stop. */
  refuel(): number
  /** `index` is the iteration of a one-shot kernel. */
  fault(site: number, value: number | bigint | boolean | undefined, index?: number): number
  log(site: number, ...values: (number | bigint | boolean)[]): void
  shouldTerminate(): boolean
  nowNs(): number
  id(): bigint
  correlationId(): bigint
  priority(): number
  sender(): number
  sentAtNs(): bigint
  timeToLiveMs(): number
}

/** What `tryReceive` answers when there is no message: below every complement of `left`. */
export const NONE = -8

/** What `awaitRoom` answers when the body need not leave. */
export const GO_ON = -1

/** Memory that is not the ring kernel's own. */
export interface ForeignMemory { readonly memory: ArrayBufferLike; readonly offset: number; readonly count: number }

/** What the factory that the text evaluates to is given, and makes: the function, as above; of a one-shot kernel, one that runs `count` iterations. */
export interface JavaScriptPlaces {
  /** The arena's memory: rings, state and frame. */
  readonly memory: ArrayBufferLike
  readonly state: number
  /** Where regions lie: they are not banked. */
  readonly regions: number
  readonly constants: Uint8Array
  readonly buffers: readonly ForeignMemory[]
  readonly arguments: ForeignMemory | undefined
}

export type JavaScriptFactory = (actor: JavaScriptActor, places: JavaScriptPlaces, numeric: object) => (count?: number) => number
