// Writes a small notebook for a test of the page: code cells only, ringlab's kernel. Nothing is run here.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kernelMetadata } from '#ringlab/cli/run/notebook.js'

/** Writes `name` into `folder`, one code cell a text, and returns the name. */
export function writeNotebook(folder: string, name: string, cells: readonly string[]): string {
  const notebook = {
    nbformat: 4, nbformat_minor: 5, metadata: kernelMetadata(),
    cells: cells.map((source, index) => ({ cell_type: 'code', id: `cell-${index}`, metadata: {}, source, outputs: [], execution_count: null })),
  }
  writeFileSync(join(folder, name), JSON.stringify(notebook))
  return name
}
