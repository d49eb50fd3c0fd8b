// All checks of the GPU suite, in the order in which they run: what a machine is lent for comes first, and what takes longest last.
import type { Check } from './check.js'
import { conformance } from './conformance.js'
import { figures } from './figures.js'
import { lifeCycle } from './life-cycle.js'
import { machinery } from './machinery.js'
import { numbers } from './numbers.js'
import { together } from './together.js'

export const checks: readonly Check[] = [...machinery, ...lifeCycle, ...together, ...figures, ...numbers, ...conformance]
