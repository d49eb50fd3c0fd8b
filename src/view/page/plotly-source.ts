// The plotting library's text, from disk: a notebook must work without a network.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

let source: string | undefined

/** plotly.js in its cartesian build (scatter, bar, heatmap, histogram), 1.5 MB; read once. */
export function plotlySource(): string {
  source ??= readFileSync(createRequire(import.meta.url).resolve('plotly.js-cartesian-dist-min'), 'utf8')
  return source
}
