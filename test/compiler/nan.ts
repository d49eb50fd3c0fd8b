// Bytes of a struct in hexadecimal, in which every NaN reads the same: its sign and payload are nobody's promise. Padding reads as zero.
import type { Layout } from '#ringlab/schema/index.js'

/** The bytes of one value of this layout. */
export function comparable(bytes: Uint8Array, layout: Layout): string {
  const parts: string[] = []
  visit(bytes, 0, layout, parts)
  return parts.join(' ')
}

function visit(bytes: Uint8Array, offset: number, layout: Layout, parts: string[]): void {
  if (layout.kind === 'array') for (let i = 0; i < layout.length; i++) visit(bytes, offset + i * layout.element.bytes, layout.element, parts)
  else if (layout.kind === 'struct') for (const field of layout.fields) visit(bytes, offset + field.offset, field.layout, parts)
  else parts.push(isNaNAt(bytes, offset, layout.dtype) ? 'NaN' : Buffer.from(bytes.slice(offset, offset + layout.bytes)).toString('hex'))
}

function isNaNAt(bytes: Uint8Array, offset: number, dtype: string): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  switch (dtype) {
    case 'f64': return Number.isNaN(view.getFloat64(offset, true))
    case 'f32': return Number.isNaN(view.getFloat32(offset, true))
    case 'f16': return (view.getUint16(offset, true) & 0x7fff) > 0x7c00
    case 'bf16': return (view.getUint16(offset, true) & 0x7fff) > 0x7f80
    default: return false
  }
}
