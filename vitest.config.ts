// How the tests run: one project a group, fast ones first. Tests import built code (`#ringlab/…` is dist/…), never src, because
// worker threads start from dist; so what is under dist is left to Node, untouched by vite.
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectConfiguration } from 'vitest/config'

const dist = fileURLToPath(new URL('./dist/', import.meta.url))

/** Fast groups share two processes; the others measure time, own processes or hold a browser, so they run one file at a time. */
const groups: readonly { name: string; seconds: number; files?: string[]; together?: true }[] = [
  { name: 'structure', seconds: 30, together: true },
  { name: 'schema', seconds: 30, together: true },
  { name: 'ring', seconds: 30, together: true },
  { name: 'source', seconds: 30, together: true },
  { name: 'view', seconds: 30, together: true },
  { name: 'lab', seconds: 30, together: true },
  { name: 'compiler', seconds: 60, together: true },
  { name: 'corpus', seconds: 120 },
  { name: 'driver', seconds: 60 },
  { name: 'emitted', seconds: 120 },
  { name: 'devices', seconds: 60 },
  { name: 'cuda', seconds: 120 },
  { name: 'numbers', seconds: 120 },
  { name: 'runtime', seconds: 60 },
  { name: 'alike', seconds: 60 },
  { name: 'session', seconds: 60 },
  { name: 'jupyter', seconds: 120 },
  { name: 'cli', seconds: 120 },
  { name: 'browser', seconds: 240 },
]

export default defineConfig({ test: { teardownTimeout: 10_000, projects: groups.map(project) } })

function project(group: (typeof groups)[number], index: number): TestProjectConfiguration {
  return {
    resolve: { alias: [{ find: /^ringlab$/, replacement: `${dist}index.js` }] },
    test: {
      name: group.name,
      include: [`test/${group.name}/**/*.test.ts`],
      pool: 'forks',
      // A session interrupts by the inspector; without this flag a terminated timer callback aborts the process (Node 20 and 24).
      execArgv: ['--no-force-async-hooks-checks', '--expose-gc'],
      testTimeout: group.seconds * 1000,
      hookTimeout: group.seconds * 1000,
      fileParallelism: group.together === true,
      ...(group.together === true ? { maxWorkers: 2 } : {}),
      sequence: { groupOrder: group.together === true ? 0 : index },
      server: { deps: { external: [/\/dist\//] } },
    },
  }
}
