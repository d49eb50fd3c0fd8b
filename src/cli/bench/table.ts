// The measured rows as a table that fits 80 columns, value and budget side by side.
import { budgets, verdict, type Group, type Measured } from './budgets.js'

const titles: Readonly<Record<Group, string>> = {
  cpu: 'CPU device, echo of 64-byte messages', host: 'Host device, echo', idle: 'Idle', jupyter: 'Jupyter kernel', cells: 'Inside a cell',
}

/** One group of rows, under its title. */
export function groupTable(group: Group, rows: readonly Measured[]): string {
  const lines = rows.flatMap((measured) => {
    const { what, unit, limit, sense } = budgets[measured.row]
    const value = `${shown(measured.value)} ${unit}`
    const budget = `${sense === 'at most' ? '≤' : '≥'} ${limit} ${unit}`
    const line = `  ${what.padEnd(36)}${value.padStart(16)}${budget.padStart(16)}  ${verdict(measured)}`
    return measured.note === undefined ? [line] : [line, `    ${measured.note}`]
  })
  return [titles[group], ...lines].join('\n')
}

/** Three significant digits: no measurement here is better than that. */
function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
