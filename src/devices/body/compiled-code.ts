// A definition's body, captured and compiled: what a device is given to run. Bodies with message() schemas are no programs of the language: they run as they are.
import { compileWith } from '../../compiler/compile-with.js'
import type { CompiledBody } from '../../compiler/compiled.js'
import type { KernelPlan } from '../../runtime/device.js'
import type { Definition } from '../../runtime/definition.js'
import { DeviceError } from '../../runtime/errors.js'
import { describeElement, describeSchema, struct, u8 } from '../../schema/index.js'
import { captureBody, type CapturedBody } from '../../source/index.js'

/** `compiled` is undefined for a body that runs as it is. */
export interface Code { readonly body: CapturedBody; readonly compiled: CompiledBody | undefined }

/** @throws CaptureError; CompileError with everything found. */
export async function codeOf(definition: Definition): Promise<Code> {
  const body = await captureBody(definition.body, { name: definition.name })
  if (!isCompilable(definition)) return { body, compiled: undefined }
  const entries = <T, U>(of: Readonly<Record<string, T>>, describe: (value: T) => U): Record<string, U> => Object.fromEntries(Object.entries(of).map(([name, value]) => [name, describe(value)]))
  const compiled = await compileWith({
    name: definition.name, body, form: 'ring-kernel', parallel: definition.parallel, math: definition.math,
    input: describeSchema(definition.input), output: definition.sends ? describeSchema(definition.output) : undefined, ports: entries(definition.ports, describeSchema),
    state: definition.state === undefined || Object.keys(definition.state).length === 0 ? undefined : describeSchema(struct('State', definition.state)),
    buffers: entries(definition.buffers, describeElement),
  })
  return { body, compiled }
}

/** What one message leads to has to fit the rings at once. @throws DeviceError. */
export function requireRoom({ ports }: CompiledBody, { name: id, capacity }: Definition, device: string): void {
  for (const { name, emitsMax = 0 } of ports) {
    if (emitsMax > capacity) throw new DeviceError(device, `ring kernel '${id}' may send ${emitsMax} messages to ${name} for each that it handles, but its rings hold ${capacity}: raise capacity.`)
  }
}

/** A one-shot kernel's body, compiled. @throws CaptureError; CompileError with everything found. */
export async function kernelCodeOf({ name, body, scalars, buffers, math }: KernelPlan): Promise<CompiledBody> {
  return compileWith({
    name, body: await captureBody(body, { name }), form: 'one-shot', parallel: undefined, math,
    // It has no messages; the compiler looks at no input of such a body.
    input: noMessage, output: undefined, ports: {}, state: undefined,
    ...(Object.keys(scalars).length === 0 ? {} : { arguments: describeSchema(struct('Arguments', scalars)) }),
    buffers: Object.fromEntries(buffers.map((buffer) => [buffer.name, describeElement(buffer.element)])),
  })
}

const noMessage = describeSchema(struct('None', { none: u8 }))

/** Is every message a struct, and the body no CUDA C++? */
export function isCompilable({ input, output, sends, ports, cuda }: Definition): boolean {
  return cuda === undefined && [input, ...(sends ? [output] : []), ...Object.values(ports)].every((schema) => schema.kind === 'struct')
}
