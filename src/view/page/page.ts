// What runs in the reader's page: plain functions without imports, sent as text inside a figure's HTML. They keep one object a page,
// `window.ringlabFigures`, through which the displays of one figure find each other in whatever order they arrive.
import { scriptJson } from '../text.js'

/** What a frame carries: the plot, and the pieces of HTML around it (already escaped). */
export interface PagePayload { readonly plotly: { data: Record<string, unknown>[]; layout: Record<string, unknown>; config: Record<string, unknown> }; readonly x: readonly number[]; readonly title: string; readonly table: string; readonly notes: string }

interface Plotly { react(node: PageNode, data: unknown, layout: unknown, config: unknown): unknown }
interface PageNode { innerHTML: string; isConnected: boolean; style: Record<string, string>; src?: string; firstElementChild: { removeAttribute(name: string): void } | null; querySelector(selector: string): PageNode | null; replaceWith(node: PageNode): void; closest(selector: string): PageNode | null }
interface PageFigure { plot?: PageNode; drawn?: boolean; payload?: PagePayload }
interface PageFigures { plotly?: Plotly; figures: Record<string, PageFigure>; open(id: string, payload?: PagePayload): void; frame(id: string, payload: PagePayload): void; loaded(plotly: Plotly): void }
interface PageWindow { ringlabFigures?: PageFigures; getComputedStyle(node: PageNode): { color: string }; document: { hidden: boolean; currentScript: PageNode | null; getElementById(id: string): PageNode | null; addEventListener(event: string, listener: () => void): void } }

/** Script that runs when a figure's display appears: it takes its place on the page, and is drawn as soon as the library is there. */
export function openScript(id: string, payload?: PagePayload): string {
  return `<script>${definition}window.ringlabFigures.open(${[id, ...(payload === undefined ? [] : [payload])].map(scriptJson).join(',')})</script>`
}

/** Script of one update. It does nothing where the figure is not on the page. */
export function frameScript(id: string, payload: PagePayload): string { return `<script>window.ringlabFigures&&window.ringlabFigures.frame(${scriptJson(id)},${scriptJson(payload)})</script>` }

/** Script that gives the page the plotting library, unless it has it: `source` sees no module loader of the page and leaves the page's own `Plotly` alone. */
export function bootScript(source: string): string {
  const safe = source.replace(/<\/(script)/gi, '<\\/$1').replaceAll('<!--', '<\\!--')
  return `<script>${definition}if(!window.ringlabFigures.plotly){(function(){var own=window.Plotly,root=window.moduleName;(function(){var define,module,exports;${safe}\n}).call(window);var loaded=window.Plotly;if(own)window.Plotly=own;if(root===undefined)delete window.moduleName;else window.moduleName=root;window.ringlabFigures.loaded(loaded)})()}</script>`
}

/** Runs in the page, once: whatever it uses is inside it. */
function definePage(window: PageWindow): PageFigures {
  const { document } = window
  const entry = (id: string): PageFigure => (page.figures[id] ??= {})
  const draw = (id: string): void => {
    const figure = entry(id)
    const { plot, payload } = figure
    // A page that nobody sees is drawn when it is seen again.
    if (plot === undefined || payload === undefined || page.plotly === undefined || document.hidden || !plot.isConnected) return
    const data = payload.plotly.data.map((trace) => (trace['x'] === '=' ? { ...trace, x: payload.x } : trace))
    const color = window.getComputedStyle(plot).color
    if (figure.drawn !== true) { plot.innerHTML = ''; figure.drawn = true }
    page.plotly.react(plot, data, { ...payload.plotly.layout, font: { size: 12, color } }, payload.plotly.config)
  }
  const around = (id: string, payload: PagePayload): void => {
    const pieces = { title: payload.title, table: payload.table, notes: payload.notes }
    for (const [name, html] of Object.entries(pieces)) {
      const node = document.getElementById(`ringlab-${name}-${id}`)
      if (node !== null && node.innerHTML !== html) node.innerHTML = html
    }
  }
  const page: PageFigures = {
    figures: {},
    open(id, payload) {
      const node = document.getElementById(`ringlab-plot-${id}`)
      if (node === null) return
      const figure = entry(id)
      // The display was written anew: the plot that the reader zoomed goes on in the new place.
      if (figure.plot !== undefined && figure.drawn === true && !figure.plot.isConnected) node.replaceWith(figure.plot)
      else { figure.plot = node; figure.drawn = false }
      if (payload !== undefined) figure.payload = payload
      if (!figure.drawn && page.plotly === undefined) {
        // Without the library: the picture becomes part of the page and takes its text colour.
        const source = node.querySelector('img')?.src
        if (source?.startsWith('data:image/svg+xml,')) { node.innerHTML = decodeURIComponent(source.slice(19)); node.firstElementChild?.removeAttribute('color') }
      }
      draw(id)
    },
    frame(id, payload) {
      const hidden = document.currentScript?.closest('.jp-OutputArea-child')
      if (hidden != null) hidden.style['display'] = 'none'
      const figure = entry(id)
      figure.payload = payload
      around(id, payload)
      draw(id)
    },
    loaded(plotly) { page.plotly = plotly; for (const id of Object.keys(page.figures)) draw(id) },
  }
  document.addEventListener('visibilitychange', () => { if (!document.hidden) for (const id of Object.keys(page.figures)) draw(id) })
  return page
}

const definition = `window.ringlabFigures=window.ringlabFigures||(${definePage.toString()})(window);`
