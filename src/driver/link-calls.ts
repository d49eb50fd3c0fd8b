// Linking: programs that were compiled apart become one that can be loaded.
import type { Caller } from './check.js'
import { koffi, textIn } from './koffi.js'
import type { Handle, LinkCalls, LinkPart } from './types.js'

/** CU_JIT_ERROR_LOG_BUFFER and CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES of enum CUjit_option; CU_JIT_INPUT_CUBIN of enum CUjitInputType. */
const errorLog = 5, errorLogBytes = 6, cubinInput = 0
const logBytes = 16 * 1024

export function linkCalls(cuda: Caller): LinkCalls {
  return { link: (parts) => linked(cuda, parts) }
}

function linked(cuda: Caller, parts: readonly LinkPart[]): Uint8Array {
  // The driver reads and writes these until the link is destroyed.
  const log = new Uint8Array(logBytes)
  const options = new Int32Array([errorLog, errorLogBytes])
  const values = new BigUint64Array([koffi().address(log), BigInt(logBytes)])
  const state = new BigUint64Array(1)
  cuda.call('cuLinkCreate_v2', options.length, options, values, state)
  const link = state[0] ?? 0n
  try {
    return completed(cuda, link, parts, log)
  } finally {
    cuda.call('cuLinkDestroy', link)
  }
}

function completed(cuda: Caller, link: Handle, parts: readonly LinkPart[], log: Uint8Array): Uint8Array {
  for (const { name, cubin } of parts) cuda.check(cuda.status('cuLinkAddData_v2', link, cubinInput, cubin, cubin.byteLength, name, 0, null, null), 'cuLinkAddData_v2', textIn(log).trim())
  const image = new BigUint64Array(1), bytes = new BigUint64Array(1)
  cuda.check(cuda.status('cuLinkComplete', link, image, bytes), 'cuLinkComplete', textIn(log).trim())
  // The image is the link's own: it goes with it.
  return new Uint8Array(koffi().view(image[0] ?? 0n, Number(bytes[0]))).slice()
}
