import { placeAt, type StepLine } from './step-line.ts';

/** An image of `width` × `height` pixels, one 32-bit word each. */
export interface Raster {
  readonly pixels: Uint32Array;
  readonly width: number;
  readonly height: number;
}

/** From here on a call that fills is faster than a loop. */
const LONG = 24;

/** Where seconds and values lie in the image. */
export interface Placement {
  readonly fromS: number;
  readonly toS: number;
  readonly yOf: (value: number) => number;
  /** Thickness of a line in pixels. */
  readonly thickness: number;
}

/**
 * Draws a step line, whose parts are all level or upright, by filling pixels: some hundred times as fast as stroking a
 * path for a thousand lines, and as sharp. Steps of one column of pixels become one upright part from lowest to highest.
 */
export function rasterizeSteps(raster: Raster, line: StepLine, word: number, placement: Placement): void {
  const { fromS, toS, yOf, thickness } = placement;
  const { atS, values, holesS } = line;
  const perSecond = raster.width / (toS - fromS);
  const columnOf = (second: number) => Math.floor((second - fromS) * perSecond);
  let hole = Math.max(0, placeAt(holesS, fromS));
  hole -= hole % 2;
  /** The row at which the part before ended; undefined behind a hole and at the beginning. */
  let before: number | undefined;
  for (let place = Math.max(0, placeAt(atS, fromS)); place < atS.length; place++) {
    const beginS = atS[place] ?? 0;
    if (beginS > toS) break;
    const nextS = atS[place + 1] ?? line.endS;
    const row = Math.round(yOf(values[place] ?? 0));
    while (hole < holesS.length && (holesS[hole + 1] ?? 0) <= beginS) hole += 2;
    const holeS = holesS[hole] ?? Number.POSITIVE_INFINITY;
    const untilS = Math.min(nextS, holeS, line.endS);
    const first = Math.max(0, columnOf(beginS));
    if (before !== undefined && beginS >= fromS) fill(raster, first, first, before, row, word, thickness);
    if (untilS >= fromS) fill(raster, first, Math.max(first, columnOf(untilS)), row, row, word, thickness);
    before = holeS < nextS ? undefined : row;
  }
}

function fill(
  { pixels, width, height }: Raster,
  x0: number,
  x1: number,
  ya: number,
  yb: number,
  word: number,
  thickness: number,
): void {
  const before = (thickness - 1) >> 1;
  const isUpright = ya !== yb;
  const left = Math.max(0, isUpright ? x0 - before : x0);
  const right = Math.min(width - 1, isUpright ? x0 - before + thickness - 1 : x1);
  const top = Math.max(0, Math.min(ya, yb) - before);
  const bottom = Math.min(height - 1, Math.max(ya, yb) - before + thickness - 1);
  for (let y = top; y <= bottom; y++) {
    const end = y * width + right;
    // Most parts are a few pixels wide, for which a call costs more than the loop.
    if (right - left > LONG) pixels.fill(word, y * width + left, end + 1);
    else for (let place = y * width + left; place <= end; place++) pixels[place] = word;
  }
}
