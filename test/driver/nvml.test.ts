// NVML's readings of a GPU, and undefined where the library or the GPU is not there.
import { expect, test } from 'vitest'
import { openNvml } from '#ringlab/driver/index.js'
import { simulatedGpu, simulation } from './gpu.js'

test('the readings are of the GPU that CUDA means', () => {
  using gpu = simulatedGpu({ RINGLAB_SIM_MEMORY: '1000000' })
  const nvml = openNvml()
  expect(nvml?.driverVersion).toBe('simulated')
  gpu.cuda.allocate(250_000)
  expect(nvml?.read(gpu.cuda.deviceFacts(0).pciBusId)).toEqual({
    temperatureCelsius: 40, utilization: 0, memory: { totalBytes: 1_000_000, freeBytes: 750_000 }, processes: [{ processId: process.pid, memoryBytes: 250_000 }],
  })
  expect(nvml?.read('0000:99:00.0')).toBeUndefined()
  nvml?.close()
})

test('where there is no NVML, or it does not start, there is none', () => {
  using _gpu = simulatedGpu()
  simulation.inject('nvmlInit_v2', 9)
  expect(openNvml()).toBeUndefined()
  const before = process.env.RINGLAB_NVML
  process.env.RINGLAB_NVML = '/nowhere/libnvidia-ml.so.1'
  expect(openNvml()).toBeUndefined()
  process.env.RINGLAB_NVML = before
})
