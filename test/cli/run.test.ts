// `ringlab run`: cells run here, without Python; what they put out is printed and kept; whatever goes wrong ends with a sentence and the notebook written.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readNotebook, type CodeCell, type Notebook, type Output } from '#ringlab/cli/run/notebook.js'
import { root } from '../environment/paths.js'
import { mainFile, ringlab, temporaryFolder, type Ended, type How } from './ringlab.js'

interface Ran extends Ended { readonly notebook: Notebook; readonly outputs: readonly (readonly Output[])[] }

/** Runs the cells as a script and reads the notebook that was written. */
async function run(cells: readonly string[], words: readonly string[] = [], how: How = {}): Promise<Ran> {
  using folder = temporaryFolder()
  const script = join(folder.path, 'script.ts')
  const output = join(folder.path, 'out.ipynb')
  writeFileSync(script, cells.join('\n// %%\n'))
  const ended = await ringlab(['run', script, '--output', output, ...words], how)
  const notebook = JSON.parse(readFileSync(output, 'utf8')) as Notebook
  return { ...ended, notebook, outputs: notebook.cells.map((cell) => (cell as CodeCell).outputs) }
}

/** Figures draw what this machine measured; everything else is the same in every run. */
function comparedText(output: Output): string {
  if (output.output_type === 'stream') return output.text.join('')
  if (!('data' in output)) return output.ename
  return 'image/svg+xml' in output.data ? 'a figure' : JSON.stringify(output.data)
}

describe('a run that succeeds', () => {
  test('prints streams, results and displays as they come, and keeps them in the notebook', async () => {
    const { code, stdout, stderr, outputs, notebook } = await run(['const a = 1\nconsole.log("one")\nconsole.log("two")\nconsole.error("bad")', 'a + 1', 'let later = 3'])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'one\ntwo\n2\n', stderr: 'bad\n' })
    expect(outputs).toEqual([
      [{ output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] }, { output_type: 'stream', name: 'stderr', text: ['bad\n'] }],
      [{ output_type: 'execute_result', data: { 'text/plain': ['2'] }, metadata: {}, execution_count: 2 }],
      [],
    ])
    expect(notebook.cells.map((cell) => (cell as CodeCell).execution_count)).toEqual([1, 2, 3])
    expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'ringlab', language: 'typescript' } } })
  })

  test('needs no Python and no other program on PATH', async () => {
    using folder = temporaryFolder()
    const { code, stdout } = await run(['1 + 1'], [], { env: { PATH: join(folder.path, 'empty') } })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '2\n' })
  })

  test('runs the first notebook with nothing on PATH, and its printed texts are the saved ones', async () => {
    using folder = temporaryFolder()
    const output = join(folder.path, 'out.ipynb')
    const file = join(root, 'notebooks', '01-first-ring-kernel.ipynb')
    const { code, stderr } = await ringlab(['run', file, '--output', output], { env: { PATH: join(folder.path, 'empty') } })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const texts = (path: string): string[] => readNotebook(path).cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : [])).map(comparedText)
    expect(texts(output)).toEqual(texts(file))
  })

  test('launches a ring kernel and hears its answer', async () => {
    const { code, stdout, stderr } = await run([
      "import { RingKernelRuntime, array, f32, ringKernel, struct, u32 } from 'ringlab'\nconst Request = struct('Request', { id: u32, values: array(f32, 5) })\nconst Response = struct('Response', { id: u32, sum: f32 })",
      "const summer = ringKernel('summer', { input: Request, output: Response }, async (ctx) => {\n  while (!ctx.shouldTerminate) {\n    const request = await ctx.receive()\n    let sum = 0\n    for (const v of request.values) sum += v\n    await ctx.send({ id: request.id, sum })\n  }\n})",
      "await using runtime = new RingKernelRuntime({ device: 'cpu' })\nconst actor = await runtime.spawn(summer)\n;(await actor.ask({ id: 7, values: [1, 2, 3, 4, 5] })).sum",
    ])
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '15\n', stderr: '' })
  })

  test('ends when the last cell has, although timers and ring kernels are left', async () => {
    const { code } = await run(["import { RingKernelRuntime, f32, ringKernel, struct } from 'ringlab'\nsetInterval(() => undefined, 1000)\nconst Value = struct('Value', { v: f32 })\nawait new RingKernelRuntime({ device: 'cpu' }).spawn(ringKernel('idle', { input: Value, output: Value }, async (ctx) => { while (!ctx.shouldTerminate) await ctx.receive() }))\n0"], [], { deadlineMs: 20_000 })
    expect(code).toBe(0)
  })

  test('a cell tagged raises-exception may fail, and the next ones run', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'book.ipynb')
    const cell = (source: string, tags: readonly string[] = []): object => ({ cell_type: 'code', id: source.length.toString(), metadata: { tags }, source, outputs: [], execution_count: null })
    writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell('throw new Error("meant")', ['raises-exception']), cell('console.log("on")')] }))
    expect(await ringlab(['run', file])).toMatchObject({ code: 0, stdout: 'on\n' })
  })

  test('a notebook runs in its own folder, as under Jupyter', async () => {
    using folder = temporaryFolder()
    const file = join(folder.path, 'book.ipynb')
    writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ cell_type: 'code', id: 'a', metadata: {}, source: 'console.log(process.cwd())', outputs: [], execution_count: null }] }))
    expect((await ringlab(['run', file])).stdout.trim()).toBe(dirname(file))
  })

  test('the page holds inputs and outputs, escaped', async () => {
    using folder = temporaryFolder()
    const page = join(folder.path, 'out.html')
    await run(['console.log("<b>")'], ['--html', page])
    expect(readFileSync(page, 'utf8')).toContain('&#60;b&#62;')
  })
})

