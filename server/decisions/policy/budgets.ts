import type { DisruptionBudget } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { fitsAny, type NodePlace } from './match-nodes.ts';
import type { Disruption } from './plan-disruption.ts';

/** Why a plan has to wait. */
export interface Hold {
  readonly code: 'kill-switch' | 'frozen' | 'window' | 'budget' | 'moved-recently' | 'no-return';
  readonly text: string;
  /** ms; `null` when no moment can be told. */
  readonly untilMs: number | null;
}

/** What shares are taken of. */
export interface ClusterSize {
  readonly nodes: readonly Pick<NodePlace, 'zone' | 'nodePool' | 'instanceType'>[];
  /** Pods of each workload, by its key. */
  readonly podsOf: ReadonlyMap<string, number>;
}

/** Every budget that a plan would break, given what was and is disrupted; `history` does not hold the plan itself. */
export function budgetHolds(
  budgets: readonly DisruptionBudget[],
  plan: Disruption,
  history: readonly Disruption[],
  size: ClusterSize,
  nowMs: number,
): Hold[] {
  return budgets.flatMap(budget =>
    [...countBy(budget, plan)].flatMap(([key, wanted]) => {
      const limit = limitOf(budget, totalOf(budget, key, size));
      if (limit === undefined) return [];
      const used = history
        .filter(one => counts(budget, one, nowMs))
        .map(one => ({ one, count: countBy(budget, one).get(key) ?? 0 }))
        .filter(({ count }) => count > 0);
      const sum = used.reduce((total, { count }) => total + count, 0);
      if (sum + wanted <= limit) return [];
      const what = budget.per === 'workload' ? 'pods' : 'nodes';
      const place = budget.per === 'cluster' ? 'the cluster' : `${budget.per} ${key}`;
      const span = budget.withinMs === 0 ? 'at once' : `within ${formatDuration(budget.withinMs)}`;
      const text =
        wanted > limit
          ? `Budget "${budget.name}" allows ${limit} ${what} of ${place} ${span}, and this plan takes ${wanted}: it cannot start until the budget is raised.`
          : `Budget "${budget.name}" allows ${limit} ${what} of ${place} ${span}; ${sum} ${sum === 1 ? 'is' : 'are'} used, and this plan takes ${wanted}.`;
      const untilMs = wanted > limit ? null : freeAt(budget, used, sum + wanted - limit);
      return [{ code: 'budget' as const, text, untilMs }];
    }),
  );
}

/** Nodes, or pods, of a plan by what the budget counts for each. */
function countBy({ per, only }: DisruptionBudget, { nodes, pods }: Disruption): Map<string, number> {
  const keys =
    per === 'workload'
      ? pods.flatMap(({ owner, from }) => (owner === null || from === null ? [] : [owner]))
      : nodes.map(node => (per === 'cluster' ? '' : per === 'zone' ? node.zone : poolName(node)));
  const counted = new Map<string, number>();
  for (const key of keys) {
    if (per !== 'cluster' && !fitsAny(only, key)) continue;
    counted.set(key, (counted.get(key) ?? 0) + 1);
  }
  return counted;
}

function poolName({ nodePool, instanceType }: Pick<NodePlace, 'nodePool' | 'instanceType'>): string {
  return nodePool ?? instanceType;
}

function totalOf({ per }: DisruptionBudget, key: string, { nodes, podsOf }: ClusterSize): number {
  if (per === 'workload') return podsOf.get(key) ?? 0;
  if (per === 'cluster') return nodes.length;
  return nodes.filter(node => (per === 'zone' ? node.zone : poolName(node)) === key).length;
}

/** The stricter of number and share; one always may unless the share is 0. */
function limitOf({ count, share }: DisruptionBudget, total: number): number | undefined {
  const byShare = share === undefined ? undefined : share === 0 ? 0 : Math.max(1, Math.floor(share * total));
  if (count === undefined) return byShare;
  return byShare === undefined ? count : Math.min(count, byShare);
}

function counts({ withinMs }: DisruptionBudget, one: Disruption, nowMs: number): boolean {
  return one.isUnderWay || (one.startedAt !== null && one.startedAt > nowMs - withinMs);
}

/** When enough has left the span; `null` while that hangs on plans under way. */
function freeAt(
  { withinMs }: DisruptionBudget,
  used: readonly { one: Disruption; count: number }[],
  tooMany: number,
): number | null {
  let left = tooMany;
  const passing = used.filter(({ one }) => !one.isUnderWay || withinMs > 0);
  for (const { one, count } of passing.toSorted((a, b) => (a.one.startedAt ?? 0) - (b.one.startedAt ?? 0))) {
    if (one.startedAt === null) return null;
    left -= count;
    if (left <= 0) return one.startedAt + withinMs;
  }
  return null;
}
