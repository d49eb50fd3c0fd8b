// lab.gpu(): the GPUs of this machine, and which ring kernels are resident on them.
import { actorRows } from '../runtime/registry.js'
import { gpuReport } from '../runtime/insight.js'
import { gpuFigure } from '../view/figures/gpus.js'
import { stillFigure, type Figure } from './figure.js'

/** Every GPU: capability, memory, load and temperature as far as the driver tells them, and the ring kernels on it. Without one, the figure says why. */
export async function gpu(): Promise<Figure> {
  const { gpus, notes } = await gpuReport()
  const residents = (device: string): string[] => actorRows().filter((row) => row.device === device || (row.device === 'cuda' && device === 'cuda:0')).map(({ id }) => id)
  return stillFigure(() => gpuFigure(gpus.map((each) => ({ ...each, residents: residents(each.device) })), notes))
}
