// Emitted JavaScript that tells, before each line of the source, where it is and what its variables hold. The lines it goes by are those that the text names itself.

/** What a traced text calls before it goes on with a line. */
export interface Tracer { step(line: number, values: readonly (number | bigint | boolean)[]): void }

export interface TracedText {
  readonly text: string
  /** Names of the variables whose values `step` is given. */
  readonly names: readonly string[]
}

/** `text` is what emitJavaScript() made; its actor is a Tracer too. */
export function traced(text: string): TracedText {
  const lines = text.split('\n')
  const start = lines.findIndex((line) => /^ {2}return function /.test(line))
  // What the frame holds and the start values of the rest, in the lines behind the first, which is the text's own.
  const declared = lines.slice(start + 2).find((line) => !line.startsWith('    let bank')) ?? ''
  const names = declared.startsWith('    let ') && !declared.includes('= actor.hand')
    ? [...declared.matchAll(/(?:let |, )([A-Za-z_$][\w$]*) = /g)].map(([, name = '']) => name).filter((name) => !/^t\d+$/.test(name))
    : []
  const values = names.join(', ')
  const told = lines.map((line) => {
    const [, indent, source] = /^( *)[^ ].* \/\/ line (\d+)$/.exec(line) ?? []
    return indent === undefined ? line : `${indent}actor.step(${source ?? ''}, [${values}]); ${line.trimStart()}`
  })
  return { text: told.join('\n'), names }
}
