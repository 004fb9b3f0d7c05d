import { formatDuration } from '../../../common/units/index.ts';
import type { DecisionPolicy } from '../policy.ts';

/** What a cluster's circuit breaker knows. */
export interface Breaker {
  readonly failuresInARow: number;
  /** ms, oldest first; those that still count. */
  readonly failedAt: readonly number[];
  /** ms; `null` while plans may start. Only a new run takes it back. */
  readonly pausedAt: number | null;
}

export const closedBreaker: Breaker = { failuresInARow: 0, failedAt: [], pausedAt: null };

type Limits = Pick<DecisionPolicy, 'failuresUntilPause' | 'failureSpanMs'>;

/**
 * The breaker after a plan ended. It pauses the cluster when enough plans failed in a row, however slowly (a drain that times out takes a
 * quarter of an hour), and when as many failed within the span, whatever succeeded between them.
 */
export function afterPlan(breaker: Breaker, hasFailed: boolean, nowMs: number, limits: Limits): Breaker {
  const recent = breaker.failedAt.filter(at => at > nowMs - limits.failureSpanMs);
  if (!hasFailed) return { ...breaker, failuresInARow: 0, failedAt: recent };
  const failuresInARow = breaker.failuresInARow + 1;
  const failedAt = [...recent, nowMs];
  const most = Math.max(failuresInARow, failedAt.length);
  return {
    failuresInARow,
    failedAt,
    pausedAt: breaker.pausedAt ?? (most >= limits.failuresUntilPause ? nowMs : null),
  };
}

/** What is said while a cluster is paused. */
export function pausedSentence({ failuresInARow, failedAt }: Breaker, { failureSpanMs }: Limits): string {
  const what =
    failuresInARow >= failedAt.length
      ? `${failuresInARow} plans in a row failed`
      : `${failedAt.length} plans failed within ${formatDuration(failureSpanMs)}`;
  return `${what} on this cluster: approved plans wait until an operator triggers a new run.`;
}

/** How a plan ended, with the pause that came of it. */
export function withPause(outcome: string, breaker: Breaker, limits: Limits): string {
  return breaker.pausedAt === null ? outcome : `${outcome} ${pausedSentence(breaker, limits)}`;
}
