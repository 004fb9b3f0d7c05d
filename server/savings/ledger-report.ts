import type { SavingsGroup, SavingsReport, SavingsReportRow } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../common/units/index.ts';
import { attribute, type EntryPart } from './attribute.ts';
import {
  type Booked,
  type BookedInterval,
  bookedIn,
  nothingBooked,
  plus,
  toMicroUsd,
} from './booked-interval.ts';
import { type LedgerEntry, predictedRate } from './ledger-entry.ts';

/** Which part of the ledger, and how it is put together. */
export interface ReportOrder {
  readonly fromMs: number;
  readonly toMs: number;
  readonly groupBy: SavingsGroup;
  readonly clusterId?: string | undefined;
  readonly engine?: string | undefined;
  readonly namespace?: string | undefined;
  readonly workload?: string | undefined;
}

/** More hours or days than this are no longer told apart. */
const MOST_STEPS = 1_500;

interface Group {
  readonly clusterId: string | null;
  readonly name: string;
  realized: bigint;
  predicted: bigint;
  readonly plans: Set<string>;
  knownMs: number;
  unknownMs: number;
  /** Entries and steps whose time is counted. */
  readonly timed: Set<string>;
}

/**
 * Predicted and realized savings over a time, group by group. "Predicted" is what was promised for the time that is booked: time
 * with an unknown price is in neither figure, and counted. Figures of the rows add up to those of the total.
 * @param intervals of these entries, that reach into the time
 * @throws AppError `input.invalid` for more than 1,500 hours or days
 */
export async function ledgerReport(
  entries: ReadonlyMap<string, LedgerEntry>,
  intervals: AsyncIterable<BookedInterval & { readonly entryId: string }>,
  order: ReportOrder,
  nameOfCluster: (id: string) => string,
): Promise<SavingsReport> {
  const { fromMs, toMs, groupBy } = order;
  const stepMs = groupBy === 'hour' ? MS_PER_HOUR : groupBy === 'day' ? MS_PER_DAY : undefined;
  if (stepMs !== undefined && (toMs - fromMs) / stepMs > MOST_STEPS) {
    throw new AppError(
      'input.invalid',
      `${Math.ceil((toMs - fromMs) / stepMs)} ${groupBy}s are more than ${MOST_STEPS}.`,
      {
        hint: groupBy === 'hour' ? 'Ask for days, or for a shorter time.' : 'Ask for a shorter time.',
      },
    );
  }
  const bookedBy = new Map<string, Map<number, Booked>>();
  for await (const interval of intervals) {
    const steps = bookedBy.get(interval.entryId) ?? new Map<number, Booked>();
    bookedBy.set(interval.entryId, steps);
    for (const piece of piecesOf(interval, fromMs, toMs, stepMs)) {
      const step = stepMs === undefined ? 0 : Math.floor(piece.fromMs / stepMs) * stepMs;
      steps.set(step, plus(steps.get(step) ?? nothingBooked, bookedIn(piece)));
    }
  }
  const groups = new Map<string, Group>();
  const whole = emptyGroup(null, 'All');
  for (const [entryId, steps] of bookedBy) {
    const entry = entries.get(entryId);
    if (!entry || (order.clusterId !== undefined && order.clusterId !== entry.clusterId)) continue;
    // Hundreds of plans over hundreds of hours: others run in between.
    await new Promise(resolve => setImmediate(resolve));
    for (const [step, booked] of steps) {
      for (const part of isWhole(order) ? [wholeOf(entry, booked)] : attribute(entry, booked)) {
        if (!isAsked(part, order)) continue;
        const { key, clusterId, name } = groupOf(entry, part, step, groupBy, nameOfCluster);
        const id = `${clusterId ?? ''}\n${key}`;
        const group = groups.get(id) ?? emptyGroup(clusterId, name);
        groups.set(id, group);
        for (const into of [group, whole]) addPart(into, entry, part, step, booked);
      }
    }
  }
  const sorted = [...groups]
    .map(([id, group]) => ({ key: id.slice(id.indexOf('\n') + 1), group }))
    .toSorted((a, b) =>
      stepMs === undefined
        ? compare(b.group.realized, a.group.realized) || (a.key < b.key ? -1 : 1)
        : Number(a.key) - Number(b.key),
    );
  const realized = roundInOrder(sorted.map(({ group }) => group.realized));
  const predicted = roundInOrder(sorted.map(({ group }) => group.predicted));
  return {
    fromMs,
    toMs,
    groupBy,
    rows: sorted.map(({ key, group }, index) =>
      rowOf(key, group, predicted[index] ?? 0, realized[index] ?? 0),
    ),
    total: rowOf('', whole, toMicroUsd(whole.predicted), toMicroUsd(whole.realized)),
  };
}

