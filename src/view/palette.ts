// The colours of figures. Each is readable on JupyterLab's white and on its dark #111111 alike (contrast at least 3 : 1, text 4 : 1), because a
// saved figure does not know the theme it will be seen in. The first three follow Okabe and Ito (jfly.uni-koeln.de/color), darkened where theirs fail on white; the
// others were searched for as far from all as can be, for usual, deuteranope and protanope eyes.

/** Series, in the order they are handed out. */
export const seriesColors = ['#2f86c8', '#d55e00', '#009e73', '#8700ff', '#87963c', '#c3002d'] as const

/** Text and reference lines where the page's own text colour is not known. */
export const muted = '#777777'

/** Grid lines: faint on both backgrounds. */
export const grid = '#80808040'

export function seriesColor(index: number): string { return seriesColors[index % seriesColors.length] ?? muted }

/** The same series in a terminal's eight colours: blue, red, green, magenta, yellow; cyan is all that is left for crimson. */
export function terminalColor(index: number): number { return [34, 31, 32, 35, 33, 36][index % seriesColors.length] ?? 0 }

/** Viridis (Smith and van der Walt, 2015) at nine even steps: dark to light, the same order for every eye and in grey. */
const viridis: readonly (readonly [number, number, number])[] = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]]

/** The colour at `share` of the range, 0 to 1. */
export function viridisAt(share: number): readonly [number, number, number] {
  const position = Math.min(Math.max(share, 0), 1) * (viridis.length - 1)
  const low = Math.min(Math.floor(position), viridis.length - 2)
  const [from, to] = [viridis[low] ?? [0, 0, 0], viridis[low + 1] ?? [0, 0, 0]]
  const mix = (channel: 0 | 1 | 2): number => Math.round(from[channel] + (to[channel] - from[channel]) * (position - low))
  return [mix(0), mix(1), mix(2)]
}
