// The frame as a struct: what a parked body keeps, at the offsets that the frame pass chose, each asserted.
import { at, cudaReprs, type Context } from './context.js'

interface Member { readonly name: string; readonly text: string; readonly offset: number; readonly bytes: number }

const HEAD_BYTES = 8
const LOCAL_BYTES = 8

export function writeFrame(context: Context): void {
  const { program, writer, names } = context
  const members: Member[] = []
  program.locals.forEach(({ repr, frame }, i) => {
    if (frame !== undefined) members.push({ name: at(names.locals, i), text: `alignas(8) ${cudaReprs[repr]} ${at(names.locals, i)}`, offset: frame, bytes: LOCAL_BYTES })
  })
  if (!context.ownsRegions) {
    program.regions.forEach((region, i) => {
      members.push({ name: at(names.regions, i), text: `alignas(16) ${context.declare(region.layout, at(names.regions, i))}`, offset: region.offset, bytes: region.layout.bytes })
    })
  }
  members.sort((a, b) => a.offset - b.offset)
  let end = HEAD_BYTES
  for (const member of members) {
    if (member.offset < end) throw new RangeError(`${member.name} overlaps what lies before it in the frame of ${program.name}`)
    end = member.offset + member.bytes
  }
  writer.line('/** What a parked body keeps. */')
  writer.block('struct RlFrame', () => {
    writer.line('RlFrameHead head;   // where to go on')
    for (const member of members) writer.line(`${member.text};`)
  }, ';')
  for (const member of members) writer.line(`static_assert(__builtin_offsetof(RlFrame, ${member.name}) == ${member.offset}, "${member.name}");`)
  writer.line('')
}
