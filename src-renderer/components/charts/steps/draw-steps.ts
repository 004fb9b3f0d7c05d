import type uPlot from 'uplot';
import { type Raster, rasterizeSteps } from './rasterize-steps.ts';
import type { StepLine } from './step-line.ts';

/** More lines than these are drawn thin, so that they can be told apart. */
const FEW_LINES = 40;

/** Draws lines over the grid of a plot; `shown` are those that are not switched off. */
export function drawSteps(plot: uPlot, shown: readonly StepLine[]): void {
  const { left, top, width, height } = whole(plot.bbox);
  if (width <= 0 || height <= 0) return;
  const scale = window.devicePixelRatio;
  const thickness = Math.max(1, Math.round((shown.length <= FEW_LINES ? 2 : 1) * scale));
  const canvas = canvasOf(plot, shown, width, height, thickness);
  if (canvas) plot.ctx.drawImage(canvas, left, top);
}

/** One line, thick, on a canvas of its own that lies over the plot. */
export function drawEmphasis(plot: uPlot, over: HTMLCanvasElement, line: StepLine | undefined): void {
  const { width, height } = whole(plot.bbox);
  if (over.width !== width || over.height !== height) {
    over.width = width;
    over.height = height;
  }
  const context = over.getContext('2d');
  context?.clearRect(0, 0, width, height);
  if (!line || width <= 0) return;
  const canvas = canvasOf(plot, [line], width, height, Math.round(4 * window.devicePixelRatio));
  if (canvas) context?.drawImage(canvas, 0, 0);
}

function canvasOf(
  plot: uPlot,
  lines: readonly StepLine[],
  width: number,
  height: number,
  thickness: number,
): HTMLCanvasElement | undefined {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) return undefined;
  const image = context.createImageData(width, height);
  const raster: Raster = { pixels: new Uint32Array(image.data.buffer), width, height };
  const placement = {
    fromS: plot.scales.x?.min ?? 0,
    toS: plot.scales.x?.max ?? 1,
    yOf: rowOf(plot, height),
    thickness,
  };
  const words = new Map<string, number>();
  for (const line of lines) {
    let word = words.get(line.colour);
    if (word === undefined) {
      word = wordOf(context, line.colour);
      words.set(line.colour, word);
    }
    rasterizeSteps(raster, line, word, placement);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The row of a value, by the plot's own scale; faster than asking the plot for each. */
function rowOf(plot: uPlot, height: number): (value: number) => number {
  const { min = 0, max = 1, distr } = plot.scales.y ?? {};
  const bend = distr === 3 ? Math.log : (value: number) => value;
  const [low, high] = [bend(min ?? 0), bend(max ?? 1)];
  return value => (height - 1) * (1 - (bend(value) - low) / (high - low));
}

/** A colour as the word of a pixel, whatever the order of bytes of this machine. */
function wordOf(context: CanvasRenderingContext2D, colour: string): number {
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const { data } = context.getImageData(0, 0, 1, 1);
  context.clearRect(0, 0, 1, 1);
  return new Uint32Array(data.buffer)[0] ?? 0;
}

function whole({ left, top, width, height }: uPlot.BBox) {
  return {
    left: Math.round(left),
    top: Math.round(top),
    width: Math.round(width),
    height: Math.round(height),
  };
}
