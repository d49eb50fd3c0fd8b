// All ring kernels of the corpus, by group.
import type { CorpusKernel } from './corpus.js'
import { aggregates } from './kernels/aggregates.js'
import { control } from './kernels/control.js'
import { integers } from './kernels/integers.js'
import { messages } from './kernels/messages.js'
import { numbers } from './kernels/numbers.js'
import { parallel } from './kernels/parallel.js'

export const corpus: readonly CorpusKernel[] = [...numbers, ...integers, ...control, ...aggregates, ...messages, ...parallel]
