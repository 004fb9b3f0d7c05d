import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import type { PolicyDocument } from '../../../common/contracts/index.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { fitsAny } from '../policy/match-nodes.ts';
import { isAlwaysOpen, nextOpenings, type Windows } from '../policy/windows.ts';
import { zoneOffsetMs } from '../policy/zone-time.ts';

export type PoolBudget = InventoryNodePool['budgets'][number];

/** Budgets of a NodePool that say what a policy says, and what they cannot say; sentences. */
export interface BudgetsOfPolicy {
  readonly budgets: readonly PoolBudget[];
  readonly notes: readonly string[];
}

const WEEK_MS = 7 * MS_PER_DAY;
/** 1970-01-05 was a Monday. */
const A_MONDAY_MS = 4 * MS_PER_DAY;
/** More openings than this in a week no policy has. */
const MOST_OPENINGS = 500;
const MONTH_MS = 28 * MS_PER_DAY;

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The times in which a policy lets nothing start, as budgets that allow no node. Karpenter's budgets only ever restrict, begin by cron in UTC
 * and last for whole minutes, so what is open is said by what is closed, and shifts where a zone sets its clocks. Windows with dates
 * have no such form: a closed one is left out and told; where nothing but those is open, all is closed.
 */
export function closedHours(windows: Windows, nowMs: number): BudgetsOfPolicy {
  if (isAlwaysOpen(windows)) return { budgets: [], notes: [] };
  const weekly = {
    allow: windows.allow.filter(({ dates }) => dates === undefined),
    deny: windows.deny.filter(({ dates }) => dates === undefined),
  };
  const dated = [...windows.allow, ...windows.deny].filter(({ dates }) => dates !== undefined);
  const notes = dated.map(
    ({ name }) =>
      `Window "${name}" has dates, which a budget cannot say (its schedule comes back every year): it is left out here.`,
  );
  if (windows.allow.length > 0 && weekly.allow.length === 0)
    return {
      budgets: [{ nodes: '0' }],
      notes: [...notes, 'Nothing but those is open, so no node may go at any time.'],
    };
  if (isAlwaysOpen(weekly)) return { budgets: [], notes };
  const zones = [...new Set([...weekly.allow, ...weekly.deny].map(({ zone }) => zone))];
  const weekMs = steadyWeek(zones, nowMs);
  return {
    budgets: budgetsOf(closedSpans(weekly, weekMs)),
    notes: [...notes, ...zones.flatMap(zone => clockNote(zone, weekMs) ?? [])],
  };
}

/** How many nodes of a pool a policy lets go at once. */
export function nodesAtOnce(budgets: PolicyDocument['budgets'], pool: string): BudgetsOfPolicy {
  const found: PoolBudget[] = [];
  const notes: string[] = [];
  for (const { name, per, only, share, count, withinMs } of budgets) {
    if (per !== 'cluster' && per !== 'pool') {
      notes.push(`Budget "${name}" counts for each ${per}, which a NodePool cannot say.`);
      continue;
    }
    if (per === 'pool' && !fitsAny(only, pool)) continue;
    if (share !== undefined) found.push({ nodes: `${Math.floor(share * 100)}%` });
    if (count !== undefined) found.push({ nodes: String(count) });
    if (withinMs > 0)
      notes.push(`Budget "${name}" counts what went before, too; Karpenter counts only what is on its way.`);
    if (per === 'cluster')
      notes.push(`Budget "${name}" is for the whole cluster; here it holds for this NodePool alone.`);
  }
  return { budgets: found, notes };
}

/** The first of the next weeks, from a Monday in UTC, in which no zone sets its clocks; ms. */
function steadyWeek(zones: readonly string[], nowMs: number): number {
  const monday = A_MONDAY_MS + Math.floor((nowMs - A_MONDAY_MS) / WEEK_MS) * WEEK_MS;
  const weeks = Array.from({ length: 5 }, (_, index) => monday + index * WEEK_MS);
  // The clocks that count are those at both ends and a day beyond: windows reach over midnight.
  const isSteady = (fromMs: number) =>
    zones.every(
      zone => zoneOffsetMs(zone, fromMs - MS_PER_DAY) === zoneOffsetMs(zone, fromMs + WEEK_MS + MS_PER_DAY),
    );
  return weeks.find(isSteady) ?? monday;
}

function closedSpans(windows: Windows, weekMs: number): Span[] {
  const endMs = weekMs + WEEK_MS;
  const closed: Span[] = [];
  let fromMs = weekMs;
  for (const { opensAt, closesAt } of nextOpenings(windows, weekMs, MOST_OPENINGS)) {
    if (opensAt >= endMs) break;
    if (opensAt > fromMs) closed.push({ fromMs, toMs: opensAt });
    fromMs = closesAt ?? endMs;
    if (fromMs >= endMs) break;
  }
  if (fromMs < endMs) closed.push({ fromMs, toMs: endMs });
  const [first] = closed;
  const last = closed.at(-1);
  // What is closed over the turn of the week is one span.
  if (first && last && first !== last && first.fromMs === weekMs && last.toMs === endMs)
    return [...closed.slice(1, -1), { fromMs: last.fromMs, toMs: last.toMs + first.toMs - first.fromMs }];
  return closed;
}

function budgetsOf(spans: readonly Span[]): PoolBudget[] {
  const [only] = spans;
  if (only && only.toMs - only.fromMs >= WEEK_MS) return [{ nodes: '0' }];
  const alike = Map.groupBy(spans, ({ fromMs, toMs }) => `${fromMs % MS_PER_DAY} ${toMs - fromMs}`);
  return [...alike.values()].map(group => {
    const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = group;
    const at = new Date(fromMs);
    const days = group.map(span => new Date(span.fromMs).getUTCDay());
    return {
      nodes: '0',
      schedule: `${at.getUTCMinutes()} ${at.getUTCHours()} * * ${daysInCron(days)}`,
      duration: durationOf(toMs - fromMs),
    };
  });
}

/** `*`, `1-5`, `0,6`. */
function daysInCron(days: readonly number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  const [first = 0] = sorted;
  const last = sorted.at(-1) ?? 0;
  if (sorted.length === 7) return '*';
  return sorted.length > 2 && last - first === sorted.length - 1 ? `${first}-${last}` : sorted.join(',');
}

/** Hours and minutes only: `^((([0-9]+(h|m))|([0-9]+h[0-9]+m))(0s)?)$` (karpenter.sh/v1 NodePool). */
function durationOf(ms: number): string {
  const hours = Math.floor(ms / MS_PER_HOUR);
  const minutes = Math.ceil((ms % MS_PER_HOUR) / MS_PER_MINUTE);
  if (hours === 0) return `${minutes}m`;
  return minutes === 0 ? `${hours}h` : `${hours}h${minutes}m`;
}

/** When a zone next sets its clocks, and what that does to schedules in UTC. */
function clockNote(zone: string, fromMs: number): string | undefined {
  const offset = zoneOffsetMs(zone, fromMs);
  for (let atMs = fromMs; atMs < fromMs + 13 * MONTH_MS; atMs += MS_PER_DAY) {
    const shift = zoneOffsetMs(zone, atMs + MS_PER_DAY) - offset;
    if (shift === 0) continue;
    const day = new Date(atMs + offset).toISOString().slice(0, 10);
    const minutes = Math.abs(shift) / MS_PER_MINUTE;
    return `${zone} sets its clocks on ${day}; Karpenter's schedules are in UTC and do not follow: from then on they begin ${minutes} minutes ${shift > 0 ? 'later' : 'earlier'} by the clock on the wall. Make them anew then.`;
  }
  return undefined;
}
