// `ringlab explain CODE`: what a diagnostic of the compiler means, why the rule is there, and an example wrong and right.
import type { Command } from 'commander'
import { catalogue } from '../../compiler/diagnostics/catalogue/index.js'
import { explanationOf } from '../../compiler/diagnostics/explain.js'
import { UsageError } from '../command-error.js'

/** Adds `explain` to the command line. */
export function addExplain(program: Command): void {
  program.command('explain').description('explain a diagnostic of the compiler, such as RL1012').argument('<code>', 'the code, with or without RL')
    .action((given: string) => {
      const code = given.toUpperCase().replace(/^(?=\d)/, 'RL')
      const text = explanationOf(code)
      if (text === undefined) throw new UsageError(`there is no diagnostic '${given}'; the nearest is ${nearestCode(code)} (${catalogue.get(nearestCode(code))?.title ?? ''})`)
      console.log(text)
    })
}

/** The code whose number is nearest. */
function nearestCode(code: string): string {
  const asked = Number(/\d+/.exec(code)?.[0] ?? 0)
  const distance = (each: string): number => Math.abs(Number(each.slice(2)) - asked)
  return [...catalogue.keys()].reduce((best, each) => (distance(each) < distance(best) ? each : best))
}
