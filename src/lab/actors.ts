// lab.actors(): the ring kernels as a table.
import { actorRows } from '../runtime/registry.js'
import { queueTable } from '../view/figures/queues-now.js'
import { readingsOf } from '../view/readings.js'
import { counted } from '../view/text.js'
import { stillFigure, type Figure } from './figure.js'

/** Every ring kernel: id, device, state, queue depths and counts. */
export function actors(): Figure {
  return stillFigure(() => {
    const readings = readingsOf(actorRows())
    return readings.length === 0 ? { title: 'No ring kernel is running', notes: ['Launch one with lab.runtime.launch(definition) or %launch NAME.'] } : { title: counted(readings.length, 'ring kernel'), table: queueTable(readings), notes: [] }
  })
}
