// The compiler: which of several is chosen for a GPU, where they are looked for, and compiling with NVIDIA's real NVRTC (which needs no GPU).
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { architectureFor, chooseNvrtc, NvrtcError, nvrtcCandidates, openNvrtc, type Nvrtc, type NvrtcCandidate } from '#ringlab/driver/index.js'
import { part } from '../environment/read.js'
import { simulatedEnvironment, simulation } from './gpu.js'

const folder = mkdtempSync(join(tmpdir(), 'ringlab-nvrtc-'))
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

function nvrtc(version: string): NvrtcCandidate {
  const [major, minor] = version.split('.').map(Number)
  return { kind: 'nvrtc', path: `/lib/libnvrtc.so.${version}`, from: 'test', version: { major: major ?? 0, minor: minor ?? 0 } }
}
function version(text: string): { major: number; minor: number } {
  const [major, minor] = text.split('.').map(Number)
  return { major: major ?? 0, minor: minor ?? 0 }
}

describe('the first that the driver runs and that knows the GPU is chosen', () => {
  test.each([
    { found: ['13.0', '12.6'], driver: '13.0', gpu: '9.0', chosen: '13.0' },
    { found: ['12.6', '13.0'], driver: '13.0', gpu: '9.0', chosen: '12.6' },
    { found: ['13.0', '12.6'], driver: '12.4', gpu: '9.0', chosen: '12.6' },
    { found: ['13.0', '12.6'], driver: '13.0', gpu: '7.0', chosen: '12.6' },
    { found: ['13.0', '12.6'], driver: '13.0', gpu: '7.5', chosen: '13.0' },
    { found: ['13.0'], driver: '12.2', gpu: '8.6', chosen: undefined },
    { found: ['13.0'], driver: '13.0', gpu: '7.0', chosen: undefined },
    { found: ['12.6'], driver: '13.0', gpu: '6.1', chosen: undefined },
    { found: [], driver: '13.0', gpu: '9.0', chosen: undefined },
  ])('$found on a driver of $driver with a GPU of $gpu: $chosen', ({ found, driver, gpu, chosen }) => {
    const choice = chooseNvrtc(found.map(nvrtc), { driver: version(driver), computeCapability: version(gpu) })
    expect(choice.chosen?.path).toBe(chosen === undefined ? undefined : `/lib/libnvrtc.so.${chosen}`)
    if (choice.chosen === undefined) expect(choice.advice).toMatch(/: (pip install|use the CPU device)/)
  })

  test('the others are named with the reason', () => {
    const { refused } = chooseNvrtc(['13.0', '12.6'].map(nvrtc), { driver: version('12.4'), computeCapability: version('9.0') })
    expect(refused.map(({ candidate, reason }) => [candidate.version?.major, reason])).toEqual([[13, 'CUDA 13 is newer than the driver, which runs CUDA 12.4']])
    expect(chooseNvrtc([nvrtc('13.0')], { driver: version('13.0'), computeCapability: version('7.0') }))
      .toMatchObject({ refused: [{ reason: 'CUDA 13 compiles for compute capability 7.5 or later, and the GPU has 7.0' }], advice: 'no CUDA compiler for this GPU: pip install nvidia-cuda-nvrtc-cu12, or name an NVRTC 12 library in RINGLAB_NVRTC' })
    expect(chooseNvrtc([nvrtc('12.6')], { driver: version('13.0'), computeCapability: version('6.1') })).toMatchObject({ advice: expect.stringContaining('needs 7.0 (Volta) or later') as string })
  })
})

test.each([
  ['9.0', [75, 80, 86, 89, 90], 'sm_90'], ['8.7', [75, 80, 86, 89, 90], 'sm_86'], ['12.0', [75, 80, 90], 'compute_90'], ['10.3', [75, 90, 100, 120], 'sm_100'], ['7.0', [75, 80], undefined], ['9.0', [], undefined],
] as const)('a GPU of %s and a compiler for %j: %s', (gpu, supported, architecture) => {
  expect(architectureFor(version(gpu), supported)).toBe(architecture)
})

