// Heap exhaustion cannot be caught: the user is warned before it comes, also while a cell holds main.

import { expect, test } from 'vitest'
import { KernelClient } from './client.js'
import { nodes } from './nodes.js'

const fill = `import v8 from 'node:v8'
const hog: number[][] = []
const limit = 300 * 2 ** 20
while (v8.getHeapStatistics().used_heap_size < limit * 0.92) hog.push(new Array<number>(100_000).fill(1.5))
{ const end = Date.now() + 800; while (Date.now() < end); }`

test.each(nodes)('a heap nearly full is told on $name', async ({ path }) => {
  const kernel = await (await KernelClient.start({ node: path, env: { NODE_OPTIONS: '--max-old-space-size=300' } })).ready()
  try {
    expect((await kernel.execute('1 + 1')).stderr).toBe('')
    const { reply, stderr } = await kernel.execute(fill)
    expect(reply['status']).toBe('ok')
    expect(stderr).toMatch(/heap of this notebook is \d+ % full .*--max-old-space-size/)
    expect(stderr.split('\n').filter(line => line !== ''), 'told once').toHaveLength(1)
  } finally {
    await kernel.stop()
  }
})
