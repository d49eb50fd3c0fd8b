// Every mark and how to write it: the one table, exhaustive by type.
import type { Mark } from '../figure.js'
import { barMark } from './bar.js'
import { cellMark } from './cells.js'
import { lineMark } from './line.js'
import type { MarkWriter } from './mark.js'
import { ruleMark } from './rule.js'

const writers: Readonly<Record<Mark['mark'], MarkWriter<never>>> = { line: lineMark, bar: barMark, rule: ruleMark, cells: cellMark }

/** The writer of a mark's own kind. */
export function writerOf<M extends Mark>(mark: M): MarkWriter<M> { return writers[mark.mark] }
