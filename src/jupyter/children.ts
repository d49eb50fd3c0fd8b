// The processes this one started, also while its main thread waits for one of them. Reads the system's process table; starts nothing on Linux.

import { spawnSync } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

interface ProcessRow { readonly pid: number; readonly parent: number; readonly group: number }

/**
 * Sends a signal to every descendant in our own process group: what Ctrl-C does in a terminal. Detached children are left alone.
 * Those in `spared` too; who got the signal joins them.
 */
export function signalChildren(signal: NodeJS.Signals, spared = new Set<number>()): void {
  const rows = processTable()
  const group = rows.find(row => row.pid === process.pid)?.group
  const family = new Set([process.pid])
  for (let grown = true; grown;) {
    grown = false
    for (const row of rows) {
      if (!family.has(row.parent) || family.has(row.pid)) continue
      family.add(row.pid)
      grown = true
    }
  }
  for (const row of rows) {
    if (row.pid === process.pid || row.group !== group || !family.has(row.pid) || spared.has(row.pid)) continue
    spared.add(row.pid)
    try { process.kill(row.pid, signal) } catch { continue } // it ended meanwhile
  }
}

function processTable(): ProcessRow[] {
  if (process.platform !== 'linux') return fromPs()
  const rows: ProcessRow[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      // "pid (name) state parent group …": the name may itself hold spaces and parentheses.
      const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      rows.push({ pid: Number(name), parent: Number(parent), group: Number(group) })
    } catch { continue } // it ended while we looked
  }
  return rows
}

function fromPs(): ProcessRow[] {
  const listing = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid='], { encoding: 'utf8', timeout: 500 })
  return listing.stdout.split('\n').filter(line => line.trim() !== '').map(line => {
    const [pid, parent, group] = line.trim().split(/\s+/).map(Number)
    return { pid: pid ?? 0, parent: parent ?? 0, group: group ?? 0 }
  })
}
