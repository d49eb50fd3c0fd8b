// The rows of the Jupyter kernel: its start, its cells and its memory, measured by a client over real sockets.
import { benchKernel } from '../../jupyter/bench.js'
import type { Measured } from './budgets.js'
import { percentile } from './percentile.js'

const starts = 5
const chainedCells = 500
const fewCells = 100

/** Starts five kernels and runs 500 chained cells in the last. About 20 s. */
export async function measureJupyter(): Promise<readonly Measured[]> {
  const { kernelInfoMs, firstCellMs, memoryMB, cellMs, memoryAfterCellsMB, completionMs } = await benchKernel(starts, chainedCells)
  const memory = percentile(memoryMB, 0.5)
  return [
    { row: 'kernel-info', value: percentile(kernelInfoMs, 0.5) / 1000 },
    { row: 'first-cell', value: percentile(firstCellMs, 0.5) / 1000 },
    { row: 'cell-100', value: percentile(cellMs.slice(0, fewCells), 0.5) },
    { row: 'cell-500', value: percentile(cellMs, 0.5) },
    { row: 'cell-500-p90', value: percentile(cellMs, 0.9) },
    { row: 'completion-500', value: percentile(completionMs, 0.5) },
    ...(memory > 0 ? [{ row: 'kernel-memory', value: memory }, { row: 'kernel-memory-500', value: memoryAfterCellsMB / memory }] satisfies Measured[] : []),
  ]
}
