// CUDA C++ through the first compiler of this machine that knows the architecture: PTX or a CUBIN. No GPU and no driver is needed.
import { exactFlags } from '../../compiler/cuda/exact-flags.js'
import { NvrtcError, nvrtcCandidates, openNvrtc, type Nvrtc } from '../../driver/index.js'
import { CommandError, UsageError } from '../command-error.js'

/** `sm_90` as a number. */
export function architectureOf(text: string): number {
  const number = /^sm_(\d{2,3})$/.exec(text)?.[1]
  if (number === undefined) throw new UsageError(`--arch takes an architecture such as sm_90, and '${text}' is none`)
  return Number(number)
}

/** The PTX text or the bytes of the CUBIN of a translation unit. */
export function deviceText(source: string, name: string, kind: 'ptx' | 'cubin', architecture: number): string | Uint8Array {
  const nvrtc = compilerFor(architecture)
  try {
    const compiled = nvrtc.compile({ source, name: `${name}.cu`, architecture: kind === 'ptx' ? `compute_${architecture}` : `sm_${architecture}`, options: exactFlags })
    const result = kind === 'ptx' ? compiled.ptx : compiled.cubin
    if (result === undefined) throw new CommandError(`${nvrtc.path} gave no ${kind} for sm_${architecture}`)
    return result
  } catch (error) {
    if (error instanceof NvrtcError) throw new CommandError(`${nvrtc.path} does not compile ${name}: ${error.message}`)
    throw error
  }
}

function compilerFor(architecture: number): Nvrtc {
  const passedOver: string[] = []
  for (const candidate of nvrtcCandidates()) {
    try {
      const nvrtc = openNvrtc(candidate)
      if (nvrtc.supported.includes(architecture)) return nvrtc
      passedOver.push(`${candidate.path} knows ${nvrtc.supported.map((each) => `sm_${each}`).join(', ')}`)
    } catch (error) {
      if (!(error instanceof NvrtcError)) throw error
      passedOver.push(error.message)
    }
  }
  const advice = 'pip install nvidia-cuda-nvrtc, or name an NVRTC library in RINGLAB_NVRTC; --emit cuda and --emit js need none'
  throw new CommandError(passedOver.length === 0 ? `there is no CUDA compiler on this machine: ${advice}` : `no CUDA compiler here compiles for sm_${architecture} (${passedOver.join('; ')}): ${advice}`)
}
