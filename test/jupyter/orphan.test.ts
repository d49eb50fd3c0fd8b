// A Jupyter kernel never outlives the server that started it, not even one that was gone before the kernel could look.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { KernelClient } from './client.js'

test('a kernel whose server ended while it was starting ends by itself', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  const kernel = await KernelClient.start({ env: { JPY_PARENT_PID: String(pid) } })
  onTestFinished(() => kernel.stop())
  if (kernel.process.exitCode === null) await once(kernel.process, 'exit', { signal: AbortSignal.timeout(20_000) })
  expect(kernel.process.exitCode).not.toBeNull()
})
