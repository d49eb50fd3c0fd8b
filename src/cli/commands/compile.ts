// `ringlab compile FILE.ts`: the text that each ring kernel of a file becomes, on stdout; or everything the compiler has to say, on stderr.
import { type Command, Option } from 'commander'
import { isAbsolute, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CompiledBody, Diagnostic } from '../../compiler/compiled.js'
import { plainDiagnostic, prettyDiagnostic } from '../../compiler/diagnostics/format.js'
import { CaptureError } from '../../source/index.js'
import { CommandError, UsageError } from '../command-error.js'
import { definitionsOf } from '../compile/definitions.js'
import { architectureOf, deviceText } from '../compile/device-text.js'
import { requestOf } from '../compile/request.js'

const forms = ['cuda', 'js', 'ptx', 'cubin'] as const
type Form = (typeof forms)[number]
interface Given { readonly actor?: string; readonly emit: string; readonly arch: string }

/** Adds `compile` to the command line. Exit code 1 when a ring kernel does not compile. */
export function addCompile(program: Command): void {
  program.command('compile').description('print what the ring kernels of a .ts file become, or what is wrong with them').argument('<file>', 'a .ts file that defines ring kernels; it is run')
    .option('--actor <name>', 'only this one')
    .addOption(new Option('--emit <form>', 'cuda, js, ptx or cubin').default('cuda'))
    .addOption(new Option('--arch <architecture>', 'for ptx and cubin').default('sm_90'))
    .action(async (file: string, given: Given) => {
      const code = await compile(file, given).catch(inOneLine)
      // The file may have left timers behind, which would keep the process; what is printed has to be out first.
      await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => { stream.write('', () => resolve()) })))
      process.exit(code)
    })
}

async function compile(file: string, { actor, emit, arch }: Given): Promise<number> {
  const form = forms.find((each) => each === emit)
  if (form === undefined) throw new UsageError(`--emit takes ${forms.slice(0, -1).join(', ')} or ${forms.at(-1) ?? ''}, and '${emit}' is none of them`)
  const architecture = architectureOf(arch)
  const definitions = await definitionsOf(file, actor)
  if (form === 'cubin' && definitions.length > 1) throw new UsageError(`${file} defines ${definitions.length} ring kernels and a CUBIN holds one: say which with --actor NAME`)
  const { compileBody } = await import('../../compiler/index.js')
  let failed = false
  for (const definition of definitions) {
    const outcome = compileBody(await requestOf(definition))
    const diagnostics = outcome.ok ? outcome.body.notes : outcome.diagnostics
    if (diagnostics.length > 0) process.stderr.write(`${diagnostics.map(shown).join('\n')}\n`)
    if (outcome.ok) process.stdout.write(textOf(outcome.body, form, architecture))
    else failed = true
  }
  return failed ? 1 : 0
}

function textOf(body: CompiledBody, form: Form, architecture: number): string | Uint8Array {
  if (form === 'js') return `${body.javascript}\n`
  return form === 'cuda' ? `${body.cuda}\n` : deviceText(body.cuda, body.name, form, architecture)
}

/** As tsc shows them: pretty where a person looks, a line each where a program reads. */
function shown(diagnostic: Diagnostic): string {
  const placed = { ...diagnostic, file: fileName(diagnostic.file) }
  if (!process.stderr.isTTY) return plainDiagnostic(placed)
  return `${prettyDiagnostic(placed, { colours: (process.env.NO_COLOR ?? '') === '' })}\n`
}

/** The file as seen from here. */
function fileName(file: string): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  const near = isAbsolute(path) ? relative(process.cwd(), path) : path
  return near.startsWith('..') ? path : near
}

/** The exit code of what went wrong, once it is said. */
function inOneLine(error: unknown): number {
  if (!(error instanceof UsageError || error instanceof CommandError || error instanceof CaptureError)) throw error
  console.error(`ringlab: ${error.message}`)
  return error instanceof CaptureError ? 1 : error.exitCode
}
