// Turns a row of columns into a message and back, through one slot of private memory. For the rare output that left its ring as a message
// and is wanted as a row, or the other way round.
import type { Codec } from '../schema/index.js'

export interface RowScratch {
  readonly rowFromMessage: (message: unknown, columns: Record<string, unknown>, row: number) => void
  readonly messageFromRow: (columns: Record<string, unknown>, row: number) => unknown
}

export function rowScratch(codec: Codec): RowScratch {
  let memory: ArrayBuffer | undefined
  const scratch = (): ArrayBuffer => (memory ??= new ArrayBuffer(Math.ceil(codec.bytes / 8) * 8))
  return {
    rowFromMessage: (message, columns, row) => {
      codec.bind(scratch()).write(0, message)
      codec.bindColumns(scratch()).readRow(0, columns, row)
    },
    messageFromRow: (columns, row) => {
      codec.bindColumns(scratch()).writeRow(0, columns, row)
      return codec.bind(scratch()).read(0)
    },
  }
}
