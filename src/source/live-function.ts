// A function as the engine sees it: the variables around it with their present values, and where its code stands. Asked of V8's inspector, in this thread.

import { Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'

export interface LiveFunction {
  /** The variables of each scope around the function, innermost first; without the global object. */
  readonly scopes: readonly Record<string, unknown>[]
  /** Where the code stands, counted from 0; `undefined` for native code. */
  readonly location: { /** A path for a file, else the url or name its script has. */ readonly url: string; readonly line0: number; readonly column0: number } | undefined
  /** Made by `Function.prototype.bind`. */
  readonly bound: boolean
}

import type { AnyFunction } from './captured.js'

interface RemoteObject { readonly objectId?: string; readonly description?: string; readonly value?: unknown }
interface Property { readonly name: string; readonly value?: RemoteObject }

/** Values pass between the inspector's world and ours through this property; it exists only inside `inspectFunction`. */
const handOver = '__ringlabHandOver'

/** Looks at `fn` through the inspector; a millisecond or two. */
export function inspectFunction(fn: AnyFunction): LiveFunction {
  const session = new Session()
  session.connect()
  const shared: { fn: AnyFunction; scopes: { object: Record<string, unknown> }[] } = { fn, scopes: [] }
  Object.defineProperty(globalThis, handOver, { value: shared, configurable: true, enumerable: false })
  try {
    const { result } = post<{ result: RemoteObject }>(session, 'Runtime.evaluate', { expression: `globalThis.${handOver}.fn` })
    const { internalProperties = [] } = post<{ internalProperties?: Property[] }>(session, 'Runtime.getProperties', { objectId: result.objectId, ownProperties: true })
    const internal = (name: string): RemoteObject | undefined => internalProperties.find((property) => property.name === name)?.value
    const scopes = internal('[[Scopes]]')?.objectId
    if (scopes !== undefined) collectScopes(session, scopes)
    return {
      scopes: shared.scopes.map((entry) => entry.object),
      location: locationOf(session, internal('[[FunctionLocation]]')?.value),
      bound: internal('[[TargetFunction]]') !== undefined,
    }
  } finally {
    Reflect.deleteProperty(globalThis, handOver)
    session.disconnect()
  }
}

function collectScopes(session: Session, objectId: string): void {
  const { result } = post<{ result: Property[] }>(session, 'Runtime.getProperties', { objectId, ownProperties: true })
  for (const { name, value } of result) {
    if (!/^\d+$/.test(name) || value?.objectId === undefined || value.description?.startsWith('Global')) continue
    post(session, 'Runtime.callFunctionOn', { objectId: value.objectId, functionDeclaration: `function () { globalThis.${handOver}.scopes.push(this) }` })
  }
}

function locationOf(session: Session, value: unknown): LiveFunction['location'] {
  if (typeof value !== 'object' || value === null) return undefined
  const { scriptId, lineNumber, columnNumber } = value as { scriptId: string; lineNumber: number; columnNumber: number }
  return { url: urlOfScript(session, scriptId), line0: lineNumber, column0: columnNumber }
}

/** Urls by script id, which V8 never reuses. */
const urls = new Map<string, string>()

/** Only the Debugger domain tells urls. Enabling it lists all scripts (about 5 ms; the first time it also hashes them), so answers are kept. */
function urlOfScript(session: Session, scriptId: string): string {
  const known = urls.get(scriptId)
  if (known !== undefined) return known
  const remember = ({ params }: { params: { scriptId: string; url: string } }): void => { urls.set(params.scriptId, params.url.startsWith('file://') ? fileURLToPath(params.url) : params.url) }
  session.on('Debugger.scriptParsed', remember)
  post(session, 'Debugger.enable', {})
  post(session, 'Debugger.disable', {})
  session.removeListener('Debugger.scriptParsed', remember)
  const url = urls.get(scriptId) ?? ''
  urls.set(scriptId, url)
  return url
}

/** In one thread the inspector answers before `post` returns. */
function post<Result>(session: Session, method: string, parameters: Record<string, unknown>): Result {
  let outcome: { error: Error | null; result: unknown } | undefined
  session.post(method, parameters, (error: Error | null, result?: object) => { outcome = { error, result } })
  if (!outcome) throw new Error(`The inspector did not answer ${method}.`)
  if (outcome.error) throw new Error(`The inspector refused ${method}: ${outcome.error.message}`)
  return outcome.result as Result
}
