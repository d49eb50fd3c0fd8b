// The connection file: what the Jupyter server wrote for this Jupyter kernel, checked field by field. No sockets here.

import { readFileSync } from 'node:fs'

const channels = ['shell', 'iopub', 'stdin', 'control', 'hb'] as const
export type Channel = (typeof channels)[number]

export interface Connection {
  readonly endpoints: Readonly<Record<Channel, string>>
  /** Empty: messages are not signed. */
  readonly key: string
  /** Node's name of the hash, as in `sha256`. */
  readonly hash: string
}

/** The connection file is missing or garbled; the message is one sentence for the person who started the Jupyter kernel. */
class ConnectionFileError extends Error {
  override readonly name = 'ConnectionFileError'
  constructor(readonly file: string, problem: string) { super(`connection file ${file}: ${problem}`) }
}

/** Reads and checks a connection file. Throws ConnectionFileError. */
export function readConnection(file: string | undefined): Connection {
  if (file === undefined) throw new ConnectionFileError('(none)', 'its path is missing; Jupyter passes it as {connection_file}')
  const text = readText(file)
  const fields = parseObject(file, text)
  const transport = textField(file, fields, 'transport', 'tcp')
  if (transport !== 'tcp' && transport !== 'ipc') throw new ConnectionFileError(file, `"transport" is "${transport}"; it must be "tcp" or "ipc"`)
  const address = textField(file, fields, 'ip', '127.0.0.1')
  const scheme = textField(file, fields, 'signature_scheme', 'hmac-sha256') || 'hmac-sha256'
  const hash = /^hmac-(sha\d+)$/.exec(scheme)?.[1]
  if (hash === undefined) throw new ConnectionFileError(file, `"signature_scheme" is "${scheme}"; hmac-sha256 is expected`)
  const endpoints = {} as Record<Channel, string>
  for (const channel of channels) {
    const port = portField(file, fields, `${channel}_port`)
    endpoints[channel] = transport === 'tcp' ? `tcp://${address.includes(':') ? `[${address}]` : address}:${port}` : `ipc://${address}-${port}`
  }
  return { endpoints, key: textField(file, fields, 'key', ''), hash }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new ConnectionFileError(file, code === 'ENOENT' ? 'no such file; Jupyter passes its path as {connection_file}' : `cannot be read (${code ?? String(error)})`)
  }
}

function parseObject(file: string, text: string): Record<string, unknown> {
  let value: unknown
  try { value = JSON.parse(text) } catch { throw new ConnectionFileError(file, 'is not JSON; start the Jupyter kernel again so that Jupyter writes a new one') }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ConnectionFileError(file, 'is not a JSON object')
  return value as Record<string, unknown>
}

function textField(file: string, fields: Record<string, unknown>, name: string, fallback: string): string {
  const value = fields[name] ?? fallback
  if (typeof value !== 'string') throw new ConnectionFileError(file, `"${name}" must be a string`)
  return value
}

function portField(file: string, fields: Record<string, unknown>, name: string): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65535) throw new ConnectionFileError(file, `"${name}" must be a port number from 1 to 65535`)
  return value
}
