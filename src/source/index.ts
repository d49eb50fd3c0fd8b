// The door of source/: captures of bodies, their revival in a worker, and the hooks a session sets.

export { captureBody } from './capture.js'
export { CaptureError } from './captured.js'
export type { CapturedBody } from './captured.js'
export { cellLine, registerCellSource } from './cells.js'
export { parseBody } from './parse.js'
export { setBodyParser } from './parse-request.js'
export type { BodyParser, ParsedBody, ParseRequest } from './parse-request.js'
export { reviveBody } from './revive.js'
