// Private copies of outputs that have to wait for room.
import type { BoundCodec, Codec } from '../../schema/index.js'
import type { CopyOutput } from './runner.js'

/** Copies by writing to memory of its own and reading back, so that the copy is what the receiver would get. */
export function outputCopier(format: Codec): CopyOutput {
  let scratch: BoundCodec | undefined
  return (message) => {
    scratch ??= format.bind(new ArrayBuffer(Math.ceil(format.bytes / 8) * 8))
    scratch.write(0, message)
    return scratch.read(0)
  }
}
