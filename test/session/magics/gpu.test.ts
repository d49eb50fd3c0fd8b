// The magics of the GPU: code beside its source, CUDA C++ in a cell, and what is said where no GPU is.
import { afterAll, expect, test } from 'vitest'
import { array, f32, lab, ringKernel, struct, u32 } from 'ringlab'
import { definitionNamed } from '#ringlab/runtime/definition.js'
import { toMimeBundle } from '#ringlab/lab/index.js'
import { part } from '../../environment/read.js'
import { simulatedDriver } from '../../simulated-driver/build.js'
import { smallSession } from './small-session.js'

const Request = struct('Request', { id: u32, values: array(f32, 3) })
const Response = struct('Response', { id: u32, sum: f32 })
const summer = ringKernel('shown-summer', { input: Request, output: Response }, async (ctx) => {
  while (!ctx.shouldTerminate) {
    const request = await ctx.receive()
    let sum = 0
    for (const value of request.values) sum += value
    await ctx.send({ id: request.id, sum })
  }
})
const session = smallSession({ summer, Request, Response })
const run = (name: string, line = '', body?: string): Promise<unknown> => session.magics.run(name, line, body, body === undefined ? 'value' : 'statement')
const text = (value: unknown): string => String(toMimeBundle(value)['text/plain'])

afterAll(() => lab.runtime.shutdown())

test('%cuda shows the emitted CUDA C++ under the lines it came from, within a terminal', async () => {
  const shown = text(await run('cuda', 'summer'))
  expect(shown).toContain("Ring kernel 'shown-summer' as CUDA C++")
  const line = shown.split('\n').findIndex((each) => /│ .*sum \+= value/.test(each))
  expect(line).toBeGreaterThan(0)
  expect(shown).toMatch(/ringlab_shown_summer/)
  const code = await run('cuda', 'shown-summer --js')
  expect(text(code)).toMatch(/function shown_summer|shown_summer\(/)
})

test('%cuda of an unknown name, and of options that belong to a definition, says what is right', async () => {
  await expect(run('cuda', 'nobody')).rejects.toThrow(/no ring kernel definition named 'nobody'/)
  await expect(run('cuda', 'summer --input Request')).rejects.toThrow(/%%cuda summer --input/)
})

const nvrtc = part('nvrtc')
test.runIf(nvrtc !== undefined)('%cuda --ptx shows what the CUDA compiler of this machine makes of it', async () => {
  process.env.RINGLAB_NVRTC = nvrtc
  try { expect(text(await run('cuda', 'summer --ptx'))).toMatch(/\.entry ringlab_shown_summer/) } finally { delete process.env.RINGLAB_NVRTC }
})

test('%%cuda defines a ring kernel by the code in the cell, and asks for what it needs', async () => {
  await expect(run('cuda', 'echo', 'code')).rejects.toThrow(/needs --input SCHEMA/)
  await expect(run('cuda', 'echo --input summer', 'code')).rejects.toThrow(/must be a schema/)
  await run('cuda', 'echo --input Request --output Request -c "-DCOUNT=4 -DX"', '// nothing yet\n')
  expect(definitionNamed('echo')?.cuda).toMatchObject({ entry: 'echo', options: ['-DCOUNT=4', '-DX'], file: 'cell [1]', line: 2 })
})

test.runIf(nvrtc !== undefined)('%%cuda shows what the CUDA compiler finds wrong at the lines of its own cell, and nothing of the text in front', async () => {
  process.env.RINGLAB_NVRTC = nvrtc
  try {
    const refused = await run('cuda', 'broken --input Request', 'extern "C" __global__ void broken(RlActor a) {\n  int x = 1\n  undeclared = 2;\n}\n').then(() => '', (error: unknown) => (error as Error).message)
    expect(refused).toMatch(/^'broken' does not compile: /)
    expect(refused).toMatch(/^cell \[1\]\(4\): error: /m)
    expect(refused).not.toMatch(/\.cuh|warning/)
  } finally { delete process.env.RINGLAB_NVRTC }
})

test('%gpu says why no GPU can be used, or shows each one', async () => {
  const before = { ...process.env }
  process.env.RINGLAB_CUDA_DRIVER = '/nowhere/libcuda.so.1'
  try {
    expect(text(await run('gpu'))).toContain('No GPU can be used')
    Object.assign(process.env, simulatedDriver().environment)
    const shown = text(await run('gpu'))
    expect(shown).toMatch(/1 GPU/)
    expect(shown).toContain('cuda:0')
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  } finally { process.env = before }
})
