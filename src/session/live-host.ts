// Hands front ends the hook of live figures, so that they need not know the lab.
export { setLiveHost, type LiveHost } from '../lab/live.js'
