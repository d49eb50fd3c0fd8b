// The GPU suite itself, on the simulated driver: its short checks pass; and whatever a check does, the others run and the results file says what happened.
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import type { CheckResult, Figure, Machine } from '../gpu/suite/check.js'
import { buildSuite } from '../gpu/build.js'
import { simulatedDriver } from '../simulated-driver/build.js'

interface Kept { readonly machine: Machine; readonly run: string; readonly checks: readonly CheckResult[]; readonly figures: readonly Figure[] }

// Below the root, whose package.json says where the built ringlab lies.
const folder = new URL(`../output/gpu/test-${process.pid}/`, import.meta.url)
const suite = new URL('app/gpu/suite/', folder)
buildSuite(new URL('app/', folder).pathname)
afterAll(() => { rmSync(folder, { recursive: true, force: true }) })

/** Runs the suite; resolves with its exit code, what it printed and what it kept. */
function run(name: string, words: readonly string[]): Promise<{ code: number; printed: string; kept: Kept }> {
  const results = new URL(`${name}/`, folder).pathname
  mkdirSync(results, { recursive: true })
  return new Promise((resolve) => {
    execFile(process.execPath, [new URL('main.js', suite).pathname, '--results', results, ...words], { env: { ...process.env, ...simulatedDriver().environment }, timeout: 100_000 }, (error, stdout, stderr) => {
      const file = readdirSync(results).find((each) => each.endsWith('.json'))
      if (file === undefined) throw new Error(`it kept no results: ${stdout}${stderr}`)
      expect(file).toMatch(/^simulated-gpu-\d{4}-\d\d-\d\d\.json$/)
      resolve({ code: error === null ? 0 : Number(error.code), printed: stdout + stderr, kept: JSON.parse(readFileSync(`${results}${file}`, 'utf8')) as Kept })
    })
  })
}

test('its short checks pass on the simulated driver, and say that it is simulated', async () => {
  const only = ['memory of a Shared', 'copies and launches', '33 bare kernels', 'killed host', '8 residents answer', 'endless loop', 'in a circle', 'GPU that is lost', 'floors']
  const { code, printed, kept } = await run('short', ['--only', only.join('|')])
  expect(kept.checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(kept.checks).toHaveLength(only.length)
  expect({ code, run: kept.run, isSimulated: kept.machine.isSimulated }).toEqual({ code: 0, run: 'complete', isSimulated: true })
  for (const name of ['CUDA Graph replay + synchronise: p50', 'beside a resident kernel: moduleUnload', '8 residents, copies running: ask p99']) expect(kept.figures.find((figure) => figure.name === name)?.value).toBeGreaterThan(0)
  expect(printed).toContain('SIMULATED')
  expect(printed.split('\n').filter((line) => line.startsWith('      bare ping-pong')).every((line) => line.includes('(simulated)'))).toBe(true)
})

/** Checks that go wrong in every way that can be thought of. */
const wrongChecks = `
const never = new Promise(() => undefined)
const shared = new Int32Array(new SharedArrayBuffer(4))
export const checks = [
  { name: 'passes', run: async (report) => { report.figure('one', 1, 'ms'); return 'well' } },
  { name: 'fails', run: async () => { throw new TypeError('broken') } },
  { name: 'waits for ever', secondsMax: 1, run: async (report) => { report.figure('before', 2, 'ms'); report.at('step 7'); await never } },
  { name: 'holds its thread for ever', secondsMax: 1, run: async (report) => { report.figure('then', 3, 'ms'); report.at('step 8'); Atomics.wait(shared, 0, 0) } },
  { name: 'dies', run: async () => { process.kill(process.pid, 'SIGSEGV'); await never } },
  { name: 'exits', run: async () => { console.log('good bye'); process.exit(3) } },
  { name: 'leaves a rejection', run: async () => { void Promise.reject(new Error('stray one')); await new Promise((resolve) => setTimeout(resolve, 20)); return 'well otherwise' } },
  { name: 'throws outside', run: async () => { setTimeout(() => { throw new Error('stray two') }); await new Promise((resolve) => setTimeout(resolve, 20)); return 'well otherwise' } },
  { name: 'means nothing here', meaninglessSimulated: 'there are no warps', run: async () => { throw new Error('it ran') } },
  { name: 'takes too long for the run', secondsMax: 60, run: async () => { await never } },
  { name: 'comes too late', run: async () => 'well' },
]
`

test('a check that hangs, dies, exits or rejects outside costs the others nothing, and the run ends in its time', async () => {
  writeFileSync(new URL('checks.js', suite), wrongChecks)
  const started = performance.now()
  const { code, kept } = await run('wrong', ['--minutes', '0.18'])
  expect(performance.now() - started).toBeLessThan(40_000)
  expect({ code, run: kept.run }).toEqual({ code: 1, run: 'complete' })
  const seen = Object.fromEntries(kept.checks.map(({ name, outcome, seen: words }) => [name, `${outcome}: ${words}`]))
  expect(seen).toEqual({
    passes: 'passed: well',
    fails: 'failed: TypeError: broken',
    'waits for ever': 'failed: not done after 1 s (it was at: step 7)',
    'holds its thread for ever': 'failed: not done after 1 s (it was at: step 8)',
    dies: 'failed: its process ended without a result (SIGSEGV)',
    exits: 'failed: its process ended without a result (exit code 3); it printed: good bye',
    'leaves a rejection': expect.stringMatching(/^failed: well otherwise; but a rejection that nobody handled: Error: stray one/) as unknown,
    'throws outside': expect.stringMatching(/^failed: well otherwise; but an exception that nobody caught: Error: stray two/) as unknown,
    'means nothing here': 'skipped: there are no warps',
    // On a machine so busy that the time is over before, it is not begun.
    'takes too long for the run': expect.stringMatching(/^failed: not (done after \d s$|run: the run's time was over)/) as unknown,
    'comes too late': "failed: not run: the run's time was over",
  })
  expect(kept.figures.map(({ name, value }) => [name, value])).toEqual([['one', 1], ['before', 2], ['then', 3]])
})
