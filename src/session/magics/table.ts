// Every magic in words: its arguments, options, documentation and examples. Help, completion and the option parser read this table;
// what a magic does stands elsewhere, so that the language worker can complete without loading any of it.

export type ArgumentKind = 'actor' | 'definition' | 'device' | 'magic' | 'name' | 'number' | 'code'

export interface ArgumentDescription {
  /** As help shows it: `ID`, `EXPRESSION`. */
  readonly name: string
  readonly kind: ArgumentKind
  readonly occurs: 'once' | 'optional' | 'any' | 'some'
}

export interface OptionDescription {
  /** With its dashes: `--live`, `-n`. */
  readonly name: string
  readonly doc: string
  /** What follows it: nothing for a flag. */
  readonly value?: { readonly name: string; readonly kind: 'number' | 'text'; readonly choices?: readonly string[]; readonly least?: number; readonly optional?: true }
}

export interface MagicDescription {
  readonly summary: string
  readonly arguments: readonly ArgumentDescription[]
  readonly options: readonly OptionDescription[]
  /** Also as `%%name`, over the rest of the cell. */
  readonly cell?: true
  /** The function that does the same, where it is not obvious. */
  readonly twin: string
  readonly examples: readonly string[]
}

const actor = (occurs: ArgumentDescription['occurs']): ArgumentDescription => ({ name: 'ID', kind: 'actor', occurs })
const code = (name: string, occurs: ArgumentDescription['occurs'] = 'once'): ArgumentDescription => ({ name, kind: 'code', occurs })
const deviceOption: OptionDescription = { name: '--device', doc: 'where to run: auto, cpu, cuda, cuda:N or host', value: { name: 'DEVICE', kind: 'text' } }
const views = ['table', 'line', 'histogram', 'heatmap'] as const

