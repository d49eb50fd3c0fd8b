// `npm run fuzz:compiler -- --programs N [--from SEED] [--cuda] [--jobs J]`: builds, has J processes run their share of the seeds, and closes with one plain line of
// counts. Exit 1 when a program differs; it says which and how to run it alone. Plain JavaScript, since it starts before anything is built.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** @typedef {{ programs: number, outputs: number, parks: number, different: number, isWhole: boolean }} Counts */

const root = fileURLToPath(new URL('../../../', import.meta.url))
const usage = 'npm run fuzz:compiler -- --programs N [--from SEED] [--cuda] [--jobs J]'

process.exitCode = await main()

async function main() {
  const asked = askedFor()
  if (typeof asked === 'string') {
    console.error(`${asked}\n${usage}`)
    return 2
  }
  const { programs, from, cuda } = asked
  const built = await run('npm', ['run', '-s', 'build'], {})
  if (built.code !== 0) { console.error(built.text); return 1 }
  const share = Math.ceil(programs / asked.jobs)
  const starts = Array.from({ length: asked.jobs }, (_, i) => from + i * share).filter((start) => start < from + programs)
  const all = await Promise.all(starts.map((start) => job(start, Math.min(share, from + programs - start), cuda)))
  /** @param {'programs' | 'outputs' | 'parks' | 'different'} key */
  const sum = (key) => all.reduce((total, each) => total + each[key], 0)
  console.log(`${sum('programs')} programs from seed ${from} as ${cuda ? 'CUDA C++ by g++' : 'JavaScript'}: ${sum('outputs')} outputs compared, ${sum('parks')} parks, ${sum('different')} different`)
  return all.every((each) => each.isWhole && each.different === 0) ? 0 : 1
}

/** What the command line asks for, or what is wrong with it. */
function askedFor() {
  try {
    const { values } = parseArgs({ options: { programs: { type: 'string' }, from: { type: 'string', default: '1' }, jobs: { type: 'string', default: String(availableParallelism()) }, cuda: { type: 'boolean', default: false } } })
    const [programs, from, jobs] = [Number(values.programs), Number(values.from), Number(values.jobs)]
    for (const [name, value] of Object.entries({ programs, from, jobs })) if (!Number.isSafeInteger(value) || value < 1) return `--${name} takes a whole number from 1 on`
    return { programs, from, jobs: Math.min(jobs, programs), cuda: values.cuda }
  } catch (error) { return /** @type {Error} */ (error).message }
}

/** @param {number} from @param {number} programs @param {boolean} cuda @returns {Promise<Counts>} */
async function job(from, programs, cuda) {
  const file = `test/corpus/fuzz/${cuda ? 'cuda' : 'differences'}.test.ts`
  const { text, code } = await run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'corpus', file], { RINGLAB_FUZZ_PROGRAMS: String(programs), RINGLAB_FUZZ_FROM: String(from), NO_COLOR: '1' })
  const [, ran, outputs, parks, different] = /^(\d+) programs from seed \d+: (\d+) outputs compared, (\d+) parks, (\d+) different$/m.exec(text)?.map(Number) ?? []
  const seeds = new Set([...text.matchAll(/\bseed (\d+): /g)].map(([, seed]) => seed))
  if (code !== 0) console.log(text)
  // The line of counts names a seed, too: only of a run that failed are they those of programs.
  for (const seed of code === 0 ? [] : seeds) console.log(`seed ${seed} alone: npm run fuzz:compiler -- --programs 1 --from ${seed}${cuda ? ' --cuda' : ''}`)
  const isWhole = code === 0 && ran === programs
  if (ran === undefined) console.log(`the programs from seed ${from} on were not all run`)
  return { programs: ran ?? 0, outputs: outputs ?? 0, parks: parks ?? 0, different: different ?? 0, isWhole }
}

/**
 * @param {string} command @param {readonly string[]} words @param {Record<string, string>} variables
 * @returns {Promise<{ text: string, code: number }>}
 */
function run(command, words, variables) {
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (/** @type {string} */ part) => { text += part })
    child.on('error', (error) => { resolve({ text: String(error), code: 127 }) })
    child.on('close', (code) => { resolve({ text, code: code ?? 1 }) })
  })
}
