// The door: a typed program in, one CUDA C++ translation unit out, with what a launch has to know about it.
import type { Program, Where } from '../ir.js'
import { writeMessageBody, writeOneShotBody, writeParallels } from './bodies.js'
import { Context } from './context.js'
import { writeFrame } from './frame-text.js'
import { writeLeader } from './leader.js'
import { declaredPrelude, wholePrelude, type LinkedUnit } from './units.js'
import { Writer } from './writer.js'

export interface EmittedCuda {
  /** Prelude and program, to be compiled whole. */
  readonly text: string
  /** The same to be linked to the prelude's libraries, which takes a quarter of the time; undefined for one-shot kernels. */
  readonly linked: LinkedUnit | undefined
  /** From each line of `program` to where it came from. */
  readonly lines: readonly (Where | undefined)[]
  /** The program alone: what a person reads. */
  readonly program: string
  readonly entry: string
  /** Threads of the block the text was written for; it runs with any number. */
  readonly threads: number
  /** Dynamic shared memory of a launch. */
  readonly sharedBytes: number
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
  const { threads, sharedBytes, scratchBytes, logStride } = context.shape
  const behind = (prelude: string): string => `${prelude}\n${PRELUDE_END}\n#line 1 "${entry}.cu"\n${text}`
  const declared = declaredPrelude(program, context.used)
  const linked = declared === undefined ? undefined : { text: behind(declared.text), libraries: declared.libraries }
  return { text: behind(wholePrelude(program, context.used)), linked, lines, program: text, entry, threads, sharedBytes: program.form === 'one-shot' ? 0 : sharedBytes, scratchBytes, logStride }
}

function writeActor(entry: string, context: Context): void {
  const { program, shape, writer } = context
  const isMessages = program.form === 'messages'
  const isParallel = isMessages || program.parallels.length > 0
  writeFrame(context)
  writer.line('// Input slots and how many the block takes at once, output slots and how many it stages, outputs, bytes handed to parallel bodies, bytes of a log record, flags.')
  writer.line(`static __device__ constexpr RlShape shape = { ${shape.inStride}, ${shape.inBatch}, ${shape.outStride}, ${shape.outBatch}, ${program.ports.length}, ${shape.capture}, ${shape.logStride}, ${shape.flags} };`)
  writer.line(`static_assert(rl_shared_bytes(shape) == ${shape.sharedBytes}, "the host gives as much shared memory");`)
  writer.line(`extern "C" { __device__ u32 ${entry}_shared_bytes = ${shape.sharedBytes}; }`)
  writer.line('')
  if (isMessages) writeMessageBody(context)
  else { writeParallels(context); writeLeader(context) }
  writer.block(`extern "C" __global__ void __launch_bounds__(${isMessages ? shape.threads : 1024}, 1) ${entry}(RlActor actor)`, () => {
    writer.block('if (RL_TID == 0)', () => {
      writer.line('rl_describe(actor, shape);')
      shape.outStrides.forEach((stride, port) => { writer.line(`rl_port(${port}, ${stride}, ${isMessages ? program.ports[port]?.emitsMax ?? 0 : 0});`) })
    })
    writer.line('rl_begin(actor.control);')
    writer.block('if (RL_TID == 0)', () => {
      writer.line('leader();')
      writer.line('rl_exit();')
      writer.line('return;')
    })
    if (!isParallel) { writer.line('rl_serve();'); return }
    writer.block('for (;;)', () => {
      writer.line('rl_barrier();')
      writer.line('if (rl_block().op == RL_EXIT) return;')
      writer.line('parallel(rl_block().op);')
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
