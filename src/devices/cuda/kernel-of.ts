// What a ring kernel is on a GPU: the compiled body, or the code its author wrote, as the GPU's thread loads it.
import { preludeText } from '../../compiler/cuda/prelude-text.js'
import type { LaunchPlan } from '../../runtime/device.js'
import { struct, structCodec } from '../../schema/index.js'
import type { LaunchAsk } from './letters.js'

export type Kernel = Pick<LaunchAsk, 'code' | 'entry' | 'frameBytes' | 'stateBytes' | 'scratchBytes' | 'logStride' | 'constants' | 'sites'>

export async function kernelOf(plan: LaunchPlan): Promise<Kernel> {
  const { cuda } = plan.definition
  const stateBytes = plan.stateFields === undefined ? 0 : structCodec(struct('State', plan.stateFields)).bytes
  if (cuda === undefined) return Promise.reject(new Error('no compiler yet'))
  const code = cuda.image === undefined
    ? { kind: 'cuda', text: `${preludeText()}\n#line ${cuda.line} ${JSON.stringify(cuda.file)}\n${cuda.source ?? ''}\n`, options: cuda.options } as const
    : { kind: 'image', image: cuda.image } as const
  return { code, entry: cuda.entry, frameBytes: FRAME_BYTES, stateBytes, scratchBytes: 0, logStride: 0, constants: new Uint8Array(0), sites: [] }
}

/** What a kernel written by hand may keep over a park. */
const FRAME_BYTES = 4096
