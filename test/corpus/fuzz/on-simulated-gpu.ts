// A generated program as emitted CUDA on the simulated GPU, with rings of 16 slots that cross the wrap of their indices, parked and relaunched at random moments.
import { command } from '#ringlab/ring/control.js'
import type { Handle } from '#ringlab/driver/index.js'
import { until, type Gpu } from '../../driver/gpu.js'
import { EmittedActor } from '../../emitted/device.js'
import type { Random } from '../random.js'
import type { Input, Output } from '../specification.js'
import type { UnitProgram } from './cuda-unit.js'

const LANES = [1, 32, 64] as const

export interface SimulatedRun { readonly outputs: readonly Output[]; readonly state: Uint8Array; readonly fault: string | undefined; readonly parks: number }

/** Sends every input, parks at times, and drains; the outputs come in order. */
export async function runOnSimulatedGpu(gpu: Gpu, emitted: UnitProgram, entry: Handle, inputs: readonly Input[], random: Random): Promise<SimulatedRun> {
  const actor = new EmittedActor(gpu, emitted, { firstIndex: 2 ** 32 - 7, threads: emitted.program.parallels.length > 0 ? random.pick(LANES) : 32, function: entry })
  const outputs: Output[] = []
  const receive = (most: number): void => {
    for (let left = most; left > 0; left--) {
      const next = actor.receive()
      if (next === undefined) return
      outputs.push({ bytes: next.payload, correlationId: next.envelope.correlationId, priority: next.envelope.priority })
    }
  }
  let [sent, parks] = [0, 0]
  actor.launch()
  await until(() => {
    if (actor.isGone) {
      if (!actor.isParked) return true
      parks++
      actor.launch()
    } else if (random.bits() % 12 === 0) actor.ask(command.park)
    else if (sent === inputs.length) actor.ask(command.drain)
    while (sent < inputs.length && random.bits() % 3 !== 0) {
      const { bytes, correlationId, priority } = inputs[sent] as Input
      if (!actor.send(bytes, correlationId, priority)) break
      sent++
    }
    // A slow receiver leaves the output ring full at times.
    receive(random.bits() % 24)
    return false
  }, `${emitted.cuda.entry} to take ${inputs.length} messages (${outputs.length} outputs came)`)
  receive(Infinity)
  const run = { outputs, state: actor.stateBytes(), fault: actor.fault, parks }
  actor[Symbol.dispose]()
  return run
}
