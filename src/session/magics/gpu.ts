// The magics of the GPU: %gpu, %cuda and %%cuda.
import { lab } from '../../lab/index.js'
import { cudaRingKernel } from '../../runtime/cuda-definition.js'
import { definitionNamed, isDefinition } from '../../runtime/definition.js'
import { DeviceError } from '../../runtime/errors.js'
import type { CodeForm } from '../../runtime/insight.js'
import { isSchema, type Fields, type Schema } from '../../schema/index.js'
import type { Behaviour, MagicCall } from './behaviour.js'
import { MagicUsageError } from './parse-line.js'
import { magicTable, usageOf } from './table.js'

export const gpu: Behaviour = async ({ use }) => {
  const figure = await lab.gpu()
  if (use !== 'statement') return figure
  lab.display(figure)
  return undefined
}

/** `%cuda NAME` shows emitted code; `%%cuda NAME` defines a ring kernel by the code in the cell. */
export const cuda: Behaviour = (call) => (call.body === undefined ? show(call) : defineByHand(call, call.body))

async function show({ context, line, use }: MagicCall): Promise<unknown> {
  const [name = ''] = line.arguments
  const form: CodeForm = line.options.has('--ptx') ? 'ptx' : line.options.has('--js') ? 'js' : 'cuda'
  for (const option of ['--input', '--output', '--state', '-c']) if (line.options.has(option)) throw new MagicUsageError('cuda', `%cuda ${name} shows code, and ${option} belongs to a definition: write %%cuda ${name} ${option} … with CUDA C++ below it.`)
  const known = definitionNamed(name) ?? (context.names().some((each) => each.name === name) ? await context.evaluate(name) : undefined)
  const code = await lab.code(isDefinition(known) ? known : name, form)
  if (use !== 'statement') return code
  lab.display(code)
  return undefined
}

async function defineByHand(call: MagicCall, source: string): Promise<unknown> {
  const { context, line } = call
  const [name = ''] = line.arguments
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new MagicUsageError('cuda', `%%cuda needs the name of the kernel in its text: ${usageOf('cuda', magicTable.cuda).replace('%cuda', '%%cuda')}.`)
  const input = await schemaOf(call, '--input')
  if (input === undefined) throw new MagicUsageError('cuda', `%%cuda ${name} needs --input SCHEMA, the struct() of the messages it receives.`)
  const output = await schemaOf(call, '--output')
  const state = line.options.has('--state') ? await context.evaluate(String(line.options.get('--state'))) as Fields : undefined
  const options = String(line.options.get('-c') ?? '').split(/\s+/).filter((word) => word !== '')
  const definition = cudaRingKernel(name, { input, source, ...(output === undefined ? {} : { output }), ...(state === undefined ? {} : { state }), compilerOptions: options, file: context.cellLabel(), line: 2 })
  await compiles(definition.name, context.cellLabel())
  context.print(`${name}: defined in CUDA C++; launch it with %launch ${name} --device cuda\n`)
  return definition
}

/** What the CUDA compiler of this machine finds wrong in the cell is told there; without a compiler, a launch tells what is missing. */
async function compiles(name: string, cell: string): Promise<void> {
  try { await lab.code(name, 'ptx') } catch (error) {
    if (error instanceof DeviceError && error.message.includes(cell)) throw new DeviceError(error.device, error.message.replace(`there is no PTX of '${name}'`, `'${name}' does not compile`))
  }
}

async function schemaOf({ context, line }: MagicCall, option: string): Promise<Schema | undefined> {
  const written = line.options.get(option)
  if (written === undefined) return undefined
  const value = await context.evaluate(String(written))
  if (isSchema(value)) return value
  throw new MagicUsageError('cuda', `${option} ${String(written)} must be a schema made by struct().`)
}
