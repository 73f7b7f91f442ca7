export type { PlotSeries } from './series.ts';
export { type SvgPlotOptions, svgPlot } from './svg.ts';
export { type TerminalPlotOptions, terminalPlot } from './terminal.ts';
