// What the compiler is asked for a definition. Plain data out of a live definition; nothing is compiled here.
import type { CompileRequest } from '../../compiler/request.js'
import type { Definition } from '../../runtime/definition.js'
import { describeSchema, struct, type SchemaText } from '../../schema/index.js'
import { captureBody } from '../../source/index.js'

type StructText = Extract<SchemaText, { kind: 'struct' }>

/** @throws CaptureError when the body reads what cannot be copied. */
export async function requestOf(definition: Definition): Promise<CompileRequest> {
  const { name, body, input, output, sends, ports, state, buffers, parallel, math } = definition
  // Elements of buffers are described as fields of one struct: a schema of its own has to be a struct, and a struct has fields.
  const elements = Object.keys(buffers).length === 0 ? [] : (describeSchema(struct('Elements', buffers)) as StructText).fields
  return {
    name, body: await captureBody(body, { name }), input: describeSchema(input), output: sends ? describeSchema(output) : undefined,
    ports: Object.fromEntries(Object.entries(ports).map(([port, schema]) => [port, describeSchema(schema)])),
    state: state && describeSchema(struct('State', state)), buffers: Object.fromEntries(elements), form: 'ring-kernel', parallel, math,
  }
}
