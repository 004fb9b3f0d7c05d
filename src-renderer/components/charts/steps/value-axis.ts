import { rangeWithin, type StepLine } from './step-line.ts';

/** Room above and below the lines, of their height. */
const ROOM = 0.06;

/** Range of the axis that shows all lines and level marks in a window of time; from zero unless it is logarithmic. */
export function valueRange(
  lines: readonly StepLine[],
  marks: readonly number[],
  window: { readonly fromS: number; readonly toS: number },
  isLog: boolean,
): { min: number; max: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const line of lines) {
    const range = rangeWithin(line, window.fromS, window.toS);
    if (!range) continue;
    low = Math.min(low, range.low);
    high = Math.max(high, range.high);
  }
  for (const mark of marks) {
    low = Math.min(low, mark);
    high = Math.max(high, mark);
  }
  if (low > high) return { min: isLog ? 0.01 : 0, max: 1 };
  if (isLog) {
    const spread = Math.max(Math.log(high / low), 0.02);
    return { min: low * Math.exp(-ROOM * spread), max: high * Math.exp(ROOM * spread) };
  }
  const spread = high - low || high * 0.2 || 1;
  return { min: Math.max(0, low - ROOM * spread), max: high + ROOM * spread };
}

/** Marks of a logarithmic axis: 1, 2, 5 of each decade; even ones where these are too few. */
export function logMarks(min: number, max: number): number[] {
  const marks: number[] = [];
  for (let decade = Math.floor(Math.log10(min)); decade <= Math.log10(max); decade++)
    for (const digit of [1, 2, 5]) {
      const mark = Number(`${digit}e${decade}`);
      if (mark >= min && mark <= max) marks.push(mark);
    }
  return marks.length >= 3 ? marks : evenMarks(min, max);
}

/** About five round marks within a range. */
export function evenMarks(min: number, max: number): number[] {
  const rough = (max - min) / 5;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(digit => digit * decade).find(size => size >= rough) ?? rough;
  const first = Math.ceil(min / step);
  const count = Math.floor(max / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}
