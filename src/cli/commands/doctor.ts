// `ringlab doctor`: a table of what ringlab finds on this machine, and what to do about what it does not.
import type { Command } from 'commander'
import { checkAll, type Check } from '../doctor/checks.js'

/** Adds `doctor` to the command line. Exit code 1 only when something without which nothing works is missing. */
export function addDoctor(program: Command): void {
  program.command('doctor').description('show what is found, what is missing, and what to do').option('--json', 'as JSON').action(async ({ json }: { json?: true }) => {
    const checks = await checkAll()
    console.log(json === true ? JSON.stringify(checks, null, 2) : table(checks))
    if (checks.some((check) => check.need === 'required' && check.state !== 'found')) process.exitCode = 1
  })
}

/** Terminals are at least this wide; advice is wrapped to it, paths are left whole. */
const columns = 80

function table(checks: readonly Check[]): string {
  const partWidth = Math.max(...checks.map((check) => check.part.length)) + 2
  const rows = checks.flatMap((check) => {
    const advice = check.advice === undefined ? [] : wrapped(check.advice, columns - partWidth).map((line) => ' '.repeat(partWidth) + line)
    return [`${check.part.padEnd(partWidth)}${check.state.padEnd(10)}${check.seen}`, ...advice]
  })
  const wanting = checks.filter((check) => check.need !== 'optional' && check.state !== 'found').map((check) => check.part)
  const verdict = wanting.length === 0 ? 'Ready for scripts and notebooks.'
    : wanting.includes('Node') ? 'ringlab does not run on this Node.' : `Ready for scripts (ringlab run FILE). For notebooks: ${wanting.join(', ')}.`
  return [...rows, '', verdict].join('\n')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
