// What each mark must be able to do: one form a writer. A file a mark beside this one; the table of them is marks/index.ts.
import type { Canvas } from '../canvas.js'
import type { Plot } from '../figure.js'

/** Pixels of the drawing area in an SVG, and the scales into it. */
export interface SvgArea {
  readonly left: number; readonly top: number; readonly width: number; readonly height: number
  readonly x: (value: number) => number
  readonly y: (value: number) => number
}

/** Scales into a canvas, in dots. `letter` tells marks apart where there is no colour. */
export interface CanvasArea {
  readonly canvas: Canvas
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly letter: string
}

/** A trace of plotly's schema, as JSON. */
export type Trace = Record<string, unknown>

/** How the legend shows a mark; undefined where it needs no entry. */
export interface LegendEntry { readonly name: string; readonly color: string; readonly shape: 'line' | 'dashes' | 'dots' | 'box' | 'tick' }

export interface MarkWriter<M> {
  plotly(mark: M, plot: Plot): Trace[]
  svg(mark: M, area: SvgArea): string
  ansi(mark: M, area: CanvasArea): void
  legend(mark: M): LegendEntry | undefined
}

/** A coordinate in as few characters as its place on a screen needs. */
export function px(value: number): string { return String(Math.round(value * 10) / 10) }
