// What a session answers, as the JSON that travels: made on the main thread, where a user's value that cannot be JSON can still be named.

import type { ExecuteOutcome, MimeBundle } from '../session/front-end.js'
import type { Outcome } from './link.js'

/** JSON of a bundle. A form that cannot be JSON is left out and named in text/plain. */
export function bundleText(bundle: MimeBundle): string {
  const whole = jsonOrReason(bundle)
  if (whole.text !== undefined) return whole.text
  const kept: Record<string, string> = {}
  const lost: string[] = []
  for (const [mime, value] of Object.entries(bundle)) {
    const part = jsonOrReason(value)
    if (part.text === undefined) lost.push(`${mime} left out: ${part.reason}`)
    else kept[mime] = part.text
  }
  kept['text/plain'] = JSON.stringify([typeof bundle['text/plain'] === 'string' ? bundle['text/plain'] : '', ...lost].join('\n').trimStart())
  return `{${Object.entries(kept).map(([mime, text]) => `${JSON.stringify(mime)}:${text}`).join(',')}}`
}

export function outcomeText(outcome: ExecuteOutcome): Outcome {
  if (outcome.status === 'error') {
    const { name, message, traceback } = outcome.error
    return { status: 'error', executionCount: outcome.executionCount, error: { name, message, traceback }, interrupted: outcome.interrupted ?? false }
  }
  const expressions = Object.entries(outcome.userExpressions).map(([name, value]) =>
    `${JSON.stringify(name)}:${value.status === 'ok' ? `{"status":"ok","data":${bundleText(value.data)},"metadata":${bundleText(value.metadata)}}` : JSON.stringify(value)}`)
  const plain = outcome.result?.['text/plain']
  return {
    status: 'ok', executionCount: outcome.executionCount,
    ...(outcome.result === undefined ? {} : { resultText: bundleText(outcome.result) }),
    ...(typeof plain === 'string' ? { resultPlain: plain } : {}),
    resultMetadataText: jsonOrReason(outcome.resultMetadata ?? {}).text ?? '{}',
    userExpressionsText: `{${expressions.join(',')}}`,
    payloadText: jsonOrReason(outcome.payload ?? []).text ?? '[]',
  }
}

/** The session itself failed: a fault of ringlab, told as one. */
export function failedOutcome(error: unknown, executionCount: number): Outcome {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error)
  return { status: 'error', executionCount, interrupted: false, error: { name: 'SessionError', message: `ringlab failed to run the cell: ${error instanceof Error ? error.message : String(error)}`, traceback: stack.split('\n') } }
}

export function interruptedOutcome(executionCount: number): Outcome {
  return { status: 'error', executionCount, interrupted: true, error: { name: 'Interrupted', message: 'the cell was interrupted', traceback: ['Interrupted: the cell was interrupted'] } }
}

function jsonOrReason(value: unknown): { readonly text: string } | { readonly text?: undefined; readonly reason: string } {
  try {
    const text = JSON.stringify(value) as string | undefined
    return text === undefined ? { reason: `${typeof value} cannot be JSON` } : { text }
  } catch (error) {
    return { reason: (error as Error).message.split('\n')[0] ?? '' }
  }
}
