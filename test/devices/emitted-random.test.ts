// Emitted JavaScript gives what the typed representation means, bit for bit: random programs beside the interpreter, parked and moved to other threads on the way.
import { expect, test } from 'vitest'
import { runPasses } from '#ringlab/compiler/passes/index.js'
import { interpret } from '../compiler/interpreter.js'
import { fields, randomFrom, randomPayload, randomProgram } from '../compiler/random-program.js'
import { layoutOf, struct } from '#ringlab/schema/index.js'
import { comparable } from '../compiler/nan.js'
import { Bench } from './bench.js'

const programs = Number(process.env['RINGLAB_EMIT_PROGRAMS'] ?? 300)
const Input = struct('Input', fields)
const Output = struct('Output', fields)

const payload = layoutOf(Output)
/** Every bit but those of NaNs. */
const hex = (bytes: Uint8Array): string => comparable(bytes, payload)

test('random programs, parked anywhere, answer what the interpreter answers', () => {
  let compared = 0
  let faulted = 0
  for (let seed = 1; seed <= programs; seed++) {
    const program = runPasses(randomProgram(randomFrom(seed)), (finding) => { throw new Error(finding.code) })
    const given = randomFrom(seed + 9)
    const inputs = Array.from({ length: 6 }, () => ({ payload: randomPayload(given), priority: 0 }))
    const expected = interpret(program, { inputs, roundsMax: 4_000 })
    if (expected.ended === 'too long') continue
    const bench = new Bench(program, Input, Output, { capacity: 16, firstIndex: -8 })
    for (const input of inputs) bench.sendBytes(input.payload)
    const random = randomFrom(seed + 77)
    const outputs: string[] = []
    for (let round = 0; bench.state !== 4 && bench.state !== 5; round++) {
      if (round > 5_000) throw new Error(`seed ${seed} does not end`)
      bench.tell(random() < 0.3 ? 'park' : 'drain')
      bench.runner.step()
      if (random() < 0.2) bench.makeRunner()
      if (random() < 0.8) for (let output = bench.receiveBytes(); output !== undefined; output = bench.receiveBytes()) outputs.push(hex(output))
    }
    for (let output = bench.receiveBytes(); output !== undefined; output = bench.receiveBytes()) outputs.push(hex(output))
    expect(outputs, `seed ${seed}`).toEqual(expected.outputs.map((output) => hex(output.payload)))
    expect(hex(bench.stateBytes), `seed ${seed}`).toBe(hex(expected.state))
    expect(bench.faults.length, `seed ${seed}`).toBe(expected.faults.length)
    compared++
    faulted += expected.faults.length
  }
  expect(compared).toBeGreaterThan(programs / 2)
  expect(faulted).toBeGreaterThan(0)
})
