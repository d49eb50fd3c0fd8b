// `npm test`: builds, prepares the test environment, runs every group, and closes with one plain line of counts.
// `npm test GROUP …` runs the named groups only. Plain JavaScript, since it starts before anything is built.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { prepareEnvironment } from './environment/prepare.js'
import { part } from './environment/read.js'
import { output, root } from './environment/paths.js'

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const results = `${output}results/`
const vitestGroups = ['structure', 'schema', 'ring', 'source', 'view', 'lab', 'compiler', 'corpus', 'driver', 'emitted', 'devices', 'cuda', 'numbers', 'runtime', 'alike', 'session', 'jupyter', 'cli', 'browser']
/** The whole house on this Node, the session's rules and the bits of numbers on the other Nodes, and Python's clients. */
const groups = [...vitestGroups, 'nodes', 'conformance']

process.exitCode = await main(process.argv.slice(2))

/** @param {readonly string[]} asked */
async function main(asked) {
  const unknown = asked.filter((name) => !groups.includes(name))
  if (unknown.length > 0) {
    console.error(`npm test knows no group ${unknown.join(', ')}; the groups are ${groups.join(', ')}`)
    return 2
  }
  const wanted = asked.length === 0 ? groups : asked
  rmSync(results, { recursive: true, force: true })
  mkdirSync(results, { recursive: true })
  say('building')
  if ((await run('npm', ['run', '-s', 'build'])) !== 0) return closing([{ passed: 0, failed: 1, skipped: 0 }])
  say('preparing the test environment')
  const { missing } = await prepareEnvironment()
  // Where everything can be had, as in CI, a missing part is a failure and no quiet skip.
  const incomplete = process.env.RINGLAB_TEST_COMPLETE === '1' ? missing.length : 0
  /** @type {Counts[]} */
  const counts = [{ passed: 0, failed: incomplete, skipped: 0 }]
  for (const runGroup of plan(wanted)) counts.push(await runGroup())
  if (missing.length > 0) console.error(`\n*** Missing, so their tests did not run: ${missing.join(', ')}. What to install is said above.`)
  return closing(counts)
}

/** @param {readonly string[]} wanted */
function plan(wanted) {
  /** @type {(() => Promise<Counts>)[]} */
  const steps = []
  const here = vitestGroups.filter((name) => wanted.includes(name))
  if (here.length > 0) steps.push(() => vitest(process.execPath, here, 'this-node'))
  if (wanted.includes('nodes')) steps.push(() => otherNode('node24'), () => otherNode('node26'))
  if (wanted.includes('conformance')) steps.push(conformance)
  return steps
}

/** @param {'node24' | 'node26'} name @returns {Promise<Counts>} */
async function otherNode(name) {
  const binary = part(name)
  return binary === undefined ? { passed: 0, failed: 0, skipped: 1 } : vitest(binary, ['session', 'numbers'], name)
}

/**
 * @param {string} node @param {readonly string[]} projects @param {string} label
 * @returns {Promise<Counts>}
 */
async function vitest(node, projects, label) {
  say(`${projects.join(', ')} on ${label === 'this-node' ? `Node ${process.version}` : label}`)
  const file = `${results}${label}.json`
  const code = await run(node, ['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((name) => ['--project', name]),
    '--reporter=default', '--reporter=json', `--outputFile.json=${file}`])
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} */
  const report = JSON.parse(readFileSync(file, 'utf8'))
  // A file that cannot be loaded, and an error outside every test, end vitest with a failure that no test carries.
  const failed = code !== 0 ? Math.max(1, report.numFailedTests) : report.numFailedTests
  return { passed: report.numPassedTests, failed, skipped: report.numPendingTests + report.numTodoTests }
}

/** @returns {Promise<Counts>} */
async function conformance() {
  const python = part('python')
  if (python === undefined) return { passed: 0, failed: 0, skipped: 1 }
  say('conformance: jupyter_kernel_test and nbclient')
  const file = `${results}conformance.xml`
  const code = await run(python, ['-m', 'pytest', '-p', 'no:cacheprovider', '--color=no', '-rs', `--junitxml=${file}`, 'test/conformance'])
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const suite = /<testsuite [^>]*>/.exec(readFileSync(file, 'utf8'))?.[0] ?? ''
  /** @param {string} name */
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const failed = count('failures') + count('errors')
  return { passed: count('tests') - failed - count('skipped'), failed: code !== 0 ? Math.max(1, failed) : 0, skipped: count('skipped') }
}

/** @param {readonly Counts[]} counts */
function closing(counts) {
  /** @param {keyof Counts} key */
  const sum = (key) => counts.reduce((total, one) => total + one[key], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
}

/** @param {string} text */
function say(text) {
  console.log(`\n=== ${new Date().toISOString().slice(11, 19)} ${text}`)
}

/** @param {string} command @param {readonly string[]} words @returns {Promise<number>} */
function run(command, words) {
  return new Promise((resolve) => {
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1', RINGLAB_NODE: process.execPath }
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env })
    child.on('error', (error) => { console.error(String(error)); resolve(127) })
    child.on('close', (code) => { resolve(code ?? 1) })
  })
}
