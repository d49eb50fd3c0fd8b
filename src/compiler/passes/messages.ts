// Which messages are copied on receipt. A message is read in its ring's slot until the next one is taken; what is written, or needed longer, has a region.
import type { MessageVariable, Program, Region } from '../ir.js'
import { livenessOf } from './liveness.js'
import { rootsOf, statementsIn, writesOf } from './walk.js'

/** Gives a region to each message variable that needs one. */
export function messages(program: Program): Program {
  const { input } = program
  if (!input) return program
  const copied = new Set(livenessOf(program).messagesAcrossReceives)
  for (const root of rootsOf(program)) {
    for (const s of statementsIn(root)) for (const { base } of writesOf(s)) if (base.kind === 'message') copied.add(base.message)
  }
  const regions: Region[] = [...program.regions]
  const variables = program.messages.map((variable, i): MessageVariable => (
    copied.has(i) ? { ...variable, region: regions.push({ name: variable.name, layout: input, offset: 0 }) - 1 } : { ...variable, region: undefined }))
  return { ...program, regions, messages: variables }
}
