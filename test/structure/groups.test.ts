// What `npm test` runs is all there is to run: its groups are vitest's projects, and each folder with tests is one of them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import config from '../../vitest.config.js'
import { root } from './sources.js'

const projects = (config.test?.projects ?? []).flatMap((project) => (typeof project === 'object' && 'test' in project && typeof project.test.name === 'string' ? [project.test.name] : []))

test('npm test runs every project of vitest', () => {
  const listed = /^const vitestGroups = \[(.*)\]$/m.exec(readFileSync(join(root, 'test/run.js'), 'utf8'))?.[1] ?? ''
  expect([...listed.matchAll(/'([a-z]+)'/g)].map(([, name]) => name)).toEqual(projects)
})

test('every folder that holds tests is a project of vitest', () => {
  const folders = readdirSync(join(root, 'test'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== 'output' && !entry.name.startsWith('.'))
    .filter(({ name }) => readdirSync(join(root, 'test', name), { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.test.ts'))).map(({ name }) => name)
  expect(folders.sort()).toEqual([...projects].sort())
})
