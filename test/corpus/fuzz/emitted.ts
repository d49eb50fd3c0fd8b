// A program as emitted JavaScript on a workbench, with rings of 16 slots that cross the wrap of their indices, parked and lost at random moments.
import { structCodec, type Fields, type Struct } from '#ringlab/schema/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Program } from '#ringlab/compiler/ir.js'
import { Bench } from '../../devices/bench.js'
import type { Random } from '../random.js'
import { encode, type Input, type Output } from '../specification.js'

/** Turns of the workbench without a message moving, after which the body waits for a further message. */
const IDLE_TURNS = 8
/** Turns in all: more than any program of the corpus needs for its messages. */
const TURNS_MAX = 200_000

export interface EmittedRun { readonly outputs: readonly Output[]; readonly fault: string | undefined; readonly parks: number }

export function runEmitted(program: Program, definition: Definition, inputs: readonly Input[], random: Random): EmittedRun {
  const [input, output] = [definition.input as Struct<Fields>, definition.output as Struct<Fields>]
  const codecs = { input: structCodec(input), output: structCodec(output) }
  const bench = new Bench(program, input, output, { firstIndex: 2 ** 32 - 7 })
  const outputs: Output[] = []
  let [sent, idle, parks] = [0, 0, 0]
  bench.tell('run')
  for (let turn = 0; idle < IDLE_TURNS; turn++) {
    if (turn > TURNS_MAX) throw new Error(`the body went on for ${TURNS_MAX} turns`)
    while (sent < inputs.length && random.bits() % 3 !== 0) {
      const next = inputs[sent] as Input
      if (!bench.send(decode(codecs.input, next.bytes), Number(next.correlationId))) break
      sent++
      idle = 0
    }
    if (random.bits() % 8 === 0) { bench.tell('park'); bench.runner.step(); if (random.bits() % 2 === 0) bench.makeRunner(); bench.tell('run'); parks++ }
    if (bench.runner.step() !== 'idle') idle = 0
    else idle++
    // A slow receiver leaves the output ring full at times.
    for (let left = random.bits() % 24; left > 0; left--) {
      const correlationId = BigInt(bench.correlation() >>> 0)
      const message = bench.receive()
      if (message === undefined) break
      outputs.push({ bytes: encode(codecs.output, message), correlationId, priority: 128 })
      idle = 0
    }
    if (sent < inputs.length) idle = 0
    if (bench.faults.length > 0 || bench.returned > 0) break
  }
  for (let message = bench.receive(); message !== undefined; message = bench.receive()) outputs.push({ bytes: encode(codecs.output, message), correlationId: 0n, priority: 128 })
  return { outputs, fault: bench.faults[0]?.error.message, parks }
}

function decode(codec: ReturnType<typeof structCodec>, bytes: Uint8Array): unknown {
  const copy = new ArrayBuffer(Math.ceil(codec.bytes / 8) * 8)
  new Uint8Array(copy).set(bytes)
  return codec.bind(copy).read(0)
}
