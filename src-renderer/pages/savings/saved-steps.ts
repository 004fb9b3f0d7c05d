import type { SavingsReportRow } from '../../../common/contracts/index.ts';

/** What was saved until each time, in USD. */
export interface SavedSteps {
  readonly timesMs: readonly number[];
  readonly realized: readonly number[];
  readonly predicted: readonly number[];
}

/**
 * Adds rows of a report by hour or day up: one point at the end of each step, the last one at `nowMs`, and zero at the begin of the
 * first. Steps without a row saved nothing.
 */
export function savedSteps(rows: readonly SavingsReportRow[], stepMs: number, nowMs: number): SavedSteps {
  const first = rows[0];
  if (first === undefined) return { timesMs: [], realized: [], predicted: [] };
  const byStart = new Map(rows.map(row => [Number(row.key), row]));
  const timesMs = [Number(first.key)];
  const realized = [0];
  const predicted = [0];
  for (let at = Number(first.key); at < nowMs; at += stepMs) {
    const row = byStart.get(at);
    timesMs.push(Math.min(at + stepMs, nowMs));
    realized.push((realized.at(-1) ?? 0) + (row?.realizedMicroUsd ?? 0) / 1e6);
    predicted.push((predicted.at(-1) ?? 0) + (row?.predictedMicroUsd ?? 0) / 1e6);
  }
  return { timesMs, realized, predicted };
}
