// What a figure is before anyone draws it: marks, scales and labels as plain data, structured-clonable, without colours of a theme,
// pixels of a screen or codes of a terminal. Three writers turn it into plotly JSON, SVG and terminal text.

/** One figure: a plot, a table, or both (the plot first); without either, its notes say why. */
export interface Figure {
  readonly title: string
  readonly plot?: Plot
  readonly table?: Table
  /** What a reader must know to read it rightly: what was left out, averaged, counted apart. One sentence each. */
  readonly notes: readonly string[]
}

export interface Plot {
  readonly x: Axis
  readonly y: Axis
  readonly marks: readonly Mark[]
  /** Height of the drawing area in pixels; rows of a terminal follow from it. */
  readonly height: number
}

/** A scale with its label. A category scale puts category i at position i. */
export type Axis =
  | { readonly kind: 'linear'; readonly label: string; readonly domain: readonly [number, number]; /** Ticks only at whole numbers. */ readonly whole?: boolean }
  | { readonly kind: 'category'; readonly label: string; readonly categories: readonly string[] }

export type Mark = LineMark | BarMark | RuleMark | CellMark

/** A line through points in order; null in y is a gap. */
export interface LineMark {
  readonly mark: 'line'
  /** Its name in the legend; empty where the figure has only this line. */
  readonly name: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number | null>
  /** Index in the palette. */
  readonly color: number
  readonly dashed?: boolean
}

/** Bars from zero. `across` bars lie along x at categories of y; `up` bars stand on x between their `edges`. */
export type BarMark = { readonly mark: 'bar'; readonly name: string; readonly color: number; readonly values: readonly number[] } & (
  | { readonly direction: 'across'; /** Text at the end of each bar. */ readonly labels: readonly string[] }
  | { readonly direction: 'up'; /** One more than the values, ascending. */ readonly edges: readonly number[] })

/** A straight line of reference: across the whole plot at `y`, or a short tick at `x` in each category row. */
export type RuleMark = { readonly mark: 'rule'; readonly name: string; readonly color: number | 'muted' } & (
  | { readonly y: number; readonly dotted?: boolean }
  | { readonly ticks: readonly (number | null)[] })

/** A matrix of coloured cells, row 0 at the top; null is an empty cell. Column c lies at x0 + c·dx, row r at y0 + r·dy. */
export interface CellMark {
  readonly mark: 'cells'
  readonly name: string
  readonly rows: readonly (readonly (number | null)[])[]
  readonly x0: number; readonly dx: number
  readonly y0: number; readonly dy: number
  readonly range: readonly [number, number]
}

export interface Table {
  readonly columns: readonly { readonly label: string; readonly align: 'left' | 'right' }[]
  /** Cells as text, one a column. `null` in a row's place marks rows left out there. */
  readonly rows: readonly (readonly string[] | null)[]
}
