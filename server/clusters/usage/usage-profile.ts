import { MS_PER_DAY, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { visitDays, type WrittenBlock } from './day-block.ts';
import type { SketchSum } from './sketch-sum.ts';
import { UsageSum } from './usage-day.ts';

/** How values were spread; those of a percentile are within 1 %, the largest and the mean exact. */
export interface Spread {
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
  /** The percentile that was asked for … */
  readonly target: number;
  /** … and the same of the last days alone; 0 when nothing was measured in them. */
  readonly recent: number;
}

/** What is known of one container of a workload over a window of days, in plain figures. */
export interface UsageProfile {
  readonly workload: string;
  readonly container: string;
  /** All samples, those of start-ups among them. */
  readonly samples: number;
  /** Days with samples, and how many of them are Saturdays or Sundays (UTC). */
  readonly days: number;
  readonly weekendDays: number;
  /** Hours of the day (UTC) in which there are samples: 0…24. */
  readonly hours: number;
  /** ms UTC, to the minute. */
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  /** `null` while nothing but start-ups was seen. */
  readonly cpuMilli: Spread | null;
  readonly memoryBytes: Spread | null;
  /** Largest in the first minutes of containers; `null` when none started in the window. */
  readonly startUp: { readonly cpuMilli: number; readonly memoryBytes: number } | null;
  /** Pods that were measured at once. */
  readonly pods: { readonly min: number; readonly max: number };
}

/** Which percentiles are asked for: 0…1. */
export interface ProfileOptions {
  readonly cpuPercentile: number;
  readonly memoryPercentile: number;
  /** How many of the last days count as recent. */
  readonly recentDays: number;
  /** The window. */
  readonly firstDay: number;
  readonly lastDay: number;
}

const KIB = 1024;

/** Used for one series after the other: making them costs more than adding up a series. */
const recent = new UsageSum();
const older = new UsageSum();

/** Merges the days of a series that lie in the window; their order does not matter. `undefined` without days. */
export function profileOf(
  { workload, container }: { readonly workload: string; readonly container: string },
  blocks: readonly WrittenBlock[],
  options: ProfileOptions,
): UsageProfile | undefined {
  const { firstDay, lastDay, recentDays } = options;
  recent.clear();
  older.clear();
  let firstSeenAt = Number.POSITIVE_INFINITY;
  let lastSeenAt = 0;
  let days = 0;
  let weekendDays = 0;
  for (const block of blocks) {
    visitDays(block, firstDay, lastDay, (day, reader) => {
      const into = day > lastDay - recentDays ? recent : older;
      // The minutes of a day are of this day alone.
      into.firstMinute = 1440;
      into.lastMinute = 0;
      into.mergeWritten(reader);
      firstSeenAt = Math.min(firstSeenAt, day * MS_PER_DAY + into.firstMinute * MS_PER_MINUTE);
      lastSeenAt = Math.max(lastSeenAt, day * MS_PER_DAY + into.lastMinute * MS_PER_MINUTE);
      days++;
      if (isWeekend(day)) weekendDays++;
    });
  }
  if (days === 0) return undefined;
  const recentCpu = recent.cpu.quantile(options.cpuPercentile);
  const recentMemory = recent.memoryKib.quantile(options.memoryPercentile);
  older.merge(recent);
  const all = older;
  return {
    workload,
    container,
    samples: all.samples,
    days,
    weekendDays,
    hours: bitsOf(all.hours),
    firstSeenAt,
    lastSeenAt,
    cpuMilli: spreadOf(all.cpu, options.cpuPercentile, recentCpu, 1),
    memoryBytes: spreadOf(all.memoryKib, options.memoryPercentile, recentMemory, KIB),
    startUp:
      all.startUp.samples === 0
        ? null
        : { cpuMilli: all.startUp.cpuMilli, memoryBytes: all.startUp.memoryKib * KIB },
    pods: { min: all.pods.min, max: all.pods.max },
  };
}

function spreadOf(values: SketchSum, percentile: number, lately: number, unit: number): Spread | null {
  if (values.count === 0) return null;
  return {
    p99: values.quantile(0.99) * unit,
    max: values.max * unit,
    mean: (values.sum / values.count) * unit,
    target: values.quantile(percentile) * unit,
    recent: Number.isNaN(lately) ? 0 : lately * unit,
  };
}

/** 1970-01-01 was a Thursday. */
function isWeekend(day: number): boolean {
  const weekday = (day + 4) % 7;
  return weekday === 0 || weekday === 6;
}

function bitsOf(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}
