// `ringlab bench [NAME]`: what this machine reaches, beside the budget of each row. Measuring is done by the files in bench/.
import type { Command } from 'commander'
import { cpus } from 'node:os'
import { budgets, verdict, type Group, type Measure, type Measured } from '../bench/budgets.js'
import { groupTable } from '../bench/table.js'
import { UsageError } from '../command-error.js'

/** Loaded when asked for: measuring one group must not load what another needs. */
const measures: Readonly<Partial<Record<Group, () => Promise<Measure>>>> = {
  cpu: async () => (await import('../bench/ring-kernels.js')).measureCpu,
  host: async () => (await import('../bench/ring-kernels.js')).measureHost,
  idle: async () => (await import('../bench/ring-kernels.js')).measureIdle,
  jupyter: async () => (await import('../bench/jupyter.js')).measureJupyter,
  cells: async () => (await import('../bench/cells.js')).measureCells,
}

/** Adds `bench` to the command line. */
export function addBench(program: Command): void {
  program.command('bench').description('measure round trips, throughput, start and cells, beside their budgets').argument('[name]', `one group: ${Object.keys(measures).join(', ')}`)
    .option('--json', 'as JSON').action(async (name: string | undefined, { json }: { json?: true }) => {
      const groups = groupsOf(name)
      const rows: Measured[] = []
      if (json !== true) console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}\n`)
      for (const group of groups) {
        const measured = await (await measures[group]?.())?.() ?? []
        rows.push(...measured)
        if (json !== true) console.log(`${groupTable(group, measured)}\n`)
      }
      console.log(json === true ? JSON.stringify(rows.map(asJson), null, 2) : closing(rows))
    })
}

function groupsOf(name: string | undefined): readonly Group[] {
  const known = Object.keys(measures) as Group[]
  if (name === undefined) return known
  const found = known.find((group) => group === name)
  if (found === undefined) throw new UsageError(`there is no bench '${name}'; the benches are ${known.join(', ')}`)
  return [found]
}

function asJson(measured: Measured): object {
  return { ...measured, ...budgets[measured.row], verdict: verdict(measured) }
}

function closing(rows: readonly Measured[]): string {
  const over = rows.filter((measured) => verdict(measured) === 'over')
  return over.length === 0 ? `All ${rows.length} rows are within their budgets.` : `${over.length} of ${rows.length} rows are over their budgets: ${over.map(({ row }) => row).join(', ')}.`
}
