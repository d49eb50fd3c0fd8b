// The two shapes of the catalogue's examples: a handler and a loop around the lines that matter.

/** A handler of Request that answers with Reply. */
export function handler(lines: string, options = ''): string {
  return `ringKernel('example', ${optionsOf(options)}, {
  onMessage(request, ctx) {
${indented(lines, 4)}
  },
})`
}

/** A loop that receives Request and sends Reply. */
export function loop(lines: string, options = ''): string {
  return `ringKernel('example', ${optionsOf(options)}, async (ctx) => {
${indented(lines, 2)}
})`
}

/** Further options stand on a line of their own: a terminal has 80 columns. */
function optionsOf(options: string): string {
  return options === '' ? '{ input: Request, output: Reply }' : `{\n  input: Request, output: Reply${options},\n}`
}

function indented(lines: string, by: number): string {
  return lines.split('\n').map((line) => ' '.repeat(by) + line).join('\n')
}
