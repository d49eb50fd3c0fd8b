// The magics that act on ring kernels: %device, %launch to %terminate, %send and %receive.

import { lab } from '../../lab/index.js'
import { defaultDevice, setDefaultDevice } from '../../runtime/default-device.js'
import { checkDevice, definitionNamed, isDefinition, type Definition } from '../../runtime/definition.js'
import { automaticDevice, probeDevice } from '../../runtime/device.js'
import { liveRuntimes } from '../../runtime/registry.js'
import type { Device, RingKernel } from '../../runtime/types.js'
import type { Behaviour, MagicCall } from './behaviour.js'
import { MagicUsageError } from './parse-line.js'
import { magicTable, usageOf } from './table.js'

export const device: Behaviour = async ({ context, line }) => {
  const [wanted] = line.arguments
  if (wanted !== undefined) {
    checkDevice('%device', wanted)
    if (wanted !== 'auto') await probeDevice(wanted)
    setDefaultDevice(wanted as Device)
  }
  const now = defaultDevice()
  const meaning = now === 'auto' ? await automaticMeaning() : ''
  const kept = liveRuntimes().length > 0 && wanted !== undefined ? ' A runtime that is live keeps its own.' : ''
  context.print(`New runtimes run on ${now}${meaning}.${kept}\n`)
}

async function automaticMeaning(): Promise<string> {
  const { name, reason } = await automaticDevice()
  return reason === undefined ? `: ${name}` : `: ${name}, because ${reason.replace(/\.$/, '')}`
}

export const launch: Behaviour = async ({ context, line }) => {
  const [name = ''] = line.arguments
  const id = line.options.get('--id') as string | undefined
  const where = line.options.get('--device') as Device | undefined
  const definition = definitionNamed(name) ?? await definitionIn(context, name) ?? name
  const options = { ...(id === undefined ? {} : { id }), ...(where === undefined ? {} : { device: where }) }
  return line.options.has('--activate') ? lab.runtime.spawn(definition, options) : lab.runtime.launch(definition, options)
}

export const activate: Behaviour = (call) => forEach('activate', call, (id) => lab.runtime.activate(id))
export const deactivate: Behaviour = (call) => forEach('deactivate', call, (id) => lab.runtime.deactivate(id))

export const step: Behaviour = async (call) => {
  const [given, wanted] = call.line.arguments
  const id = await idOf(call, given)
  const count = wanted === undefined ? 1 : Number(wanted)
  if (!Number.isSafeInteger(count) || count < 1) throw new MagicUsageError('step', `%step needs a count of messages, 1 or more, but was given ${String(wanted)}: ${usageOf('step', magicTable.step)}.`)
  const kernel = lab.runtime.ringKernels.get(id)
  if (kernel === undefined) throw new TypeError(`there is no ring kernel with the id '${id}' in this runtime: %actors lists them.`)
  if (kernel.state === 'ACTIVE') await kernel.deactivate()
  const processed = await kernel.step(count)
  const { depth } = kernel.telemetry()
  call.context.print(`${id}: ${processed} ${processed === 1 ? 'message' : 'messages'} processed, ${depth} queued; ${kernel.state}\n`)
  return call.use === 'value' ? processed : undefined
}

export const terminate: Behaviour = (call) => {
  const pending = call.line.options.get('--pending') as 'drain' | 'discard' | undefined
  const ids = call.line.options.has('--all') ? [...lab.runtime.ringKernels.values()].filter((kernel) => kernel.state !== 'TERMINATED').map((kernel) => kernel.id) : undefined
  return forEach('terminate', call, (id) => lab.runtime.terminate(id, pending === undefined ? {} : { pending }), ids)
}

export const send: Behaviour = async (call) => {
  const { context, line } = call
  const priority = line.options.get('--priority') as number | undefined
  const id = await idOf(call, line.arguments[0])
  await lab.runtime.send(id, await context.evaluate(line.code), priority === undefined ? {} : { priority })
}

export const receive: Behaviour = async (call) => {
  const { options } = call.line
  const seconds = options.get('--timeout') as number | undefined
  const count = options.get('--count') as number | undefined
  const wait = seconds === undefined ? {} : { timeoutMs: seconds * 1000 }
  const id = await idOf(call, call.line.arguments[0])
  if (count === undefined) return lab.runtime.receive(id, wait)
  const messages: unknown[] = []
  while (messages.length < count) messages.push(await lab.runtime.receive(id, wait))
  return messages
}

async function forEach(name: 'activate' | 'deactivate' | 'terminate', call: MagicCall, act: (id: string) => Promise<void>, ids?: readonly string[]): Promise<void> {
  const given = ids ?? call.line.arguments
  if (given.length === 0 && !ids) throw new MagicUsageError(name, `%${name} needs an ID: ${usageOf(name, magicTable[name])}.`)
  for (const each of given) {
    const id = await idOf(call, each)
    const kernel = lab.runtime.ringKernels.get(id)
    await act(id)
    if (kernel) call.context.print(`${id}: ${kernel.state}\n`)
  }
}

/** An id as it stands, else the id of the ring kernel that a name of the session holds (`const a = await runtime.launch(…)`). */
async function idOf({ context }: MagicCall, given = ''): Promise<string> {
  if (lab.runtime.ringKernels.has(given) || !context.names().some((known) => known.name === given)) return given
  const value = await context.evaluate(given)
  return isRingKernel(value) ? value.id : isDefinition(value) ? value.name : given
}

async function definitionIn(context: MagicCall['context'], name: string): Promise<Definition | undefined> {
  if (!context.names().some((known) => known.name === name)) return undefined
  const value = await context.evaluate(name)
  return isDefinition(value) ? value : undefined
}

function isRingKernel(value: unknown): value is RingKernel {
  return typeof value === 'object' && value !== null && typeof (value as Partial<RingKernel>).id === 'string' && typeof (value as Partial<RingKernel>).terminate === 'function'
}
