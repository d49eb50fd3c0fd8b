// What a ring kernel is on a GPU: the compiled body, or the code its author wrote, as the GPU's thread loads it.
import { readFileSync } from 'node:fs'
import type { LaunchPlan } from '../../runtime/device.js'
import type { CudaCode } from '../../runtime/definition.js'
import { DeviceError } from '../../runtime/errors.js'
import { struct, structCodec } from '../../schema/index.js'
import type { LaunchAsk } from './letters.js'

export type Kernel = Pick<LaunchAsk, 'code' | 'entry' | 'frameBytes' | 'stateBytes' | 'scratchBytes' | 'logStride' | 'constants' | 'sites'>

/** What a kernel written by hand may keep over a park. */
const FRAME_BYTES = 4096

export function kernelOf(plan: LaunchPlan): Kernel {
  const { cuda } = plan.definition
  const stateBytes = plan.stateFields === undefined ? 0 : structCodec(struct('State', plan.stateFields)).bytes
  if (cuda === undefined) throw new DeviceError('cuda', `ring kernel '${plan.id}' has a TypeScript body, which cannot be compiled for a GPU yet: launch it with { device: 'cpu' }.`)
  return { code: handWritten(cuda), entry: cuda.entry, frameBytes: FRAME_BYTES, stateBytes, scratchBytes: 0, logStride: 0, constants: new Uint8Array(0), sites: [] }
}

function handWritten(cuda: CudaCode): Kernel['code'] {
  if (cuda.image !== undefined) return { kind: 'image', image: cuda.image }
  return { kind: 'cuda', text: `${devicePrelude()}\n#line ${cuda.line} ${JSON.stringify(cuda.file)}\n${cuda.source ?? ''}\n`, options: cuda.options }
}

let prelude: string | undefined

/** What stands in front of code that is written by hand: the ABI and the protocol. */
function devicePrelude(): string {
  prelude ??= readFileSync(new URL('../../../cuda/ring.cuh', import.meta.url), 'utf8')
  return prelude
}
