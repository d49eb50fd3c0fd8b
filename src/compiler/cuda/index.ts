// The door: a typed program in, one CUDA C++ translation unit out, with what a launch has to know about it.
import { readFileSync } from 'node:fs'
import type { Program, Where } from '../ir.js'
import { writeMessageBody, writeOneShotBody, writeParallels } from './bodies.js'
import { at, Context, cudaReprs } from './context.js'
import { writeFrame } from './frame-text.js'
import { writeLeader } from './leader.js'
import { preludeFor } from './prelude.js'
import { Writer } from './writer.js'

export interface EmittedCuda {
  /** Prelude and program. */
  readonly text: string
  /** From each line of `program` to where it came from. */
  readonly lines: readonly (Where | undefined)[]
  /** The program alone: what a person reads. */
  readonly program: string
  readonly entry: string
  /** Threads of the block the text was written for; it runs with any number. */
  readonly threads: number
  /** Device memory for slots that do not fit shared memory, and bytes of a record of the log ring. */
  readonly scratchBytes: number
  readonly logStride: number
}

/** The line between the prelude and the program. */
export const PRELUDE_END = '// ---- End of the prelude.'

export function emitCuda(program: Program): EmittedCuda {
  const entry = `ringlab_${program.name.replace(/[^A-Za-z0-9_]/g, '_')}`
  const writer = new Writer(program.files, `${entry}.cu`)
  const context = new Context(program, writer, program.form === 'one-shot' ? 'one-shot' : 'leader')
  writer.line(`// ${program.name}, as ringlab compiled it.`)
  const structs = context.structsText()
  if (structs !== '') writer.text(structs)
  if (program.form === 'one-shot') writeOneShot(entry, context)
  else writeActor(entry, context)
  const { text, lines } = writer.result
  const { threads, scratchBytes, logStride } = context.shape
  const prelude = [...preludeFiles(program).map(fileText), preludeFor(context.used)].join('\n')
  return { text: `${prelude}\n${PRELUDE_END}\n#line 1 "${entry}.cu"\n${text}`, lines, program: text, entry, threads, scratchBytes, logStride }
}

function writeActor(entry: string, context: Context): void {
  const { program, shape, writer } = context
  const isMessages = program.form === 'messages'
  writeFrame(context)
  const capture = Math.max(16, ...program.parallels.map(({ captures }) => Math.ceil(captures.reduce((sum, local) => sum + (cudaReprs[at(program.locals, local).repr].endsWith('64') ? 16 : 8), 0) / 16) * 16))
  writer.line('// Input slots and how many the block takes at once, output slots and how many it stages, outputs, bytes handed to parallel bodies, bytes of a log record.')
  writer.line(`typedef RlBlock<${shape.inStride}, ${shape.inBatch}, ${shape.outStride}, ${shape.outBatch}, ${Math.max(1, program.ports.length)}, ${capture}, ${shape.logStride}> RlShared;`)
  const most = program.ports.map((port) => port.emitsMax ?? 0)
  if (isMessages) writer.line(`typedef RlMessages<RlShared, ${most.reduce((sum, count) => sum + count, 0)}> RlBatch;`)
  writer.line('')
  if (isMessages) writeMessageBody(context)
  else { writeParallels(context); writeLeader(context) }
  writer.block(`extern "C" __global__ void __launch_bounds__(${isMessages ? shape.threads : 1024}, 1) ${entry}(RlActor actor)`, () => {
    writer.line('__shared__ RlShared s;')
    if (isMessages) writer.line('__shared__ RlBatch batch;')
    writer.line(`rl_begin<RlShared${shape.outStrides.map((stride) => `, ${stride}`).join('')}>(s, actor, ${program.form === 'handler'});`)
    writer.block('if (RL_TID == 0)', () => {
      writer.line(isMessages ? `rl_lead_messages<RlShared, RlBatch, on_message${most.map((count) => `, ${count}`).join('')}>(s, batch);` : 'leader(s);')
      writer.line('s.op = RL_EXIT;')
      writer.line('rl_barrier();')
      writer.line('return;')
    })
    writer.block('for (;;)', () => {
      writer.line('rl_barrier();')
      writer.line('if (s.op == RL_EXIT) return;')
      writer.line(isMessages ? 'if (s.op == RL_FIRST) rl_all_messages<RlShared, RlBatch, on_message>(s, batch); else rl_operation(s, s.op);' : 'parallel(s, s.op);')
      writer.line('rl_barrier();')
    })
  })
}

function writeOneShot(entry: string, context: Context): void {
  const { writer } = context
  writer.line('')
  writeOneShotBody(context)
  writer.block(`extern "C" __global__ void ${entry}(RlOneShot a)`, () => {
    writer.line('const u64 threads = (u64)gridDim.x * blockDim.x;')
    writer.line('for (u64 at = (u64)blockIdx.x * blockDim.x + threadIdx.x; at < a.count; at += threads) body(a, (u32)at);')
  })
}

function preludeFiles(program: Program): readonly string[] {
  if (program.form === 'one-shot') return ['ring', 'one-shot']
  return ['ring', 'actor', 'life', ...(program.form === 'messages' ? ['parallel', 'messages'] : program.parallels.length > 0 ? ['parallel'] : [])]
}

const folder = new URL('../../../cuda/', import.meta.url)
const texts = new Map<string, string>()

function fileText(name: string): string {
  const known = texts.get(name) ?? readFileSync(new URL(`${name}.cuh`, folder), 'utf8')
  texts.set(name, known)
  return known
}