describe('a run that fails', () => {
  test.each([
    ['a type error', 'const x: number = "s"', /cell \[2\]:1:7 - error TS2322/],
    ['a thrown error', 'function f(): void { throw new RangeError("too far") }\nf()', /RangeError: too far\n\s+at f \(cell \[2\]:1:\d+\)/],
    ['a rejection', 'await Promise.reject(new Error("no"))', /Error: no/],
  ])('shows the traceback of %s, exits with 1 and writes the notebook up to there', async (_what, cell, traceback) => {
    const { code, stdout, stderr, outputs } = await run(['console.log("before")', cell, 'console.log("never")'])
    expect(code).toBe(1)
    expect(stdout).toBe('before\n')
    expect(stderr).toMatch(traceback)
    expect(outputs.map((cell) => cell.map((output) => output.output_type))).toEqual([['stream'], ['error'], []])
  })

  test('process.exit(n) in a cell exits with n, and what was put out is kept', async () => {
    const { code, stdout, outputs } = await run(['console.log("bye")\nprocess.exit(7)', 'console.log("never")'])
    expect({ code, stdout }).toEqual({ code: 7, stdout: 'bye\n' })
    expect(outputs[0]).toEqual([{ output_type: 'stream', name: 'stdout', text: ['bye\n'] }])
  })

  test.each([
    ['loops for ever', 'while (true) {}'],
    ['loops after an await', 'await null\nwhile (true) {}'],
    ['waits for ever', 'await new Promise(() => undefined)'],
    ['sleeps in shared memory', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
    ['waits for a child process', 'import { execSync } from "node:child_process"\nexecSync("sleep 60")'],
  ])('a cell that %s is stopped when its time is over, with a sentence and the notebook', async (_what, cell) => {
    const started = Date.now()
    const { code, stderr, outputs } = await run(['console.log("before")', cell], ['--timeout-seconds', '1'], { deadlineMs: 40_000 })
    expect(code).toBe(1)
    expect(stderr).toBe('ringlab: cell 2 of 2 ran longer than 1 s (--timeout-seconds) and was stopped\n')
    expect(outputs.map((cell) => cell.map((output) => output.output_type))).toEqual([['stream'], ['error']])
    // Its second, the start, and what a busy machine adds: far from the minute that it would go on.
    expect(Date.now() - started).toBeLessThan(30_000)
  })

  test('Ctrl-C stops the running cell, writes the notebook, exits with 130 and leaves no process', async () => {
    using folder = temporaryFolder()
    const script = join(folder.path, 'script.ts')
    const output = join(folder.path, 'out.ipynb')
    writeFileSync(script, 'console.log("pid", process.pid)\n// %%\nconsole.log("looping")\nwhile (true) {}\n')
    const child = spawn(process.execPath, [mainFile, 'run', script, '--output', output], { stdio: ['ignore', 'pipe', 'pipe'] })
    let printed = ''
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
      if (printed.includes('looping')) child.kill('SIGINT')
    })
    const [code] = await once(child, 'close') as [number]
    expect(code).toBe(130)
    expect(existsSync(output)).toBe(true)
    const pid = Number(/pid (\d+)/.exec(printed)?.[1])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
