// The public API of ringlab, and nothing else. Importing it loads no TypeScript, no ZeroMQ and no koffi until they are needed.
export {}
