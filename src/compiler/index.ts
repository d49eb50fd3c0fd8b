// The door of the compiler: one captured body in, what every device runs out, or everything that is wrong with it. Pure and synchronous.
import { createHash } from 'node:crypto'
import type typescript from 'typescript'
import type { CompiledBody, CompiledFrame, CompiledSite, CompileOutcome } from './compiled.js'
import { emitCuda } from './cuda/index.js'
import { diagnosticsOf, isError, type Finding, type SourceLines } from './diagnostics/report.js'
import { translate } from './front/index.js'
import { loadTypeScript } from './front/typescript.js'
import type { Program, Site } from './ir.js'
import { emitJavaScript } from './javascript/emit.js'
import { Points } from './javascript/points.js'
import { runPasses } from './passes/index.js'
import { rootsOf, statementsIn, writesOf } from './passes/walk.js'
import type { CompileRequest } from './request.js'

export type { CompileRequest } from './request.js'

/**
 * Compiles one body. TypeScript is loaded into this thread on the first call, unless it is given.
 *
 * @throws Error when the compiler itself is at fault; what is wrong with the body is in the outcome's diagnostics.
 */
export function compileBody(request: CompileRequest, typescriptModule?: typeof typescript): CompileOutcome {
  loadTypeScript(typescriptModule)
  const { program: naive, findings, sources } = translate(request)
  const files: SourceLines[] = naive.files.map((name, file) => ({ name, line: (number) => sources.line(file, number) }))
  const found: Finding[] = [...findings]
  if (found.some(isError)) return { ok: false, diagnostics: diagnosticsOf(found, files) }
  const program = runPasses(naive, (finding) => { found.push(finding) })
  const diagnostics = diagnosticsOf(found, files)
  return found.some(isError) ? { ok: false, diagnostics } : { ok: true, body: compiled(program, diagnostics) }
}

function compiled(program: Program, notes: CompiledBody['notes']): CompiledBody {
  const javascript = emitJavaScript(program)
  const cuda = emitCuda(program)
  return {
    name: program.name, form: program.form, javascript: javascript.text, cuda: cuda.text, cudaLinked: cuda.linked, entry: cuda.entry, lines: cuda.lines, cudaThreads: cuda.threads, sharedBytes: cuda.sharedBytes, scratchBytes: cuda.scratchBytes, logStride: cuda.logStride, files: program.files,
    frameBytes: program.frameBytes, localBytes: Math.min(program.frameBytes, ...program.regions.map(({ offset }) => offset)), frame: frameOf(program, javascript.text), constants: program.constants,
    stateBytes: program.state?.bytes ?? 0, sites: program.sites.map((site) => compiledSite(site, program)),
    points: program.points, ports: program.ports.map(({ name, layout, emitsMax }) => ({ name, bytes: layout.bytes, emitsMax })), inputBytes: program.input?.bytes ?? 0,
    buffers: program.buffers.map(({ name }) => name), writtenBuffers: writtenBuffersOf(program), notes,
    hash: createHash('sha256').update(javascript.text).update('\0').update(cuda.text).update('\0').update(program.constants).digest('hex'),
  }
}

/** Where the text stands in its file says nothing about what it does. */
function frameOf(program: Program, javascript: string): CompiledFrame {
  const text = javascript.replace(/ *\/\/ line \d+$/gm, '')
  const hash = createHash('sha256').update(text).update('\0').update(program.constants).digest('hex')
  return { points: new Points(program.body).inProgram, hash }
}

function writtenBuffersOf(program: Program): string[] {
  const written = new Set<number>()
  for (const root of rootsOf(program)) for (const s of statementsIn(root)) for (const { base } of writesOf(s)) if (base.kind === 'buffer') written.add(base.buffer)
  return program.buffers.flatMap(({ name }, i) => (written.has(i) ? [name] : []))
}

function compiledSite(site: Site, program: Program): CompiledSite {
  const { file, line, column } = site.at
  return { kind: site.kind, text: site.kind === 'fault' ? site.text : '', ...(site.kind === 'fault' && site.error !== undefined ? { error: site.error } : {}), parts: site.kind === 'log' ? site.parts : [], place: `${program.files[file] ?? ''}:${line}:${column}` }
}
