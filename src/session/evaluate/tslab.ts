// `import * as tslab from 'tslab'` in a cell: tslab's display API over this session's displays, so that its notebooks run unchanged.
// The declarations of this file are what such a cell is checked against.
import { createRequire } from 'node:module'
import { createDisplay, newDisplay as ownDisplay } from '../../lab/display.js'

/** tslab's displays. */
export interface Display {
  javascript(s: string): void
  html(s: string): void
  markdown(s: string): void
  latex(s: string): void
  svg(s: string): void
  png(b: Uint8Array): void
  jpeg(b: Uint8Array): void
  gif(b: Uint8Array): void
  pdf(b: Uint8Array): void
  text(s: string): void
  raw(contentType: string, b: string | Uint8Array): void
}

/** A display that shows once and then overwrites what it showed. */
export function newDisplay(): Display { return ownDisplay() }

/** Shows rich content in the output of the cell. */
export const display: Display = createDisplay()

const require = createRequire(import.meta.url)
const versionOf = (path: string): string => (require(path) as { version: string }).version

/** Versions of what runs here; `tslab` is the version of ringlab that stands in for it. */
export const versions: { tslab: string; typescript: string; node: string } = {
  tslab: versionOf('../../../package.json'), typescript: versionOf('typescript/package.json'), node: process.version,
}
