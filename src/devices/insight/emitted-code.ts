// The code that a definition's body became, line by line with where it came from.
import { PRELUDE_END } from '../../compiler/cuda/index.js'
import type { CompiledBody } from '../../compiler/compiled.js'
import type { Definition } from '../../runtime/definition.js'
import { DeviceError } from '../../runtime/errors.js'
import type { CodeForm, EmittedCode } from '../../runtime/insight.js'
import { cellLine } from '../../source/index.js'
import { codeOf } from '../body/compiled-code.js'
import { handWrittenText } from '../cuda/kernel-of.js'
import { ptxOf } from './ask.js'

/** @throws CompileError, CaptureError; DeviceError when there is nothing to show, or no compiler for PTX. */
export async function codeInForm(definition: Definition, form: CodeForm): Promise<EmittedCode> {
  if (definition.cuda !== undefined) return handWritten(definition, form)
  const { body, compiled } = await codeOf(definition)
  if (compiled === undefined) throw new DeviceError('cpu', `ring kernel '${definition.name}' has message() schemas, so its body runs as the JavaScript it is and no code is emitted; struct() schemas make it compile.`)
  const notes = compiled.notes.map((note) => `${note.line}:${note.column} ${note.code}: ${note.message}${note.fix === undefined ? '' : ` ${note.fix}`}`)
  const written = body.nodes.flatMap((node) => (node.kind === 'function' ? [{ file: node.file, first: node.line, lines: node.text.split('\n') }] : []))
  const sourceText = (line: number): string => {
    const text = written.find(({ file, first, lines }) => file === body.file && line >= first && line < first + lines.length)
    // The cell's own text has its types; a captured function's has lost them.
    return cellLine(body.file, line) ?? text?.lines[line - text.first] ?? ''
  }
  const described = { sourceName: body.file === '' ? 'TypeScript' : body.file, sourceText, notes }
  if (form === 'ptx') return { ...described, lines: (await ptxOf(compiled.cuda, compiled.entry)).split('\n'), sourceLines: [] }
  if (form === 'js') return { ...described, lines: compiled.javascript.split('\n'), sourceLines: jsLines(compiled.javascript) }
  const sourceLines = compiled.lines.map((where) => (where !== undefined && compiled.files[where.file] === body.file ? where.line : undefined))
  const shown = cudaLines(compiled).map((line, i) => ({ line, from: sourceLines[i] })).filter(({ line }) => !line.startsWith('#line '))
  return { ...described, lines: shown.map(({ line }) => line), sourceLines: shown.map(({ from }) => from) }
}

/** What follows the prelude. Its `#line` directives say what stands beside it anyway. */
function cudaLines(compiled: CompiledBody): string[] {
  const all = compiled.cuda.split('\n')
  return all.slice(all.indexOf(PRELUDE_END) + 2)
}

/** Emitted JavaScript names the line behind what it made of it. */
function jsLines(text: string): (number | undefined)[] {
  let last: number | undefined
  return text.split('\n').map((line) => {
    const named = /\/\/ line (\d+)$/.exec(line)?.[1]
    if (named !== undefined) last = Number(named)
    return named === undefined ? last : Number(named)
  })
}

async function handWritten(definition: Definition, form: CodeForm): Promise<EmittedCode> {
  const { cuda } = definition
  if (cuda?.source === undefined || form === 'js') throw new DeviceError('cuda', `ring kernel '${definition.name}' was given as ${cuda?.source === undefined ? 'ready-made code' : 'CUDA C++'}, so there is no ${form === 'js' ? 'JavaScript' : 'source'} to show.`)
  const lines = cuda.source.split('\n')
  const described = { sourceName: cuda.file, sourceText: () => '', notes: [] }
  return form === 'ptx' ? { ...described, lines: (await ptxOf(handWrittenText(cuda), definition.name, cuda.options)).split('\n'), sourceLines: [] } : { ...described, lines, sourceLines: [] }
}
