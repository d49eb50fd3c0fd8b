// A ring kernel of the corpus on a device, through the public API: the same inputs as the specification got, and every output as bytes again.
import { structCodec, type Fields, type Struct } from '#ringlab/schema/index.js'
import type { Definition } from '#ringlab/runtime/definition.js'
import type { Device, RingKernelRuntime } from 'ringlab'
import type { CorpusKernel } from './corpus.js'
import { encode, type Input, type Output, type Run } from './specification.js'

/** A wait for one output, ms: a compile on the way included. */
const OUTPUT_MS_MAX = 20_000

export interface DeviceRun { readonly outputs: readonly Output[]; readonly extra: number }

/**
 * Runs the ring kernel on `device` and collects as many outputs as the specification gave; `extra` is how many more there were. `disturb` is called between
 * messages, to park and go on.
 */
export async function runOnDevice(runtime: RingKernelRuntime, kernel: CorpusKernel, inputs: readonly Input[], expected: Run, device: Device, disturb?: (actor: Awaited<ReturnType<RingKernelRuntime['spawn']>>, i: number) => Promise<void>): Promise<DeviceRun> {
  const definition = kernel.definition as unknown as Definition
  const input = structCodec(definition.input as Struct<Fields>)
  const output = definition.sends ? structCodec(definition.output as Struct<Fields>) : undefined
  const actor = await runtime.spawn(kernel.definition, { device })
  const outputs: Output[] = []
  const collected = (async () => {
    const stream = actor.envelopes({ timeoutMs: OUTPUT_MS_MAX })
    while (outputs.length < expected.outputs.length) {
      const { value, done } = await stream.next() as { value: unknown; done?: boolean }
      if (done === true) break
      const { message, envelope } = value as { message: unknown; envelope: { correlationId: bigint; priority: number; timeToLiveMs: number } }
      if (output !== undefined) outputs.push({ bytes: encode(output, message), correlationId: envelope.correlationId, priority: envelope.priority, timeToLiveMs: envelope.timeToLiveMs })
    }
  })()
  for (const [i, each] of inputs.entries()) {
    // What the body returned before taking is of no interest to it.
    if (expected.returned && (actor.state === 'TERMINATED')) break
    try { await actor.send(decode(input, each.bytes), { correlationId: each.correlationId, priority: each.priority, timeoutMs: OUTPUT_MS_MAX }) } catch (error) {
      if (!expected.returned) throw error
      break
    }
    // A body that returns by itself may do so while it is being parked.
    if (!expected.returned) await disturb?.(actor, i)
  }
  await collected
  if (!expected.returned) await processedAll(actor, inputs.length)
  const extra = actor.telemetry().sent - outputs.length
  await actor.terminate()
  return { outputs, extra }
}

/** Waits until every input was finished or is in hand, so that further outputs would be there. */
async function processedAll(actor: { telemetry(): { processed: number; depth: number } }, count: number): Promise<void> {
  const until = performance.now() + OUTPUT_MS_MAX
  while (actor.telemetry().depth > 1 || actor.telemetry().processed < count - 1) {
    if (performance.now() > until) throw new Error(`after ${OUTPUT_MS_MAX} ms, ${actor.telemetry().depth} messages were still queued`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function decode(codec: ReturnType<typeof structCodec>, bytes: Uint8Array): unknown {
  const copy = new ArrayBuffer(Math.ceil(codec.bytes / 8) * 8)
  new Uint8Array(copy).set(bytes)
  return codec.bind(copy).read(0)
}

/** The first difference between what a device gave and the specification, as a sentence; undefined when there is none. */
export function differenceOf(run: DeviceRun, expected: Run, fields: Struct<Fields>): string | undefined {
  if (expected.outputs.length === 0) return run.extra > 0 ? `${run.extra} outputs where the specification gave none` : undefined
  const codec = structCodec(fields)
  for (let i = 0; i < expected.outputs.length; i++) {
    const [got, wanted] = [run.outputs[i], expected.outputs[i] as Output]
    if (got === undefined) return `output ${i} of ${expected.outputs.length} is missing`
    // NaNs are one value to JavaScript, whatever their bits; everything else has one shortest text.
    if (Buffer.compare(got.bytes, wanted.bytes) !== 0) {
      const [text, wantedText] = [got.bytes, wanted.bytes].map((bytes) => JSON.stringify(readable(decode(codec, bytes))))
      if (text !== wantedText) return `output ${i}: ${text ?? ''} instead of ${wantedText ?? ''}`
    }
    if (got.correlationId !== wanted.correlationId) return `output ${i} carries correlation id ${got.correlationId} instead of ${wanted.correlationId}`
    if ((got.timeToLiveMs ?? 0) !== (wanted.timeToLiveMs ?? 0)) return `output ${i} may live for ${got.timeToLiveMs ?? 0} ms instead of ${wanted.timeToLiveMs ?? 0}`
    if (got.priority !== wanted.priority) return `output ${i} carries priority ${got.priority} instead of ${wanted.priority}`
  }
  return run.extra > 0 ? `${run.extra} outputs more than the specification gave` : undefined
}

/** JSON shows neither −0 nor bigints nor infinities by itself. */
function readable(value: unknown): unknown {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, readable)
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]))
  return value
}
