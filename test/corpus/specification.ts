// The specification: the untransformed function run by plain JavaScript, over messages as bytes. Nothing of a device takes part.
import { pow } from '#ringlab/compiler/numeric/pow.js'
import { layoutOf, structCodec, viewOf, struct, type Fields, type Struct } from '#ringlab/schema/index.js'
import { BodyContext } from '#ringlab/devices/body/context.js'
import type { DeviceEnd } from '#ringlab/devices/body/device-end.js'
import { monotonicNs } from '#ringlab/runtime/clock.js'
import type { Definition } from '#ringlab/runtime/definition.js'

/** A message with the facts of its envelope. */
export interface Input { readonly bytes: Uint8Array; readonly correlationId: bigint; readonly priority: number }
export interface Output { readonly bytes: Uint8Array; readonly correlationId: bigint; readonly priority: number; readonly timeToLiveMs?: number }
export interface Run { readonly outputs: readonly Output[]; readonly state: Uint8Array; readonly log: readonly string[]; readonly returned: boolean; readonly fault: string | undefined }

interface Options { readonly priority?: number; readonly correlationId?: bigint; readonly timeToLiveMs?: number }

/** Runs the body of `definition` over the inputs until it waits for a further one, returns or throws. */
export async function runSpecification(definition: Definition, inputs: readonly Input[]): Promise<Run> {
  const input = structCodec(definition.input as Struct<Fields>)
  const stateStruct = definition.state === undefined ? undefined : struct('State', definition.state)
  const memory = new ArrayBuffer(stateStruct === undefined ? 0 : Math.ceil(layoutOf(stateStruct).bytes / 8) * 8)
  const outputs: Output[] = []
  const log: string[] = []
  let taken = 0
  let hand: Input | undefined
  const envelope = (): unknown => ({ id: 0n, correlationId: hand?.correlationId ?? 0n, priority: hand?.priority ?? 128, sender: 0, sentAtNs: 0n, timeToLiveMs: 0 })
  const base = new BodyContext({ shouldTerminate: false, envelope, activatedAtNs: monotonicNs() } as unknown as DeviceEnd, stateStruct === undefined ? {} : viewOf(stateStruct, memory, 0))
  const take = (): unknown => {
    const next = inputs[taken++] as Input
    hand = next
    return decode(input, next.bytes)
  }
  const send = (message: unknown, options?: Options): Promise<void> => {
    const codec = structCodec(definition.output as Struct<Fields>)
    outputs.push({ bytes: encode(codec, message), correlationId: BigInt.asUintN(64, options?.correlationId ?? hand?.correlationId ?? 0n), priority: options?.priority ?? 128, timeToLiveMs: options?.timeToLiveMs ?? 0 })
    return Promise.resolve()
  }
  const context: object = Object.assign(Object.create(base) as object, {
    receive: () => (taken < inputs.length ? Promise.resolve(take()) : (waits(), new Promise(() => undefined))),
    tryReceive: () => (taken < inputs.length ? take() : undefined),
    send, reply: (to: { correlationId: bigint }, message: unknown) => send(message, { correlationId: to.correlationId }),
  })
  let waits = (): void => undefined
  const waiting = new Promise<'waiting'>((resolve) => { waits = () => { resolve('waiting') } })
  const restore = borrowed(log)
  try {
    const { body } = definition
    if (typeof body === 'function') {
      const ended = (body as (ctx: unknown) => Promise<void>)(context).then(() => 'returned' as const)
      const how = await Promise.race([waiting, ended])
      return { outputs, state: new Uint8Array(memory), log, returned: how === 'returned', fault: undefined }
    }
    while (taken < inputs.length) {
      const before = outputs.length
      try { void (body as { onMessage(message: unknown, ctx: unknown): unknown }).onMessage(take(), context) } catch (error) { outputs.length = before; throw error }
    }
    return { outputs, state: new Uint8Array(memory), log, returned: false, fault: undefined }
  } catch (error) {
    return { outputs, state: new Uint8Array(memory), log, returned: false, fault: (error as Error).message }
  } finally { restore() }
}

function decode(codec: ReturnType<typeof structCodec>, bytes: Uint8Array): unknown {
  const copy = new ArrayBuffer(Math.ceil(codec.bytes / 8) * 8)
  new Uint8Array(copy).set(bytes)
  return codec.bind(copy).read(0)
}

/** The bytes of one message, padding zero. */
export function encode(codec: ReturnType<typeof structCodec>, message: unknown): Uint8Array {
  const memory = new ArrayBuffer(Math.ceil(codec.bytes / 8) * 8)
  codec.bind(memory).write(0, message)
  return new Uint8Array(memory, 0, codec.bytes)
}

/** Takes over console.log, and Math.pow, which has no bits of its own: engines and processors differ, so the language has one of its own. */
function borrowed(into: string[]): () => void {
  const { log } = console
  const enginePow = Object.getOwnPropertyDescriptor(Math, 'pow') as PropertyDescriptor
  console.log = (...values: unknown[]) => { into.push(values.map(String).join(' ')) }
  Object.defineProperty(Math, 'pow', { ...enginePow, value: pow })
  return () => { console.log = log; Object.defineProperty(Math, 'pow', enginePow) }
}
