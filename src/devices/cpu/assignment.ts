// What a worker is told of a ring kernel that it takes over.
import type { CompiledBody } from '../../compiler/compiled.js'
import type { BufferPlan, LaunchPlan, Preparation } from '../../runtime/device.js'
import { describeElement, describeSchema, struct } from '../../schema/index.js'
import type { Code } from '../body/compiled-code.js'
import type { EmittedBody } from '../body/emitted-runner.js'
import { sharedMemoryOf } from '../body/shared-memory.js'
import type { Assignment, BufferText } from './letters.js'

/** What the CPU device makes of a definition. */
export interface CpuPreparation extends Preparation { readonly code: Code }

export function assignmentOf(plan: LaunchPlan): Omit<Assignment, 'wiring'> {
  const { definition, block } = plan
  const { body, compiled } = (plan.preparation as CpuPreparation).code
  return {
    number: plan.number, id: plan.id, body, emitted: compiled === undefined ? undefined : emittedOf(compiled), arena: block.arena.memory, controlOffset: block.offset, origin: plan.origin, record: plan.record,
    input: describeSchema(definition.input), output: describeSchema(definition.output), sends: definition.sends,
    state: plan.stateFields === undefined ? undefined : describeSchema(struct('State', plan.stateFields)),
    buffers: plan.buffers.map(bufferText),
    ports: Object.entries(definition.ports).map(([name, schema]) => ({ name, schema: describeSchema(schema) })),
  }
}

/** What a worker needs: not the CUDA C++, nor the tables that lead back to lines. */
function emittedOf({ name, form, javascript, frameBytes, localBytes, constants, sites, ports, inputBytes, buffers }: CompiledBody): EmittedBody {
  return { name, form, javascript, frameBytes, localBytes, constants, sites, ports, inputBytes, buffers }
}

function bufferText({ name, element, block, offset, count }: BufferPlan): BufferText {
  return { name, element: describeElement(element), memory: sharedMemoryOf(block), offset, count }
}
