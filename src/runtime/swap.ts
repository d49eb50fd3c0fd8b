// Other code for a live ring kernel: whether its rings, its buffers and its state fit, and the memory it needs. The exchange itself is a command.
import type { Block } from '../ring/arena.js'
import { LINE_BYTES, word } from '../ring/control.js'
import { elementDifference, schemaDifference, struct, structCodec, type Fields, type Schema } from '../schema/index.js'
import type { ActorParts } from './actor-parts.js'
import type { Definition } from './definition.js'
import type { Preparation, Restart } from './device.js'

/** What became of an exchange, in one line for whoever redefined the ring kernel. */
export interface Swap { readonly isDone: boolean; readonly sentence: string }

/** What a ring kernel runs, and what its device made of it. */
export interface Code { readonly definition: Definition; readonly preparation: Preparation | undefined }

interface Planned {
  readonly how: Restart
  readonly preparation: Preparation | undefined
  /** Memory for a state and a frame that found no room where they were. */
  readonly annexe: Block | undefined
}

type Where = Pick<ActorParts, 'id' | 'place' | 'block' | 'allocate' | 'release'>

/** @throws CompileError, CaptureError: what does not compile is no code. */
export async function plannedSwap({ id }: { readonly id: string }, old: Code, definition: Definition, where: Where): Promise<{ readonly plan: Planned | undefined; readonly sentence: string }> {
  const refused = (why: string): { plan: undefined; sentence: string } => ({ plan: undefined, sentence: `ring kernel '${id}' keeps its old code: ${why}; terminate it and launch it again to run the new one` })
  const misfit = misfitOf(old.definition, definition, where.place.name)
  if (misfit !== undefined) return refused(misfit)
  const preparation = await where.place.prepare?.(definition)
  const written = preparation?.writtenBuffers?.find((name) => old.preparation?.writtenBuffers?.includes(name) === false)
  if (written !== undefined) return refused(`the new one writes the buffer '${written}', which was launched to be read only`)
  const change = stateChange(stateOf(old.definition), stateOf(definition))
  const memory = memoryFor(where, definition, preparation)
  if (memory === undefined) return refused('the new one needs more memory than is left beside its rings')
  const isLoop = typeof definition.body === 'function' || typeof old.definition.body === 'function'
  const anew = [...(change === undefined ? [] : [`its state is zero again (${change})`]), ...(isLoop ? ['its loop begins anew, without the locals of the old one'] : [])]
  const kept = change === undefined && stateOf(definition) !== undefined ? 'its queue and its state are kept' : 'its queue is kept'
  return {
    plan: { how: { keepState: change === undefined, keepFrame: false, code: { definition, preparation, stateFields: stateOf(definition), memory: memory.places } }, preparation, annexe: memory.annexe },
    sentence: `ring kernel '${id}' runs its new code: ${[kept, ...anew].join('; ')}`,
  }
}

/** Why an exchange that was planned did not come about. */
export function keptSentence(id: string, why: 'busy' | 'holding' | 'over'): string {
  const name = `ring kernel '${id}'`
  switch (why) {
    case 'over': return `${name} ended before it could run its new code`
    case 'busy': return `${name} keeps its old code: its body did not come to a receive or send; run the definition again when it has`
    case 'holding': return `${name} keeps its old code: it holds a message whose outputs find no room; receive its outputs and run the definition again`
  }
}

function misfitOf(old: Definition, now: Definition, device: string): string | undefined {
  const names = ['the new code', 'the old'] as const
  if ((old.cuda === undefined) !== (now.cuda === undefined)) return 'one of both is written in CUDA C++ by hand'
  if (now.device !== undefined && now.device !== 'auto' && now.device !== device && !(now.device === 'cuda' && device.startsWith('cuda'))) return `the new one is for '${now.device}', and it runs on ${device}`
  const input = differenceOf(now.input, old.input, names)
  if (input !== undefined) return `its input changed (${input})`
  const output = now.sends === old.sends ? differenceOf(now.output, old.output, names) : `${now.sends ? 'the new' : 'the old'} one alone has an output`
  if (output !== undefined) return `its output changed (${output})`
  if (now.capacity !== old.capacity) return `its capacity changed from ${old.capacity} to ${now.capacity}`
  if (now.backpressure !== old.backpressure) return `its backpressure changed from '${old.backpressure}' to '${now.backpressure}'`
  if (Object.keys(now.ports).join() !== Object.keys(old.ports).join()) return 'its ports changed'
  for (const [name, schema] of Object.entries(now.ports)) {
    const port = differenceOf(schema, old.ports[name] as Schema, names)
    if (port !== undefined) return `its port '${name}' changed (${port})`
  }
  if (Object.keys(now.buffers).join() !== Object.keys(old.buffers).join()) return 'its buffers changed'
  for (const [name, element] of Object.entries(now.buffers)) {
    const buffer = elementDifference(element, old.buffers[name] as typeof element, names)
    if (buffer !== undefined) return `its buffer '${name}' changed (${buffer})`
  }
  return undefined
}

/** Values without fixed bytes are whatever they are. */
function differenceOf(now: Schema, old: Schema, names: readonly [string, string]): string | undefined {
  if (now.kind === 'message' && old.kind === 'message') return undefined
  return schemaDifference(now, old, names)
}

function stateOf({ state }: Definition): Fields | undefined { return state !== undefined && Object.keys(state).length > 0 ? state : undefined }

function stateChange(old: Fields | undefined, now: Fields | undefined): string | undefined {
  if (now === undefined || old === undefined) return now === old ? undefined : `${now === undefined ? 'the old' : 'the new'} code alone has one`
  return schemaDifference(struct('State', now), struct('State', old), ['the new code', 'the old'])
}

/** Where state and frame lie: where they were, or, where they are larger now, in memory of their own in the same arena. */
function memoryFor({ block, allocate, release }: Where, definition: Definition, preparation: Preparation | undefined): { places: NonNullable<Restart['code']>['memory']; annexe: Block | undefined } | undefined {
  const fields = stateOf(definition)
  const stateBytes = fields === undefined ? 0 : structCodec(struct('State', fields)).bytes
  const frameBytes = preparation?.frameBytes ?? 0
  const at = (index: number): number => (block.arena.words[(block.offset >>> 2) + index] as number) >>> 0
  if (lines(stateBytes) <= lines(at(word.stateBytes)) && lines(frameBytes) <= lines(at(word.frameBytes))) {
    return { places: { stateOffset: at(word.stateOffset), stateBytes, frameOffset: at(word.frameOffset), frameBytes }, annexe: undefined }
  }
  const annexe = allocate(lines(stateBytes) + lines(frameBytes))
  if (annexe.arena !== block.arena) { release(annexe); return undefined }
  return { places: { stateOffset: annexe.offset, stateBytes, frameOffset: annexe.offset + lines(stateBytes), frameBytes }, annexe }
}

function lines(bytes: number): number { return Math.ceil(bytes / LINE_BYTES) * LINE_BYTES }
