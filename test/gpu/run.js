// `npm run test:gpu`: the GPU suite on the GPU of this machine. Fails loudly where there is none; everything it prints and writes was measured in this run.
// `--simulated` runs it on the simulated driver instead, to see that the suite itself works, `--real-nvrtc` with the real compiler beside it: results of
// these are labelled and not kept. `--only NAME|NAME` runs the checks with that in their name, `--minutes N` ends the run after so long.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { part } from '../environment/read.js'
import { buildSuite } from './build.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = `${root}test/output/gpu/app/`
const isCompiledForReal = process.argv.includes('--real-nvrtc')
const isSimulated = isCompiledForReal || process.argv.includes('--simulated')

buildSuite(folder)
const results = isSimulated ? `${root}test/output/gpu/results/` : `${root}test/gpu/results/`
mkdirSync(results, { recursive: true })
const environment = isSimulated ? await simulated() : {}
const rest = process.argv.slice(2).filter((argument) => !['--simulated', '--real-nvrtc'].includes(argument))
// A cache of its own: each program is to be compiled in this run.
const cache = mkdtempSync(join(tmpdir(), 'ringlab-gpu-'))
const { status } = spawnSync(process.execPath, ['--expose-gc', `${folder}gpu/suite/main.js`, '--results', results, ...rest], { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment, XDG_CACHE_HOME: cache } })
rmSync(cache, { recursive: true, force: true })
process.exitCode = status ?? 1

async function simulated() {
  const { simulatedDriver, simulatedDriverWithNvrtc } = await import('../simulated-driver/build.js')
  if (!isCompiledForReal) return simulatedDriver().environment
  const nvrtc = part('nvrtc')
  if (nvrtc === undefined) throw new Error('the real NVRTC is not in the test environment: run `node test/environment/prepare.js`')
  return simulatedDriverWithNvrtc(nvrtc).environment
}
