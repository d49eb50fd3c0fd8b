// Runs a compiled one-shot kernel: the emitted function, once, over all its indices.
import type { CompiledBody } from '../../compiler/compiled.js'
import { FUEL, left, type ForeignMemory, type JavaScriptActor } from '../../compiler/javascript/actor.js'
import { evaluateJavaScript } from '../../compiler/javascript/emit.js'
import { numericFor } from '../../compiler/javascript/numeric.js'

/** What of a compiled kernel its thread needs. */
export type EmittedKernel = Pick<CompiledBody, 'name' | 'javascript' | 'frameBytes' | 'constants' | 'sites' | 'buffers'>

/** The first index that failed, and what its site tells. */
export interface EmittedKernelFault { readonly site: number; readonly value: number | bigint | boolean | undefined; readonly index: number }

/** Returns the fault that ended it, if one did: later indices were not run. `argumentBytes` holds the scalars as their struct. */
export function runEmittedKernel(
  body: EmittedKernel, argumentBytes: Uint8Array, buffers: readonly ForeignMemory[], threads: number,
): EmittedKernelFault | undefined {
  let found: EmittedKernelFault | undefined
  const kernel = {
    // Its thread is ended when it has to stop.
    refuel: () => FUEL,
    fault: (site: number, value: number | bigint | boolean | undefined, index = 0) => { found = { site, value, index }; return left.faulted },
  } as unknown as JavaScriptActor
  const memory = new ArrayBuffer(Math.ceil((body.frameBytes + 16) / 16) * 16)
  const given = { memory: argumentBytes.buffer, offset: argumentBytes.byteOffset, count: 1 }
  evaluateJavaScript(body.javascript, body.name)(kernel, { memory, state: 0, regions: 0, constants: body.constants, buffers, arguments: given }, numericFor())(threads)
  return found
}
