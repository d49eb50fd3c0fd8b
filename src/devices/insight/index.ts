// The door of insight: what those who show GPUs and emitted code are told.
export { lookAtGpus as gpus } from './ask.js'
export { codeInForm as code } from './emitted-code.js'
export { replay } from './replay.js'
