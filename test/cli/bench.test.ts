// bench measures on a real kernel, and says beside each number what it is held to.
import { expect, test } from 'vitest'
import { budgets, verdict, type Measured } from '#ringlab/cli/bench/budgets.js'
import { groupTable } from '#ringlab/cli/bench/table.js'
import { ringlab } from './ringlab.js'

test('the loops of cells are measured, and --json says row, value, unit, budget and verdict', async () => {
  const { code, stdout } = await ringlab(['bench', 'cells', '--json'])
  expect(code).toBe(0)
  const rows = JSON.parse(stdout) as (Measured & { unit: string; limit: number; verdict: string })[]
  expect(rows.map(({ row }) => row)).toEqual(['loop-doubles', 'loop-ints'])
  for (const row of rows) {
    expect(row.value).toBeGreaterThan(0)
    expect(row).toMatchObject({ unit: '×', limit: budgets[row.row].limit, verdict: verdict(row) })
  }
})

test('a budget is an upper or a lower bound, and the table fits 80 columns', () => {
  expect(verdict({ row: 'cpu-ask-p50', value: 1.1 })).toBe('over')
  expect(verdict({ row: 'cpu-objects', value: 1.1 })).toBe('over')
  expect(verdict({ row: 'cpu-objects', value: 2.1 })).toBe('within')
  const rows = (Object.keys(budgets) as (keyof typeof budgets)[]).map((row) => ({ row, value: 1234.5678 }))
  for (const line of groupTable('cpu', rows).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})
