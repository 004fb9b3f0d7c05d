import { readFileSync } from 'node:fs';

/** Smallest, middle and largest of some figures. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[Math.min(Math.max(index, 0), sorted.length - 1)] ?? Number.NaN;
  return { min: at(0), median: at(Math.floor(sorted.length / 2)), max: at(sorted.length - 1) };
}

/** `name          12.3 (11.9 … 14.0) ms`: median, then smallest and largest. */
export function figureLine(name: string, { min, median, max }: Spread, unit: string): string {
  const text = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
  return `${name.padEnd(44)} ${text(median).padStart(9)} ${unit}  (${text(min)} … ${text(max)})`;
}

/** `name          3.1 ×`. */
export function ratioLine(name: string, ratio: number): string {
  return `${name.padEnd(44)} ${ratio.toLocaleString('en-US', { maximumSignificantDigits: 3 }).padStart(9)} ×`;
}

/** Most resident memory that a process had so far. */
export function peakMibOf(pid: number | undefined): number {
  try {
    const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1024;
  } catch {
    return Number.NaN;
  }
}
