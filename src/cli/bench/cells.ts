// The rows of code inside a cell: what the live scope costs a loop over a top-level variable, against the same loop in a function.
import { createSession } from '../../session/session.js'
import { CommandError } from '../command-error.js'
import type { Measured } from './budgets.js'
import { percentile } from './percentile.js'

const rounds = 7
/** So many that compiling the loop while it runs does not count: with two million, it was up to two thirds of what was measured. */
const iterations = 30_000_000
/** The first rounds also warm the session up. */
const warmRounds = 2

/** Runs the loops in a session of this process. About 5 s. */
export async function measureCells(): Promise<readonly Measured[]> {
  let printed = ''
  const session = await createSession({
    directory: process.cwd(),
    sink: { stream: (_cell, _name, text) => { printed += text }, display: () => undefined, clear: () => undefined },
  })
  try {
    let token = 0
    const timed = async (declaration: string, step: string): Promise<number> => {
      const samples: number[] = []
      for (let round = 0; round < rounds; round++) {
        printed = ''
        const outcome = await session.execute({ token: ++token, code: loops(declaration, step) })
        if (outcome.status === 'error') throw new CommandError(`the loop that is measured failed: ${outcome.error.message}`)
        if (round >= warmRounds) samples.push(Number(printed))
      }
      return percentile(samples, 0.5)
    }
    return [
      { row: 'loop-doubles', value: await timed('let total = 0.5', 'total += i * 0.5') },
      { row: 'loop-ints', value: await timed('let count = 0', 'count = (count + i) | 0') },
    ]
  } finally { await session.shutdown(2_000) }
}

/** A cell that runs the loop at the top level and in a function, and prints how many times longer the first took. */
function loops(declaration: string, step: string): string {
  const loop = `for (let i = 0; i < ${iterations}; i++) { ${step} }`
  return [
    declaration,
    `const inFunction = () => { ${declaration}; const from = performance.now(); ${loop}; return performance.now() - from + ${declaration.split(' ')[1] ?? ''} * 0 }`,
    'inFunction(); inFunction()',
    `const from = performance.now(); ${loop}`,
    'const outside = performance.now() - from',
    'console.log(outside / inFunction())',
  ].join('\n')
}
