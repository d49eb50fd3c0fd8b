// What the compiler is asked for a ring kernel's definition, as the runtime asks it.
import type { Definition } from '#ringlab/runtime/definition.js'
import { describeSchema, struct } from '#ringlab/schema/index.js'
import { captureBody } from '#ringlab/source/index.js'
import type { CompileRequest } from '#ringlab/compiler/index.js'
import type { RingKernelDefinition } from 'ringlab'

export async function requestFor(given: RingKernelDefinition): Promise<CompileRequest> {
  const definition = given as unknown as Definition
  return {
    name: definition.name, body: await captureBody(definition.body, { name: definition.name }), input: describeSchema(definition.input),
    output: definition.sends ? describeSchema(definition.output) : undefined, ports: {}, state: definition.state && describeSchema(struct('State', definition.state)),
    buffers: {}, form: 'ring-kernel', parallel: undefined, math: 'exact',
  }
}
