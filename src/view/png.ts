// The smallest PNG that shows a matrix of colours: 8-bit palette, one filter, deflated (W3C PNG specification, third edition, §§5, 11).
import { crc32, deflateSync } from 'node:zlib'

/** `pixels` are indices into `palette`, row by row; an index past the palette is transparent. */
export function pngOf(width: number, height: number, pixels: readonly number[], palette: readonly (readonly [number, number, number])[]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 3, 0, 0, 0], 8)
  const rows = Buffer.alloc(height * (width + 1))
  for (let row = 0; row < height; row++) rows.set(pixels.slice(row * width, (row + 1) * width), row * (width + 1) + 1)
  const colors = Buffer.from([...palette.flat(), 0, 0, 0])
  const opacities = Buffer.from([...palette.map(() => 255), 0])
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', header), chunk('PLTE', colors), chunk('tRNS', opacities), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
