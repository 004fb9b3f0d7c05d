import type { PriceFrame } from './price-frame.ts';
import type { WindowFigure } from './window-figures.ts';

/** One entry of the feature catalog: a pure function of what was known at a time. */
export interface Feature {
  readonly name: string;
  /** `USD/h`, `ratio`, `ln`, `h`, `count`, `share`, `1`, `vCPU`, `GiB`, `%`. */
  readonly unit: string;
  readonly description: string;
  /** How far before the time it looks. */
  readonly lookbackMs: number;
  /** Grows when the meaning changes, so that kept predictions say what they were made from. */
  readonly revision: number;
  /** Whether it looks at other pools too, so that their prices are needed. */
  readonly looksAtNeighbours: boolean;
  /** Writes a value for each time of the frame, NaN where it is unknown; or the figure of a window that it is. */
  readonly fill: Fill | FigureOfWindow;
}

type Fill = (frame: PriceFrame, column: Column) => void;

/** All figures of one window that are asked for are written in one sweep. */
export interface FigureOfWindow {
  readonly lengthMs: number;
  readonly figure: WindowFigure;
}

/** A column of a table that is kept row after row: its value of row `i` is `values[start + i * step]`. */
export interface Column {
  readonly values: Float64Array;
  readonly start: number;
  readonly step: number;
}

/** Features of one kind, as the guide lists them. */
export interface FeatureGroup {
  readonly title: string;
  readonly features: readonly Feature[];
}

/** Writes the same to every row. */
export function fillWith(value: number, { timesMs }: PriceFrame, { values, start, step }: Column): void {
  for (let row = 0, at = start; row < timesMs.length; row++, at += step) values[at] = value;
}

/** Writes each figure over another one of its row, plus `added`. */
export function fillRatio(
  figures: Float64Array,
  over: Float64Array,
  added: number,
  { values, start, step }: Column,
): void {
  for (let row = 0, at = start; row < over.length; row++, at += step) {
    values[at] = (figures[row] as number) / (over[row] as number) + added;
  }
}

/** Writes each figure over the same divisor. */
export function fillScaled(figures: Float64Array, divisor: number, { values, start, step }: Column): void {
  for (let row = 0, at = start; row < figures.length; row++, at += step) {
    values[at] = (figures[row] as number) / divisor;
  }
}
