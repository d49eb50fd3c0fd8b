// Stack traces in the user's terms: cells by number, line and column; ringlab's own frames left out. Installed as `Error.prepareStackTrace`,
// which user code may replace. With RINGLAB_DEBUG=1 every frame is shown.
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Sources } from './sources.js'

const ours = pathToFileURL(fileURLToPath(new URL('../../', import.meta.url))).href
const oursPath = fileURLToPath(new URL('../../', import.meta.url))

export function installStacks(sources: Sources): () => void {
  const before: unknown = Reflect.get(Error, 'prepareStackTrace')
  const prepare = (error: Error, frames: NodeJS.CallSite[]): string => {
    const head = headOf(error)
    const lines = visible(frames, sources).map((frame) => `\n    at ${frameText(frame, sources)}`)
    return head + lines.join('')
  }
  Error.prepareStackTrace = prepare
  return () => { if (Error.prepareStackTrace === prepare) Reflect.set(Error, 'prepareStackTrace', before) }
}

function headOf(error: unknown): string {
  try { return Error.prototype.toString.call(error) } catch { return 'Error' }
}

/** Frames up to the last one in the user's code; what lies below called the cell. */
function visible(frames: readonly NodeJS.CallSite[], sources: Sources): NodeJS.CallSite[] {
  if (process.env['RINGLAB_DEBUG']) return [...frames]
  const last = frames.findLastIndex((frame) => sources.get(fileOf(frame)) !== undefined)
  const isPlatform = (file: string): boolean => last < 0 && file.startsWith('node:')
  return frames.filter((frame, index) => !(last >= 0 && index > last) && !isOurs(fileOf(frame)) && !isPlatform(fileOf(frame)))
}

function fileOf(frame: NodeJS.CallSite): string { return frame.getFileName() ?? '' }

function isOurs(file: string): boolean { return file.startsWith(ours) || file.startsWith(oursPath) || file === 'node:vm' || file.startsWith('node:internal/') }

function frameText(frame: NodeJS.CallSite, sources: Sources): string {
  const source = sources.get(fileOf(frame))
  if (!source) return (frame as NodeJS.CallSite & { toString(): string }).toString()
  const at = sources.position(source, frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1)
  const place = at ? `${source.label}:${at.line}:${at.column}` : source.label
  const name = functionName(frame)
  const asynchronous = (frame as NodeJS.CallSite & { isAsync(): boolean }).isAsync() ? 'async ' : ''
  return name === undefined ? `${asynchronous}${place}` : `${asynchronous}${name} (${place})`
}

function functionName(frame: NodeJS.CallSite): string | undefined {
  const name = frame.getFunctionName()
  if (!name) return undefined
  if (frame.isConstructor()) return `new ${name}`
  const type = frame.isToplevel() ? null : frame.getTypeName()
  return type !== null && type !== 'Object' && type !== 'Function' && !name.includes('.') ? `${type}.${name}` : name
}
