// Streams, events, and graphs of recorded work.
import type { Caller } from './check.js'
import type { GraphCalls, StreamCalls } from './types.js'

/** CU_STREAM_NON_BLOCKING, CU_EVENT_DISABLE_TIMING, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL. */
const nonBlocking = 1, withoutTiming = 2, captureOfThisThread = 1

export function streamCalls(cuda: Caller): StreamCalls {
  const milliseconds = new Float32Array(1)
  return {
    streamCreate: () => cuda.word('cuStreamCreate', nonBlocking),
    streamDestroy: (stream) => cuda.call('cuStreamDestroy_v2', stream),
    streamIsDone: (stream) => cuda.isDone('cuStreamQuery', stream),
    streamSynchronize: (stream) => cuda.call('cuStreamSynchronize', stream),
    streamWaitEvent: (stream, event) => cuda.call('cuStreamWaitEvent', stream, event, 0),
    eventCreate: (options) => cuda.word('cuEventCreate', options?.timing === true ? 0 : withoutTiming),
    eventRecord: (event, stream) => cuda.call('cuEventRecord', event, stream),
    eventIsDone: (event) => cuda.isDone('cuEventQuery', event),
    eventDestroy: (event) => cuda.call('cuEventDestroy_v2', event),
    eventElapsedMs: (from, to) => {
      cuda.call('cuEventElapsedTime', milliseconds, from, to)
      return milliseconds[0] ?? 0
    },
  }
}

export function graphCalls(cuda: Caller): GraphCalls {
  return {
    captureBegin: (stream) => cuda.call('cuStreamBeginCapture_v2', stream, captureOfThisThread),
    captureEnd: (stream) => {
      const graph = new BigUint64Array(1)
      cuda.call('cuStreamEndCapture', stream, graph)
      return graph[0] ?? 0n
    },
    graphInstantiate: (graph) => cuda.word('cuGraphInstantiateWithFlags', graph, 0),
    graphLaunch: (executable, stream) => cuda.call('cuGraphLaunch', executable, stream),
    graphDestroy: (graph) => cuda.call('cuGraphDestroy', graph),
    graphExecutableDestroy: (executable) => cuda.call('cuGraphExecDestroy', executable),
  }
}
