// The corpus as emitted CUDA on the simulated GPU: built by g++, one fiber a thread, parked at random and with ring indices that wrap; every output bit
// is plain JavaScript's.
import { afterAll, expect, test } from 'vitest'
import type { Program } from '#ringlab/compiler/ir.js'
import { command } from '#ringlab/ring/control.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import { comparable } from '../compiler/nan.js'
import type { CorpusKernel } from '../corpus/corpus.js'
import { corpus } from '../corpus/index.js'
import { randomInputs } from '../corpus/inputs.js'
import { Random } from '../corpus/random.js'
import { runSpecification } from '../corpus/specification.js'
import { simulatedGpu, until } from '../driver/gpu.js'
import { emitted } from './compiled.js'
import { EmittedActor } from './device.js'

const MESSAGES = 40
const nodeMajor = Number(process.versions.node.split('.')[0])
const gpu = simulatedGpu()
afterAll(() => { gpu[Symbol.dispose]() })

test.each(corpus.map((kernel, i) => [kernel.definition.name, kernel, i] as const))('%s gives the bits of plain JavaScript', async (_name, kernel: CorpusKernel, i) => {
  const inputs = randomInputs(kernel, i * 7919 + 3, MESSAGES)
  const wanted = await runSpecification(kernel.definition as unknown as Definition, inputs)
  const program = await emitted(kernel)
  const random = new Random(i + 1)
  const actor = new EmittedActor(gpu, program, { firstIndex: 2 ** 32 - 20, threads: program.program.parallels.length > 0 ? 64 : 32 })
  const seen: string[] = []
  let sent = 0
  actor.launch()
  await until(() => {
    if (actor.isGone && !actor.isParked) return true
    if (actor.isParked) actor.launch()
    else if (random.integer(0, 11) === 0) actor.ask(command.park)
    while (sent < inputs.length && random.integer(0, 2) > 0) {
      const { bytes, correlationId, priority } = inputs[sent] as (typeof inputs)[number]
      if (!actor.send(bytes, correlationId, priority)) break
      sent++
    }
    for (let next = actor.receive(); next !== undefined; next = actor.receive()) seen.push(line(program.program, next.payload, next.envelope))
    // A message in hand stays in its slot until the next is asked for.
    return sent === inputs.length && actor.messagesTaken >= -1 && seen.length >= wanted.outputs.length
  }, `${kernel.definition.name} to answer ${wanted.outputs.length} outputs (${seen.length} came)`)
  actor.ask(command.stop)
  await until(() => actor.isGone, `${kernel.definition.name} to stop`)
  for (let next = actor.receive(); next !== undefined; next = actor.receive()) seen.push(line(program.program, next.payload, next.envelope))
  // Node 20 has another pow than later Nodes and than every device: its own results are no measure then.
  if (program.cuda.program.includes('rl_pow(') && nodeMajor < 24) expect(seen).toHaveLength(wanted.outputs.length)
  else expect(seen).toEqual(wanted.outputs.map((output) => line(program.program, output.bytes, output)))
  if (program.program.state) expect(comparable(actor.stateBytes(), program.program.state)).toBe(comparable(wanted.state, program.program.state))
})

function line(program: Program, bytes: Uint8Array, { correlationId, priority }: { readonly correlationId: bigint; readonly priority: number }): string {
  const layout = program.ports[0]?.layout
  return `${layout ? comparable(bytes, layout) : ''} ${correlationId} ${priority}`
}
