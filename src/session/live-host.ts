// Hands front ends the hook of live figures, so that they need not know the lab.
export { setLiveHost, type LiveHost, type LiveHandle, type LiveSpec } from '../lab/live.js'
