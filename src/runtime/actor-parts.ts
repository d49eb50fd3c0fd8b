// What the runtime makes an actor of.
import type { Block } from '../ring/arena.js'
import type { ColumnCodec } from '../schema/index.js'
import type { Actor } from './actor.js'
import type { HostBell } from './bell.js'
import type { Connections } from './connections.js'
import type { Definition } from './definition.js'
import type { ActorDevice, Preparation } from './device.js'
import type { DeadLetters } from './dead-letters.js'
import type { InputEdge } from './input-edge.js'
import type { OutputStream } from './output-stream.js'

export interface ActorParts {
  readonly id: string
  /** The order of launches in the runtime. */
  readonly number: number
  readonly place: ActorDevice
  readonly definition: Definition
  readonly preparation: Preparation | undefined
  readonly block: Block
  readonly edge: InputEdge
  readonly stream: OutputStream
  readonly bell: HostBell
  readonly inputColumns: () => ColumnCodec
  readonly outputColumns: () => ColumnCodec
  /** Between a row of columns and a message, for the rare output that already left the ring. */
  readonly rowFromMessage: (message: unknown, columns: Record<string, unknown>, row: number) => void
  readonly inputFromRow: (columns: Record<string, unknown>, row: number) => unknown
  readonly messageFromRow: (columns: Record<string, unknown>, row: number) => unknown
  readonly log: (line: string) => void
  /** Of the runtime. */
  readonly deadLetters: DeadLetters
  readonly connections: Connections
  /** Memory of the runtime's arenas. */
  readonly allocate: (bytes: number) => Block
  readonly release: (block: Block) => void
  /** The life cycle moved on; at an end, the runtime takes the memory back. */
  readonly changed: (actor: Actor) => void
}
