// The declared state of an older run in the layout of today's definition: fields are found by name and type.
import { schemaFrom, describeSchema, layoutOf, schemaDifference, structCodec, struct, type Fields, type SchemaText, type Struct } from '../schema/index.js'

/** Gives fields of the new state that the old one does not hold, from the old one, or other values for those it does. */
export type Migrate = (old: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>

export interface RestoredState {
  readonly bytes: Uint8Array | undefined
  /** What is not as it was, a clause each; none when all is. */
  readonly changes: readonly string[]
}

/** `saved` lies as `before` says. @throws MessageError when `migrate` gives what the state cannot hold. */
export function restoredState(before: SchemaText | null, saved: Uint8Array | undefined, fields: Fields | undefined, migrate: Migrate | undefined): RestoredState {
  const old = before === null ? undefined : schemaFrom(before) as Struct<Fields>
  const oldBytes = saved ?? new Uint8Array(old?.bytes ?? 0)
  if (fields === undefined || Object.keys(fields).length === 0) return { bytes: undefined, changes: Object.keys(old?.fields ?? {}).map(gone) }
  const now = struct('State', fields)
  const bytes = new Uint8Array(now.bytes)
  const isSame = old !== undefined && schemaDifference(old, now, ['', '']) === undefined
  if (isSame) bytes.set(oldBytes)
  const changes = isSame ? [] : moved(old, oldBytes, now, bytes)
  if (migrate === undefined) return { bytes, changes }
  const given = migrate(old === undefined ? {} : structCodec(old).bind(aligned(oldBytes).buffer).read(0) as Record<string, unknown>)
  const scratch = aligned(bytes)
  const codec = structCodec(now).bind(scratch.buffer)
  codec.write(0, { ...codec.read(0) as object, ...given })
  return { bytes: scratch.slice(0, now.bytes), changes: changes.filter((change) => !Object.keys(given).some((name) => change.startsWith(`state field '${name}' `))) }
}

/** Copies every field that is in both, of the same type, and says what became of the others. */
function moved(old: Struct<Fields> | undefined, from: Uint8Array, now: Struct<Fields>, to: Uint8Array): string[] {
  const [before, after] = [old === undefined ? [] : layoutOf(old).fields, layoutOf(now).fields]
  const types = new Map(old === undefined ? [] : fieldTexts(old))
  const changes: string[] = []
  for (const [name, type] of fieldTexts(now)) {
    const source = before.find((field) => field.name === name), target = after.find((field) => field.name === name)
    const was = types.get(name)
    types.delete(name)
    if (source === undefined || target === undefined) changes.push(`state field '${name}' is new and begins at zero`)
    else if (was !== type) changes.push(`state field '${name}' has another type and begins at zero`)
    else to.set(from.subarray(source.offset, source.offset + source.layout.bytes), target.offset)
  }
  return [...changes, ...[...types.keys()].map(gone)]
}

function gone(name: string): string { return `state field '${name}' is gone` }

/** Fields and their types as texts that are equal for equal types. Names of structs do not count. */
function fieldTexts(of: Struct<Fields>): (readonly [string, string])[] {
  const text = describeSchema(of)
  return text.kind === 'struct' ? text.fields.map(([name, type]) => [name, JSON.stringify(type, (key, value: unknown) => (key === 'name' ? undefined : value))] as const) : []
}

/** In a buffer of its own, whose length every view divides. */
function aligned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(new ArrayBuffer(Math.ceil(bytes.byteLength / 16) * 16))
  copy.set(bytes)
  return copy
}
