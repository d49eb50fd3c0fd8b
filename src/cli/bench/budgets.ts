// The rows that `ringlab bench` prints, each with the budget it is held to. What a row measures is written here in words; how, in the file of its group.

/** Which rows belong together: `ringlab bench NAME` runs one group. */
export type Group = 'cpu' | 'host' | 'idle' | 'jupyter' | 'cells'

export interface Budget {
  readonly group: Group
  readonly what: string
  readonly unit: 'µs' | 'ms' | 's' | 'M msg/s' | 'MB' | '%' | '×'
  readonly limit: number
  readonly sense: 'at most' | 'at least'
}

/** A measured row. `note` says what a reader must know to judge the number. */
export interface Measured { readonly row: Row; readonly value: number; readonly note?: string }

/** A group's measuring function: runs on a quiet machine, takes a few seconds, leaves nothing behind. */
export type Measure = () => Promise<readonly Measured[]>

const nodeMajor = Number(process.versions.node.split('.')[0])

/** Round trips mean an acknowledged `ask` of a running echo ring kernel with 64-byte messages; throughput counts messages that came back. */
export const budgets = {
  'cpu-ask-p50': { group: 'cpu', what: 'ask, worker awake, p50', unit: 'µs', limit: 1, sense: 'at most' },
  'cpu-ask-p99': { group: 'cpu', what: 'ask, worker awake, p99', unit: 'µs', limit: 10, sense: 'at most' },
  'cpu-ask-asleep-p50': { group: 'cpu', what: 'ask, worker asleep, p50', unit: 'µs', limit: 60, sense: 'at most' },
  'cpu-objects': { group: 'cpu', what: 'echo throughput, objects', unit: 'M msg/s', limit: 2, sense: 'at least' },
  'cpu-columns': { group: 'cpu', what: 'echo throughput, columns', unit: 'M msg/s', limit: 10, sense: 'at least' },
  'host-ask-p50': { group: 'host', what: 'ask, p50', unit: 'µs', limit: 0.6, sense: 'at most' },
  'host-throughput': { group: 'host', what: 'echo throughput', unit: 'M msg/s', limit: 3, sense: 'at least' },
  'idle-100': { group: 'idle', what: '100 idle ring kernels, of one core', unit: '%', limit: 1, sense: 'at most' },
  'kernel-info': { group: 'jupyter', what: 'spawn to kernel_info_reply', unit: 's', limit: 0.2, sense: 'at most' },
  'first-cell': { group: 'jupyter', what: 'spawn to first cell done', unit: 's', limit: nodeMajor >= 24 ? 0.8 : 1, sense: 'at most' },
  'kernel-memory': { group: 'jupyter', what: 'memory after the start', unit: 'MB', limit: 220, sense: 'at most' },
  'kernel-memory-500': { group: 'jupyter', what: 'memory after 500 cells / the start', unit: '×', limit: 1.4, sense: 'at most' },
  'cell-100': { group: 'jupyter', what: 'trivial cell, median of 100', unit: 'ms', limit: 8, sense: 'at most' },
  'cell-500': { group: 'jupyter', what: 'chained cell, median of 500', unit: 'ms', limit: 12, sense: 'at most' },
  'cell-500-p90': { group: 'jupyter', what: 'chained cell, p90 of 500', unit: 'ms', limit: 25, sense: 'at most' },
  'completion-500': { group: 'jupyter', what: 'completion at 500 names', unit: 'ms', limit: 30, sense: 'at most' },
  'loop-doubles': { group: 'cells', what: 'loop in a cell / in a function, f64', unit: '×', limit: 8, sense: 'at most' },
  'loop-ints': { group: 'cells', what: 'loop in a cell / in a function, int', unit: '×', limit: 1.5, sense: 'at most' },
} as const satisfies Record<string, Budget>

/** The name of a row, as `--json` writes it. */
export type Row = keyof typeof budgets

/** Whether a measured value keeps its budget. */
export function verdict({ row, value }: Measured): 'within' | 'over' {
  const { limit, sense } = budgets[row]
  return (sense === 'at most' ? value <= limit : value >= limit) ? 'within' : 'over'
}
