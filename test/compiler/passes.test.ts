// The passes keep the meaning to the bit: random programs run before and after them, with parks anywhere and slots that do not last.
import { describe, expect, test } from 'vitest'
import { frame } from '#ringlab/compiler/passes/frame.js'
import { messages } from '#ringlab/compiler/passes/messages.js'
import { narrow } from '#ringlab/compiler/passes/narrow/index.js'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { statementsIn } from '#ringlab/compiler/passes/walk.js'
import { validate } from '#ringlab/compiler/passes/validate/index.js'
import type { Program } from '../../src/compiler/ir.js'
import { interpret, type Given, type Seen } from './interpreter.js'
import { randomFrom, randomPayload, randomProgram } from './random-program.js'

const programs = Number(process.env.RINGLAB_PASS_PROGRAMS ?? 600)

function givenFrom(seed: number): Given {
  const random = randomFrom(seed ^ 0x5bd1e995)
  const inputs = Array.from({ length: 6 }, () => ({ payload: randomPayload(random) }))
  const arrivals = Array.from({ length: 64 }, () => random() < 0.7)
  return { inputs, arrives: (asked) => arrivals[asked % 64] ?? true, roundsMax: 4_000 }
}

/** Every bit of what was seen. */
function bits(seen: Seen): unknown {
  const value = (of: unknown): string => (Object.is(of, -0) ? '-0' : String(of))
  return {
    outputs: seen.outputs.map(({ payload, ...rest }) => ({ bytes: hex(payload), priority: rest.priority, id: String(rest.correlationId) })), state: hex(seen.state), ended: seen.ended,
    faults: seen.faults.map((fault) => ({ ...fault, value: value(fault.value) })), logs: seen.logs.map(({ site, values }) => ({ site, values: values.map(value) })),
  }
}

function hex(bytes: Uint8Array): string { return Buffer.from(bytes).toString('hex') }

function copiedAlways(program: Program): Program {
  const regions = [...program.regions]
  const variables = program.messages.map((variable) => ({ ...variable, region: program.input ? regions.push({ name: variable.name, layout: program.input, offset: 0 }) - 1 : undefined }))
  return { ...program, regions, messages: variables }
}

describe('random programs', () => {
  test('are valid, and mean the same after every pass, parked anywhere', () => {
    let loops = 0
    let narrowed = 0
    for (let seed = 1; seed <= programs; seed++) {
      const program = randomProgram(randomFrom(seed))
      const given = givenFrom(seed)
      validate(program)
      const plain = interpret(copiedAlways(program), given)
      if (plain.ended === 'too long') continue
      const random = randomFrom(seed + 77)
      const done = runPasses(program, (finding) => { throw new Error(finding.code) })
      validate(done)
      const after = interpret(done, { ...given, parks: () => random() < 0.5 })
      expect(bits(after), `seed ${seed}`).toEqual(bits(plain))
      loops += [...statementsIn(done.body)].filter((s) => s.kind === 'loop' && s.trips !== undefined).length
      narrowed += done.locals.filter((local, i) => local.repr !== program.locals[i]?.repr).length
    }
    // The programs are of a kind on which the passes have something to do.
    expect(loops).toBeGreaterThan(programs / 4)
    expect(narrowed).toBeGreaterThan(programs / 2)
  })

  test('are left as they are by the passes', () => {
    const program = randomProgram(randomFrom(5))
    const before = structuredClone(program)
    runPasses(program, () => undefined)
    expect(program).toEqual(before)
  })

  test('keep what is needed and no more: a frame without one of its locals loses a program', () => {
    let lost = 0
    for (let seed = 1; seed <= 60; seed++) {
      const done = frame(messages(narrow(randomProgram(randomFrom(seed)))))
      const kept = done.locals.findIndex((local) => local.frame !== undefined)
      if (kept === -1) continue
      const without = { ...done, locals: done.locals.map(({ name, repr, frame: at }, i) => (i === kept || at === undefined ? { name, repr } : { name, repr, frame: at })) }
      try { interpret(without, { ...givenFrom(seed), parks: () => true }) } catch { lost++ }
    }
    expect(lost).toBeGreaterThan(10)
  })
})
