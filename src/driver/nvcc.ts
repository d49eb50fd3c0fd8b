// nvcc as the compiler where there is no NVRTC: a program that is run in a temporary folder, with a bound on its time.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NvrtcError } from './errors.js'
import { answerOf } from './folders.js'
import type { Compiled, CompileRequest, Nvrtc, NvrtcCandidate } from './types.js'

/** Longest that nvcc may take on one program: it starts half a dozen programs, 1 to 3 s on a quiet machine. */
const compileMsMax = 120_000

/** Asks nvcc what it is. Throws NvrtcError when it does not say. */
export function openNvcc({ path }: NvrtcCandidate): Nvrtc {
  const [, major, minor] = /release (\d+)\.(\d+)/.exec(answerOf(path, ['--version']) ?? '') ?? []
  const supported = [...(answerOf(path, ['--list-gpu-code']) ?? '').matchAll(/^sm_(\d+)$/gm)].map(([, number]) => Number(number)).sort((a, b) => a - b)
  if (major === undefined || minor === undefined || supported.length === 0) throw new NvrtcError(`${path} does not say its version and its GPUs: install the CUDA toolkit again, or name an NVRTC in RINGLAB_NVRTC`, 'not run', '')
  return { kind: 'nvcc', path, version: { major: Number(major), minor: Number(minor) }, supported, compile: (request) => compile(path, request) }
}

function compile(program: string, request: CompileRequest): Compiled {
  const folder = mkdtempSync(join(tmpdir(), 'ringlab-nvcc-'))
  try {
    const wantsCubin = request.architecture.startsWith('sm_')
    const output = join(folder, 'program.out')
    writeFileSync(join(folder, 'program.cu'), `#line 1 ${JSON.stringify(request.name)}\n${request.source}`)
    const words = [wantsCubin ? '-cubin' : '-ptx', `-arch=${request.architecture}`, ...(request.options ?? []), '-o', output, 'program.cu']
    const { status, error, stdout, stderr } = spawnSync(program, words, { cwd: folder, encoding: 'utf8', timeout: compileMsMax, windowsHide: true })
    const log = `${stdout}${stderr}`.trim()
    if (error !== undefined) throw new NvrtcError(`${program} did not compile ${request.name} (${error.message}):`, 'not run', log)
    if (status !== 0) throw new NvrtcError(`the CUDA compiler refuses ${request.name}:`, `nvcc exit ${status ?? 'by a signal'}`, log)
    return wantsCubin ? { cubin: readFileSync(output), log } : { ptx: readFileSync(output, 'utf8'), log }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