describe('compilers are looked for by their files', () => {
  const variables = ['RINGLAB_NVRTC', 'CUDA_PATH', 'CUDA_HOME', 'LD_LIBRARY_PATH', 'VIRTUAL_ENV', 'PATH'] as const
  const before = Object.fromEntries(variables.map((name) => [name, process.env[name]]))
  afterEach(() => {
    for (const name of variables) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name)
      else process.env[name] = before[name]
    }
  })

  function place(...parts: string[]): string {
    const path = join(folder, ...parts)
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, '')
    return path
  }

  test('in their order, each once, with the version that names and neighbours tell', () => {
    const named = place('named', 'libnvrtc.so.12.9.86')
    const inPath = place('cuda-path', 'lib64', 'libnvrtc.so.13.1.80')
    symlinkSync('libnvrtc.so.13.1.80', join(folder, 'cuda-path', 'lib64', 'libnvrtc.so'))
    const inHome = place('cuda-home', 'targets', 'x86_64-linux', 'lib', 'libnvrtc.so.12.2.140')
    const onLibraryPath = place('libraries', 'libnvrtc.so.11.8.89')
    const pip = place('venv', 'lib', 'python3.12', 'site-packages', 'nvidia', 'cu13', 'lib', 'libnvrtc.so.13')
    place('venv', 'lib', 'python3.12', 'site-packages', 'nvidia', 'cu13', 'lib', 'libnvrtc-builtins.so.13.4')
    const nvcc = place('cuda-home', 'bin', 'nvcc')
    Object.assign(process.env, { RINGLAB_NVRTC: named, CUDA_PATH: join(folder, 'cuda-path'), CUDA_HOME: join(folder, 'cuda-home'), LD_LIBRARY_PATH: join(folder, 'libraries'), VIRTUAL_ENV: join(folder, 'venv'), PATH: '' })
    const found = [...nvrtcCandidates()].filter(({ path }) => path.startsWith(folder))
    expect(found.map((each) => [each.kind, each.from, each.version === undefined ? undefined : `${each.version.major}.${each.version.minor}`])).toEqual([
      ['nvrtc', 'RINGLAB_NVRTC', '12.9'], ['nvrtc', 'CUDA_PATH', '13.1'], ['nvrtc', 'CUDA_HOME', '12.2'], ['nvrtc', 'LD_LIBRARY_PATH', '11.8'], ['nvrtc', 'pip in VIRTUAL_ENV', '13.4'], ['nvcc', 'nvcc', undefined],
    ])
    expect(found.map(({ path }) => path)).toEqual([named, join(inPath, '..', 'libnvrtc.so.13.1.80'), inHome, onLibraryPath, pip, nvcc])
  })
})

test('a library that is none, and a program that is no nvcc, are refused by their path', () => {
  const path = join(folder, 'libnvrtc.so.12')
  writeFileSync(path, 'no library')
  expect(() => openNvrtc({ kind: 'nvrtc', path, from: 'test' })).toThrow(/^NVRTC .*libnvrtc\.so\.12 cannot be loaded \(.+\): install it again/)
  expect(() => openNvrtc({ kind: 'nvcc', path: join(folder, 'nvcc-nowhere'), from: 'test' })).toThrow('does not say its version')
})

test('nvcc stands in: its words, its CUBIN and its log come through', () => {
  const path = join(folder, 'nvcc')
  // A stand-in for the program of the CUDA toolkit, which the test environment does not have.
  writeFileSync(path, `#!/bin/sh
case "$1" in
  --version) echo "Cuda compilation tools, release 12.6, V12.6.85";;
  --list-gpu-code) printf 'sm_90\\nsm_75\\n';;
  *) if grep -q broken program.cu; then echo "cell 1(3): error" >&2; exit 2; fi; for word; do last=$file; file=$word; done; echo "$*" > program.out; echo "a warning" >&2;;
esac
`, { mode: 0o755 })
  const compiler = openNvrtc({ kind: 'nvcc', path, from: 'test' })
  expect(compiler).toMatchObject({ kind: 'nvcc', version: { major: 12, minor: 6 }, supported: [75, 90] })
  const { cubin, log } = compiler.compile({ source: 'fine', name: 'cell 1', architecture: 'sm_90', options: ['--fmad=false'] })
  expect(Buffer.from(cubin ?? []).toString()).toMatch(/^-cubin -arch=sm_90 --fmad=false -o .*program\.out program\.cu\n$/)
  expect(log).toBe('a warning')
  expect(() => compiler.compile({ source: 'broken', name: 'cell 1', architecture: 'sm_90' })).toThrow('the CUDA compiler refuses cell 1:\ncell 1(3): error')
})

const scale = `extern "C" __global__ void scale(float *values, float by, unsigned n) {
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) values[i] = values[i] * by;
}`