export const magicTable = {
  lsmagic: { summary: 'Lists the magics.', arguments: [], options: [], twin: "lab.help()", examples: ['%lsmagic'] },
  help: {
    summary: 'Shows what a magic does, its options and examples; without a name, where to begin.',
    arguments: [{ name: 'NAME', kind: 'magic', occurs: 'optional' }], options: [], twin: "lab.help('queues')", examples: ['%help', '%help queues'],
  },
  device: {
    summary: 'Shows or sets where new runtimes run their ring kernels.',
    arguments: [{ name: 'DEVICE', kind: 'device', occurs: 'optional' }], options: [], twin: 'new RingKernelRuntime({ device })', examples: ['%device', '%device cpu'],
  },
  launch: {
    summary: 'Launches a ring kernel: allocates its rings and loads its body. It waits in LAUNCHED for %activate.',
    arguments: [{ name: 'DEFINITION', kind: 'definition', occurs: 'once' }],
    options: [
      { name: '--id', doc: "its id; default the definition's name", value: { name: 'ID', kind: 'text' } }, deviceOption,
      { name: '--activate', doc: 'activate it, too' },
    ],
    twin: 'lab.runtime.launch(definition, { id })', examples: ['%launch summer', '%launch summer --id left --activate', 'const actor = %launch summer'],
  },
  activate: { summary: 'Starts or resumes processing of ring kernels.', arguments: [actor('some')], options: [], twin: 'lab.runtime.activate(id)', examples: ['%activate summer'] },
  deactivate: { summary: 'Pauses ring kernels; messages stay in their rings.', arguments: [actor('some')], options: [], twin: 'lab.runtime.deactivate(id)', examples: ['%deactivate summer'] },
  step: {
    summary: 'Lets a ring kernel process exactly N of its queued messages (default 1), and parks it again.',
    arguments: [actor('once'), { name: 'N', kind: 'number', occurs: 'optional' }], options: [], twin: 'actor.step(n)', examples: ['%step summer', '%step summer 3', 'const processed = %step summer 10'],
  },
  terminate: {
    summary: 'Ends ring kernels and frees what they hold.',
    arguments: [actor('any')],
    options: [
      { name: '--all', doc: 'every live ring kernel' },
      { name: '--pending', doc: 'messages still queued: drain delivers them first, discard counts them as dropped', value: { name: 'POLICY', kind: 'text', choices: ['drain', 'discard'] } },
    ],
    twin: 'lab.runtime.terminate(id)', examples: ['%terminate summer', '%terminate summer --pending drain', '%terminate --all'],
  },
  actors: { summary: 'Shows the ring kernels: id, device, state, queue depths and counts.', arguments: [], options: [], twin: 'lab.actors()', examples: ['%actors'] },
  send: {
    summary: 'Sends the value of an expression to a ring kernel.',
    arguments: [actor('once'), code('EXPRESSION')],
    options: [{ name: '--priority', doc: '0 to 255, default 128', value: { name: 'N', kind: 'number', least: 0 } }],
    twin: 'lab.runtime.send(id, message)', examples: ['%send summer { id: 1, values: [1, 2, 3, 4, 5, 0, 0, 0] }'],
  },
  receive: {
    summary: 'Waits for the next message of a ring kernel, and is that message.',
    arguments: [actor('once')],
    options: [
      { name: '--count', doc: 'how many messages, as an array', value: { name: 'N', kind: 'number', least: 1 } },
      { name: '--timeout', doc: 'how long to wait for each; default until one comes', value: { name: 'SECONDS', kind: 'number', least: 0 } },
    ],
    twin: 'lab.runtime.receive(id)', examples: ['%receive summer', 'const reply = %receive summer --timeout 1'],
  },
  queues: {
    summary: 'Draws the queues of the ring kernels now, or live while later cells run.',
    arguments: [actor('any')],
    options: [{ name: '--live', doc: 'keep drawing for that long, default 60 seconds, then leave the figure as it is', value: { name: 'SECONDS', kind: 'number', least: 1, optional: true } }],
    twin: 'lab.queues(…ids).live({ seconds })', examples: ['%queues', '%queues summer --live 30'],
  },
  buffer: {
    summary: 'Looks into a unified buffer (after copying what its device has newer), a typed array, an array of structs, or the messages queued in a ring.',
    arguments: [code('EXPRESSION')],
    options: [
      { name: '--view', doc: `how: ${views.join(', ')}; default what suits the data`, value: { name: 'VIEW', kind: 'text', choices: views } },
      { name: '--field', doc: 'of structs and messages: the field to draw, such as position.x', value: { name: 'FIELD', kind: 'text' } },
      { name: '--width', doc: 'elements a row of a heatmap', value: { name: 'N', kind: 'number', least: 1 } },
    ],
    twin: 'lab.buffer(data, view, { field, width })', examples: ['%buffer data', '%buffer --view histogram data', '%buffer summer'],
  },
  trace: {
    summary: 'Shows which message led to which: the latest N events (default 40) in causal order. `on` begins a trace, `off` ends it.',
    arguments: [{ name: 'ON|OFF|N', kind: 'code', occurs: 'optional' }],
    options: [{ name: '--capacity', doc: 'with on: events that are kept, the latest ones; default 4096', value: { name: 'EVENTS', kind: 'number', least: 1 } }],
    twin: "lab.trace('on'), lab.trace(n)", examples: ['%trace on', '%trace', '%trace 100', '%trace off'],
  },
  gpu: { summary: 'Shows the GPUs: memory, load, temperature, and the ring kernels on them.', arguments: [], options: [], twin: 'await lab.gpu()', examples: ['%gpu'] },
  cuda: {
    summary: 'Shows the CUDA C++ that a ring kernel becomes, beside its TypeScript. As %%cuda: defines a ring kernel by the CUDA C++ in the cell.',
    arguments: [{ name: 'NAME', kind: 'definition', occurs: 'once' }],
    options: [
      { name: '--ptx', doc: 'the PTX that the CUDA compiler makes of it' }, { name: '--js', doc: 'the JavaScript that the CPU device runs' },
      { name: '--input', doc: '%%cuda: the schema of the messages it receives', value: { name: 'SCHEMA', kind: 'text' } },
      { name: '--output', doc: '%%cuda: the schema of what it sends', value: { name: 'SCHEMA', kind: 'text' } },
      { name: '--state', doc: '%%cuda: an object of its state fields', value: { name: 'FIELDS', kind: 'text' } },
      { name: '-c', doc: '%%cuda: options of the compiler, in quotes', value: { name: 'OPTIONS', kind: 'text' } },
    ],
    cell: true, twin: "await lab.code('summer'), cudaRingKernel(name, { input, output, source })", examples: ['%cuda summer', '%cuda summer --ptx', '%%cuda echo --input Value --output Value -c "-DCOUNT=4"'],
  },
  time: { summary: 'Runs code once and says how long it took.', arguments: [code('CODE', 'optional')], options: [], cell: true, twin: 'console.time()', examples: ['%time await actor.ask({ id: 1 })', '%%time'] },
  timeit: {
    summary: 'Runs code many times and says how long one run takes: mean ± deviation of several rounds, and the best.',
    arguments: [code('CODE', 'optional')],
    options: [
      { name: '-n', doc: 'runs a round; default as many as take 0.2 s', value: { name: 'N', kind: 'number', least: 1 } },
      { name: '-r', doc: 'rounds, default 7', value: { name: 'N', kind: 'number', least: 1 } },
    ],
    cell: true, twin: 'lab.timeit(() => code)', examples: ['%timeit Math.hypot(3, 4)', '%timeit -n 1000 -r 5 await actor.ask({ id: 1 })'],
  },
  who: { summary: 'Shows the names of the session, with type and value.', arguments: [{ name: 'NAME', kind: 'name', occurs: 'any' }], options: [], twin: '(none: names live in the session)', examples: ['%who', '%who summer'] },
} as const satisfies Readonly<Record<string, MagicDescription>>

export type MagicName = keyof typeof magicTable

/** A magic's description by name. */
export function describedMagic(name: string): MagicDescription | undefined {
  return Object.hasOwn(magicTable, name) ? magicTable[name as MagicName] : undefined
}

/** How a magic is written: `%queues [ID …] [--live [SECONDS]]`. */
export function usageOf(name: string, magic: MagicDescription): string {
  const written = { once: (text: string) => text, optional: (text: string) => `[${text}]`, any: (text: string) => `[${text} …]`, some: (text: string) => `${text} …` }
  const places = magic.arguments.map((argument) => written[argument.occurs](argument.name))
  return [`%${name}`, ...magic.options.map((option) => `[${optionUsage(option)}]`), ...places].join(' ')
}

/** `--live [SECONDS]`. */
export function optionUsage(option: OptionDescription): string {
  if (!option.value) return option.name
  const value = option.value.choices?.join('|') ?? option.value.name
  return `${option.name} ${option.value.optional ? `[${value}]` : value}`
}
