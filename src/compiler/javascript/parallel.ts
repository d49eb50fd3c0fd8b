// `each` and `reduce` as loops: in order, or for tests shuffled; and reductions in the one order of folding that belongs to the language.
import type { Statement } from '../ir.js'
import type { Statements } from './statements.js'

type Of<Kind extends Statement['kind']> = Extract<Statement, { kind: Kind }>

/** Lanes of a reduction: every device folds in the same order, so that float sums are equal to the bit. */
const LANES = 256
/** So many iterations need no look for a stop command. */
const SHORT = 65_536

export function eachText(text: Statements, s: Of<'each'>): void {
  const { index, body } = text.parallel(s.parallel)
  const i = text.local(index)
  const isShort = s.count.op === 'constant' && Number(s.count.value) <= SHORT
  const head = text.parts.eachOrder === 'shuffled' ? `for (${i} of numeric.shuffled(${text.text(s.count)}))` : `for (let end = ${text.text(s.count)}, at = 0; at < end; at++)`
  text.out.block(head, () => {
    if (!isShort) text.fuel()
    if (text.parts.eachOrder === 'ascending') text.out.line(`${i} = at`)
    text.list(body)
  })
}

/** Lane l folds l, l + 256, … in order; then for d = 128 … 1 lane l takes lane l + d, where there is one. */
export function reduceText(text: Statements, s: Of<'reduce'>): void {
  const { index, body, value, combine } = text.parallel(s.parallel)
  if (value === undefined || combine === undefined) throw new Error('a reduction has a value and a fold')
  const [i, leftName, rightName, target] = [text.local(index), text.local(combine.left), text.local(combine.right), text.local(s.target)]
  const fold = (into: string): void => {
    text.list(combine.body)
    text.out.line(`${into} = ${text.text(combine.value)}`)
  }
  text.out.block('', () => {
    text.out.line(`const end = ${text.text(s.count)}, width = end < ${LANES} ? end : ${LANES}`)
    text.out.block('for (let lane = 0; lane < width; lane++)', () => {
      text.out.block(`for (let at = lane; at < end; at += ${LANES})`, () => {
        text.fuel()
        text.out.line(`${i} = at`)
        text.list(body)
        text.out.line(`const folded = ${text.text(value)}`)
        text.out.line('if (at === lane) { lanes[lane] = folded; continue }')
        text.out.line(`${leftName} = lanes[lane]; ${rightName} = folded`)
        fold('lanes[lane]')
      })
    })
    text.out.block(`for (let distance = ${LANES / 2}; distance >= 1; distance >>= 1)`, () => {
      text.out.block('for (let lane = 0; lane < distance && lane + distance < width; lane++)', () => {
        text.out.line(`${leftName} = lanes[lane]; ${rightName} = lanes[lane + distance]`)
        fold('lanes[lane]')
      })
    })
    text.out.line(`${target} = end === 0 ? ${text.text(s.initial)} : lanes[0]`)
  })
}