/** The parts of an interval within the time, cut where a step begins. */
export function* piecesOf(
  interval: BookedInterval,
  fromMs: number,
  toMs: number,
  stepMs?: number,
): Generator<BookedInterval> {
  const end = Math.min(interval.toMs, toMs);
  for (let at = Math.max(interval.fromMs, fromMs); at < end; ) {
    const next = stepMs === undefined ? end : Math.min(end, (Math.floor(at / stepMs) + 1) * stepMs);
    yield { ...interval, fromMs: at, toMs: next };
    at = next;
  }
}

/** Whether engines and workloads make no difference to what is asked. */
function isWhole({ groupBy, engine, namespace, workload }: ReportOrder): boolean {
  const isSplit = groupBy === 'engine' || groupBy === 'namespace' || groupBy === 'workload';
  return !isSplit && engine === undefined && namespace === undefined && workload === undefined;
}

function wholeOf(entry: LedgerEntry, { microUsdMs, knownMs }: Booked): EntryPart {
  const predictedMicroUsdMs = BigInt(predictedRate(entry)) * BigInt(knownMs);
  return { engine: '', workload: null, realizedMicroUsdMs: microUsdMs, predictedMicroUsdMs };
}

function isAsked(part: EntryPart, { engine, namespace, workload }: ReportOrder): boolean {
  return (
    (engine === undefined || part.engine === engine) &&
    (workload === undefined || part.workload === workload) &&
    (namespace === undefined || part.workload?.split('/')[1] === namespace)
  );
}

function groupOf(
  entry: LedgerEntry,
  { engine, workload }: EntryPart,
  step: number,
  groupBy: SavingsGroup,
  nameOfCluster: (id: string) => string,
): { key: string; clusterId: string | null; name: string } {
  const { clusterId } = entry;
  switch (groupBy) {
    case 'cluster':
      return { key: clusterId, clusterId, name: nameOfCluster(clusterId) };
    case 'engine':
      return { key: engine, clusterId: null, name: engine };
    case 'plan':
      return { key: entry.planId, clusterId, name: entry.title };
    case 'namespace': {
      const namespace = workload?.split('/')[1] ?? '';
      return { key: namespace, clusterId, name: namespace || 'no workload moved' };
    }
    case 'workload':
      return { key: workload ?? '', clusterId, name: workload ?? 'no workload moved' };
    default:
      return { key: String(step), clusterId: null, name: new Date(step).toISOString() };
  }
}

function emptyGroup(clusterId: string | null, name: string): Group {
  const plans = new Set<string>();
  return { clusterId, name, realized: 0n, predicted: 0n, plans, knownMs: 0, unknownMs: 0, timed: new Set() };
}

function addPart(group: Group, entry: LedgerEntry, part: EntryPart, step: number, booked: Booked): void {
  group.realized += part.realizedMicroUsdMs;
  group.predicted += part.predictedMicroUsdMs;
  group.plans.add(entry.id);
  const time = `${entry.id} ${step}`;
  if (group.timed.has(time)) return;
  group.timed.add(time);
  group.knownMs += booked.knownMs;
  group.unknownMs += booked.unknownMs;
}

function rowOf(
  key: string,
  group: Group,
  predictedMicroUsd: number,
  realizedMicroUsd: number,
): SavingsReportRow {
  const { clusterId, name, plans, knownMs, unknownMs } = group;
  return { key, clusterId, name, plans: plans.size, predictedMicroUsd, realizedMicroUsd, knownMs, unknownMs };
}

/** Micro-USD × ms as micro-USD, rounded so that the rounded figures add up to the rounded sum. */
export function roundInOrder(exact: readonly bigint[]): number[] {
  let sum = 0n;
  let given = 0;
  return exact.map(one => {
    sum += one;
    const until = toMicroUsd(sum);
    const part = until - given;
    given = until;
    return part;
  });
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
