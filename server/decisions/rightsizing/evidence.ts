import type { Reason, UsageEvidence } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../../common/units/index.ts';
import type { UsageProfile } from '../../clusters/index.ts';
import type { SizingPolicy } from './sizing-policy.ts';

/** The evidence in a profile, for showing. */
export function evidenceOf(usage: UsageProfile): UsageEvidence {
  const { days, weekendDays, hours, samples, firstSeenAt, lastSeenAt } = usage;
  return { days, weekendDays, hours, samples, firstSeenAt, lastSeenAt };
}

/** Why the evidence is not enough for any recommendation; `undefined` when it is. */
export function wantOfEvidence(
  usage: UsageProfile | undefined,
  asOf: number,
  policy: SizingPolicy,
): Reason | undefined {
  if (!usage) return { code: 'no-usage', text: 'Nothing was measured so far.' };
  const silentMs = asOf - usage.lastSeenAt;
  if (silentMs > policy.staleMs) {
    return { code: 'stale-usage', text: `Nothing was measured for ${formatDuration(silentMs)}.` };
  }
  const seenMs = usage.lastSeenAt - usage.firstSeenAt;
  if (usage.samples < policy.leastSamples || seenMs < policy.leastMs) {
    return {
      code: 'gathering',
      text: `Evidence is being gathered: ${usage.samples} of ${policy.leastSamples} samples over ${formatDuration(seenMs)} of ${formatDuration(policy.leastMs)}.`,
    };
  }
  return undefined;
}

/** How far the evidence may be relied upon. */
export function confidenceOf(
  usage: UsageProfile,
  policy: SizingPolicy,
): {
  readonly level: 'low' | 'medium' | 'high';
  readonly isEnoughToAct: boolean;
  readonly missing: readonly string[];
} {
  const missing: string[] = [];
  // The last day is never whole.
  const seenDays = (usage.lastSeenAt - usage.firstSeenAt) / MS_PER_DAY;
  const isWeek = seenDays >= policy.automaticDays && usage.days >= policy.automaticDays;
  if (!isWeek) missing.push(`less than ${policy.automaticDays} days`);
  if (usage.weekendDays === 0) missing.push('no weekend');
  if (usage.weekendDays === usage.days) missing.push('no weekday');
  if (usage.hours < 24) missing.push(`${usage.hours} of 24 hours of the day`);
  const isComplete = missing.length === 0;
  const level = !isWeek
    ? 'low'
    : isComplete && usage.days >= 2 * policy.automaticDays - 1
      ? 'high'
      : 'medium';
  return { level, isEnoughToAct: isComplete, missing };
}
