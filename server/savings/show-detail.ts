import type { SavingsEntryDetail } from '../../common/contracts/index.ts';
import { attribute } from './attribute.ts';
import { type BookedInterval, bookedIn, bookedOver, toMicroUsd } from './booked-interval.ts';
import { goesOn, type LedgerEntry, showEntry } from './ledger-entry.ts';
import { roundInOrder } from './ledger-report.ts';

/** More intervals are not shown; the export has all of them. */
const MOST_INTERVALS = 1_000;

/** All that the figure of an entry is made of. @param intervals all of the entry, oldest first */
export function showDetail(entry: LedgerEntry, intervals: readonly BookedInterval[]): SavingsEntryDetail {
  const booked = bookedOver(intervals);
  const parts = attribute(entry, booked);
  const sumOf = (isOf: (part: (typeof parts)[number]) => boolean): bigint =>
    parts.filter(isOf).reduce((sum, part) => sum + part.realizedMicroUsdMs, 0n);
  const byStage = roundInOrder(entry.stages.map(({ engine }) => sumOf(part => part.engine === engine)));
  const byWorkload = roundInOrder(entry.workloads.map(({ key }) => sumOf(part => part.workload === key)));
  const byInterval = roundInOrder(intervals.map(one => bookedIn(one).microUsdMs));
  const first = Math.max(0, intervals.length - MOST_INTERVALS);
  return {
    ...showEntry(entry, booked),
    realizedMicroUsd: toMicroUsd(booked.microUsdMs),
    decidedAt: entry.decidedAt,
    frozenAt: entry.counterfactual.frozenAt,
    approval: entry.approval,
    endedBecause: entry.endedBecause,
    stages: entry.stages.map((stage, index) => ({ ...stage, realizedMicroUsd: byStage[index] ?? 0 })),
    workloads: entry.workloads.map((one, index) => ({ ...one, realizedMicroUsd: byWorkload[index] ?? 0 })),
    nodesRemoved: entry.counterfactual.removed.map(removed => {
      const { uid: _, endedBy: __, instanceId: ___, ...node } = removed;
      return { ...node, goesOn: goesOn(entry, removed) };
    }),
    nodesPromised: [...entry.promised],
    nodesAdded: entry.replacements.map(({ uid: _, ...node }) => node),
    intervals: intervals.slice(first).map((one, index) => ({
      fromMs: one.fromMs,
      toMs: one.toMs,
      counterfactualMicroUsdPerHour: one.counterfactualMicroUsdPerHour,
      actualMicroUsdPerHour: one.actualMicroUsdPerHour,
      realizedMicroUsd: one.actualMicroUsdPerHour === null ? null : (byInterval[first + index] ?? 0),
    })),
    intervalsInAll: intervals.length,
  };
}
