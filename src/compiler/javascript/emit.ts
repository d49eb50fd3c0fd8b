// IR → JavaScript: the text of a factory whose function runs one ring kernel, or all iterations of a one-shot kernel. See actor.ts for what it asks of its runner.
import { accessOf } from '../../schema/memory-text.js'
import type { Program, Repr, Where } from '../ir.js'
import { rootsOf, statementsIn } from '../passes/walk.js'
import { left, type JavaScriptFactory } from './actor.js'
import { Memories } from './memory.js'
import { Names } from './names.js'
import { Statements, fuelText } from './statements.js'
import { Writer } from './writer.js'

export interface JavaScriptOptions {
  /** Tests shuffle the iterations of `each`, which no body may tell. */
  readonly eachOrder?: 'ascending' | 'shuffled'
}

export interface EmittedJavaScript {
  /** An expression: `JavaScriptFactory`. */
  readonly text: string
  /** Where each line of the text came from, from line 1. */
  readonly lines: readonly (Where | undefined)[]
}

/** The JavaScript of a program that has been through all passes. */
export function emitJavaScript(program: Program, options: JavaScriptOptions = {}): EmittedJavaScript {
  const names = new Names()
  const title = names.claim(program.name)
  const locals = program.locals.map(({ name }) => names.claim(name))
  const messages = program.messages.map(({ name }) => names.claim(name))
  const memories = new Memories(program, names, messages)
  const out = new Writer(2)
  const statements = new Statements({ program, names, locals, memories, out, eachOrder: options.eachOrder ?? 'ascending' })
  if (program.form === 'one-shot') oneShotBody(statements)
  else statements.body()
  const { lines, places } = out.finish()
  const start = startLines(program, locals, messages, memories)
  const reduces = [...rootsOf(program)].some((root) => [...statementsIn(root)].some((s) => s.kind === 'reduce'))
  const head = [
    '(actor, places, numeric) => {', `  'use strict'`, '  const { memory, state, regions } = places',
    ...memories.declarations().map((line) => `  ${line}`),
    ...(reduces ? ['  const lanes = new Float64Array(256)'] : []),
    `  return function ${title}(${program.form === 'one-shot' ? 'count' : ''}) {`,
    ...start.map((line) => `    ${line}`),
  ]
  return {
    text: [...head, ...lines, '  }', '}'].join('\n'),
    lines: [...head.map(() => undefined), ...places, undefined, undefined],
  }
}

/** The factory that `text` describes. `name` is what stack traces call the text. */
export function evaluateJavaScript(text: string, name: string): JavaScriptFactory {
  const evaluate = new Function(`return ${text}\n//# sourceURL=ringlab:${encodeURIComponent(name)}`) as () => JavaScriptFactory
  return evaluate()
}

function oneShotBody(statements: Statements): void {
  const { program } = statements.parts
  const index = statements.parts.locals[program.parallels[0]?.index ?? 0] ?? 'i'
  statements.out.block('for (let at = 0; at < count; at++)', () => {
    statements.fuel()
    statements.out.line(`${index} = at`)
    statements.list(program.parallels[0]?.body ?? [])
  })
  statements.out.line(`return ${left.returned}`)
}

/** Where the function begins: what the frame holds, and the start values of the rest. */
function startLines(program: Program, locals: readonly string[], messages: readonly string[], memories: Memories): string[] {
  const declared = program.locals.map(({ repr, frame }, i) => {
    if (frame === undefined) return `${locals[i] ?? ''} = ${zero(repr)}`
    const { view, shift, load } = accessOf[repr]
    return `${locals[i] ?? ''} = ${load(`${memories.own(view)}[(bank >>> ${shift}) + ${frame / 2 ** shift}]`)}`
  })
  const variables = declared.length > 0 ? [`let ${declared.join(', ')}`] : []
  if (program.form === 'one-shot') return [`let fuel = ${fuelText}`, ...variables]
  return [
    `let bank = actor.frame, pc = ${memories.own('Uint32Array')}[bank >>> 2], fuel = ${fuelText}, out = 0`,
    ...variables,
    ...(messages.length > 0 ? [`let ${messages.map((name) => `${name} = actor.hand`).join(', ')}`] : []),
  ]
}

function zero(repr: Repr): string { return repr === 'bool' ? 'false' : repr === 'i64' || repr === 'u64' ? '0n' : '0' }