const library = part('nvrtc')
describe.skipIf(library === undefined)('the real NVRTC', () => {
  const compiler = (): Nvrtc => openNvrtc({ kind: 'nvrtc', path: library ?? '', from: 'the test environment' })

  test('compiles for every GPU that it knows, among them all from Turing to Blackwell', () => {
    const { version: own, supported, compile } = { ...pick(compiler()) }
    expect(own.major).toBe(13)
    expect(supported).toEqual(expect.arrayContaining([75, 80, 86, 89, 90, 100, 120]))
    for (const capability of supported) {
      const { cubin, ptx } = compile({ source: scale, name: 'scale.cu', architecture: `sm_${capability}` })
      expect(Buffer.from(cubin?.subarray(0, 4) ?? []).toString('latin1'), `sm_${capability}`).toBe('\x7fELF')
      expect(ptx).toContain(`.target sm_${capability}`)
    }
  })

  test('gives PTX without the NUL at its end', () => {
    const { ptx, cubin } = compiler().compile({ source: scale, name: 'scale.cu', architecture: 'compute_75' })
    expect(cubin).toBeUndefined()
    expect(ptx).toContain('.visible .entry scale(')
    expect(ptx).not.toContain('\0')
  })

  test('refuses with its log, whose lines are those of the cell', () => {
    const error = failure(() => compiler().compile({ source: '\n#line 7 "cell 3"\nextern "C" __global__ void k(int *p) { p[0] = foo; }', name: 'k.cu', architecture: 'sm_90' }))
    expect(error.status).toBe('NVRTC_ERROR_COMPILATION')
    expect(error.log).toContain('cell 3(7): error: identifier "foo" is undefined')
    expect(error.message).toBe(`the CUDA compiler refuses k.cu:\n${error.log}`)
    expect(failure(() => compiler().compile({ source: scale, name: 'k.cu', architecture: 'sm_10' })).status).toBe('NVRTC_ERROR_INVALID_OPTION')
    expect(failure(() => compiler().compile({ source: scale, name: 'k.cu', architecture: 'sm_90', options: ['--no-such-option'] })).message).toContain('does not take an option given for k.cu')
  })

  test('takes options, and its log holds warnings', () => {
    const source = 'extern "C" __global__ void k(float *p) { p[0] = p[0] * p[1] + p[2]; }'
    const ptxOf = (options: string[]): string => compiler().compile({ source, name: 'k.cu', architecture: 'compute_90', options }).ptx ?? ''
    expect(ptxOf([])).toContain('fma.rn.f32')
    expect(ptxOf(['--fmad=false'])).not.toContain('fma.rn.f32')
    expect(compiler().compile({ source: `#warning "look here"\n${source}`, name: 'k.cu', architecture: 'sm_90' }).log).toContain('look here')
  })
})

/** Methods of the compiler that can be taken apart from it. */
function pick(nvrtc: Nvrtc): Pick<Nvrtc, 'version' | 'supported' | 'compile'> {
  return { version: nvrtc.version, supported: nvrtc.supported, compile: (request) => nvrtc.compile(request) }
}

function failure(act: () => unknown): NvrtcError {
  try { act() } catch (error) {
    if (error instanceof NvrtcError) return error
    throw error
  }
  return expect.fail('it was compiled')
}

// In a process of its own: in this one the built-ins are loaded already.
test.skipIf(library === undefined)('the real NVRTC finds its built-ins also when garbage is collected between loading it and the first program', () => {
  const program = `
    import { openNvrtc } from ${JSON.stringify(new URL('../../dist/driver/index.js', import.meta.url).href)}
    const nvrtc = openNvrtc({ kind: 'nvrtc', path: ${JSON.stringify(library)}, from: 'test' })
    for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 10)) }
    console.log(nvrtc.compile({ source: 'extern "C" __global__ void f(int* p) { *p = 1; }', name: 'f.cu', architecture: 'sm_90' }).cubin.length > 0)`
  expect(execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', program], { encoding: 'utf8', timeout: 30_000 }).trim()).toBe('true')
})

describe('the simulated compiler', () => {
  test('takes and refuses what the real one does, with lines of the cell', () => {
    simulation.reset()
    const compiler = openNvrtc({ kind: 'nvrtc', path: simulatedEnvironment.RINGLAB_NVRTC, from: 'test' })
    expect(compiler.compile({ source: scale, name: 'scale.cu', architecture: 'sm_90', options: ['--fmad=false', '-DUNUSED=1'] }).ptx).toContain('simulated'.toUpperCase())
    const error = failure(() => compiler.compile({ source: '\n#line 7 "cell 3"\nextern "C" __global__ void k(int *p) { p[0] = foo; }', name: 'k.cu', architecture: 'sm_90' }))
    expect(error).toMatchObject({ status: 'NVRTC_ERROR_COMPILATION' })
    expect(error.log).toMatch(/cell 3:7:\d+: error: .foo. was not declared/)
    for (const request of [{ architecture: 'sm_10' }, { architecture: 'sm_90', options: ['--no-such-option'] }] as const) expect(failure(() => compiler.compile({ source: scale, name: 'k.cu', ...request })).status).toBe('NVRTC_ERROR_INVALID_OPTION')
    simulation.inject('nvrtcCompileProgram', 7)
    expect(failure(() => compiler.compile({ source: scale, name: 'k.cu', architecture: 'sm_90' })).status).toBe('NVRTC_ERROR_BUILTIN_OPERATION_FAILURE')
  })
})
