// What lab.queues() and lab.buffer() return: a figure that shows itself as a cell's result, and may live.
import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { figureBundle } from '../view/bundle.js'
import type { Figure as Description } from '../view/figure.js'
import { figureAnsi } from '../view/write-ansi.js'
import type { MimeBundle } from './sink.js'

/** A figure. As a cell's last expression, or given to `lab.display`, it shows the state of the moment; `console.log` prints its text. */
export interface Figure {
  /**
   * Keeps the figure moving while later cells run, also while one blocks, for `seconds` (default 60, at most a day); then it stays as it is.
   *
   * @throws TypeError when this figure has nothing that moves (a buffer), RangeError when `seconds` is not a time.
   */
  live(options?: { seconds?: number }): this
  /** Ends the live view now; the figure stays as it is. */
  stop(): void
  /** The figure in every form: plotly JSON, HTML, SVG and text. */
  toMimeBundle(): Record<string, unknown>
}

/** Names a figure on its page. */
export function newFigureId(): string { return randomBytes(6).toString('hex') }

/** A figure of something that is looked at once. */
export function stillFigure(describe: () => Description): Figure {
  return {
    live() { throw new TypeError('This figure shows a moment and cannot live; lab.queues().live() follows the queues.') },
    stop() { /* nothing moves */ },
    toMimeBundle: (): MimeBundle => figureBundle(describe(), newFigureId()),
    [inspect.custom]: () => figureAnsi(describe()),
  } as Figure
}
