// `npm run test:gpu`: the GPU suite on the GPU of this machine. Fails loudly where there is none; everything it prints and writes was measured in this run.
// `--simulated` runs it on the simulated driver instead, to see that the suite itself works: its results are labelled and not kept.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildSuite } from './build.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = `${root}test/output/gpu/app/`
const isSimulated = process.argv.includes('--simulated')

buildSuite(folder)
const results = isSimulated ? `${root}test/output/gpu/results/` : `${root}test/gpu/results/`
mkdirSync(results, { recursive: true })
const environment = isSimulated ? (await import('../simulated-driver/build.js')).simulatedDriver().environment : {}
const rest = process.argv.slice(2).filter((argument) => argument !== '--simulated')
const { status } = spawnSync(process.execPath, ['--expose-gc', `${folder}gpu/suite/main.js`, '--results', results, ...rest], { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } })
process.exitCode = status ?? 1
