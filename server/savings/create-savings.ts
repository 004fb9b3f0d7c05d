import type {
  AllocationQuery,
  AllocationReport,
  CostPoint,
  Plan,
  SavingsEntry,
  SavingsEntryDetail,
  SavingsReport,
  SavingsSummary,
} from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import type { CostSum } from '../clusters/index.ts';
import type { Decisions, ObservedCluster } from '../decisions/index.ts';
import { type Clock, type Database, type LiveHub, type Logger, newId } from '../platform/index.ts';
import { accrue } from './accrue.ts';
import { allocationReport } from './allocation/allocation-report.ts';
import { AllocationStore } from './allocation/allocation-store.ts';
import { keptShares } from './allocation/kept-shares.ts';
import type { CapacityOf } from './allocation/observe-nodes.ts';
import { type AllocatedClusters, AllocationRecorder } from './allocation/record-allocation.ts';
import { unseenMs } from './allocation/unseen-time.ts';
import { type Booked, bookedIn, nothingBooked, plus, since, toMicroUsd } from './booked-interval.ts';
import { costHistory } from './cost-history.ts';
import type { ExportLine } from './export-lines.ts';
import { type ExportOrder, exportLines } from './export-savings.ts';
import {
  freeze,
  frozenPrice,
  goesOn,
  type LedgerEntry,
  openEntry,
  showEntry,
  withLingering,
  withPlanEnd,
} from './ledger-entry.ts';
import { ledgerReport, type ReportOrder } from './ledger-report.ts';
import { SavingsStore } from './savings-store.ts';
import { showDetail } from './show-detail.ts';

/** What savings are booked from. */
export interface SavingParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clusters: AllocatedClusters & {
    state(clusterId: string): ObservedCluster | undefined;
    costHistory(fromMs: number, toMs: number): Promise<readonly CostSum[]>;
  };
  readonly decisions: Pick<Decisions, 'onPlanChanged' | 'get' | 'plans' | 'goneInstances'>;
  readonly capacityOf: CapacityOf;
  readonly newId?: (kind: string) => string;
}

/** A time as it is asked for: until now and 30 days long unless told. */
export type Asked<Order> = Omit<Order, 'fromMs' | 'toMs'> & {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
};

/**
 * The room of savings: a ledger of what carried-out plans really saved, and who held what clusters cost. Whatever takes a time
 * throws AppError `input.invalid` when its end does not lie after its begin.
 */
export interface Savings {
  summary(): SavingsSummary;
  /** Newest first. */
  entries(): SavingsEntry[];
  /** Entries by their last changes, for who follows them; also the number of the last change of all, 0 without one. */
  readonly changes: {
    lastChange(): Promise<number>;
    changedEntries(after: number, limit: number): Promise<{ change: number; entry: SavingsEntry }[]>;
  };
  /** @throws AppError `resource.not-found` */
  entry(id: string): Promise<SavingsEntryDetail>;
  report(order: Asked<ReportOrder>): Promise<SavingsReport>;
  allocation(order: AllocationQuery): Promise<AllocationReport>;
  /** Computes a day of a cluster anew. @throws AppError `resource.not-found` when nothing is kept of it */
  recompute(clusterId: string, dayMs: number): Promise<{ hours: number }>;
  exportLines(order: Asked<ExportOrder>): Promise<AsyncIterable<ExportLine>>;
  costHistory(fromMs: number, toMs: number): Promise<CostPoint[]>;
  /** Books the time until now and looks at what clusters cost; `start` does it every 5 s. */
  tick(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const TICK_MS = 5_000;
/** AWS is asked this often whether instances that nobody was to end are gone. */
const LOOK_EVERY_MS = 5 * MS_PER_MINUTE;
const DEFAULT_SPAN_MS = 30 * MS_PER_DAY;

/** Wires the room and reads the ledger. Nothing is booked by itself before `start()`. */
export async function createSavings(parts: SavingParts): Promise<Savings> {
  const { clock, live, clusters, decisions } = parts;
  const makeId = parts.newId ?? newId;
  const log = parts.log.child({ room: 'savings' });
  const store = new SavingsStore(parts.database);
  const allocations = new AllocationStore(parts.database);
  const recorder = new AllocationRecorder({
    store: allocations,
    clusters,
    capacityOf: parts.capacityOf,
    clock,
  });
  const entries = new Map<string, LedgerEntry>();
  const booked = new Map<string, Booked>();
  let month = { startMs: monthStart(clock.now()), booked: nothingBooked };
  let lookedAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();

  const readLedger = async (): Promise<void> => {
    for (const entry of (await store.entries()).toReversed()) entries.set(entry.id, entry);
    for await (const interval of store.intervals(0, Number.MAX_SAFE_INTEGER)) {
      booked.set(interval.entryId, plus(booked.get(interval.entryId) ?? nothingBooked, bookedIn(interval)));
    }
    await readMonth(monthStart(clock.now()));
  };
  const readMonth = async (startMs: number): Promise<void> => {
    let sum = nothingBooked;
    for await (const interval of store.intervals(startMs, Number.MAX_SAFE_INTEGER)) {
      const part = since(interval, startMs);
      if (part) sum = plus(sum, bookedIn(part));
    }
    month = { startMs, booked: sum };
  };
  const shown = (entry: LedgerEntry): SavingsEntry => showEntry(entry, booked.get(entry.id) ?? nothingBooked);

  const summary = (): SavingsSummary => {
    const all = [...entries.values()];
    const total = all.reduce((sum, { id }) => plus(sum, booked.get(id) ?? nothingBooked), nothingBooked);
    const rate = all
      .filter(entry => entry.endedAt === null && entry.actualMicroUsdPerHour !== null)
      .reduce((sum, one) => sum + frozenPrice(one.counterfactual) - (one.actualMicroUsdPerHour ?? 0), 0);
    return {
      asOf: clock.now(),
      realizedMicroUsd: toMicroUsd(total.microUsdMs),
      predictedMicroUsd: all.reduce((sum, entry) => sum + shown(entry).predictedMicroUsd, 0),
      realizedThisMonthMicroUsd: toMicroUsd(month.booked.microUsdMs),
      realizedMicroUsdPerHour: rate,
      plans: all.length,
      unknownMs: total.unknownMs,
      unknownPlans: all.filter(one => one.endedAt === null && one.actualMicroUsdPerHour === null).length,
    };
  };
  const list = (): SavingsEntry[] => [...entries.values()].toReversed().map(shown);
  const publish = (changed: Iterable<LedgerEntry>): void => {
    for (const entry of changed) live.publish('savings', `entry/${entry.id}`, shown(entry));
    live.publish('savings', 'summary', summary());
  };

  /** Ticks and changes of plans take turns: both read an entry and write it back. */
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch((error: unknown) =>
      log.error({ err: error }, 'savings were not booked; it is tried again'),
    );
    return done;
  };

  const book = async (nowMs: number): Promise<void> => {
    const accruals = accrue([...entries.values()], id => clusters.state(id), nowMs);
    await store.save(accruals);
    for (const { entry, interval } of accruals) {
      entries.set(entry.id, entry);
      if (!interval) continue;
      booked.set(entry.id, plus(booked.get(entry.id) ?? nothingBooked, bookedIn(interval)));
      const ofMonth = since(interval, month.startMs);
      if (ofMonth) month = { ...month, booked: plus(month.booked, bookedIn(ofMonth)) };
    }
    if (month.startMs !== monthStart(nowMs)) await readMonth(monthStart(nowMs));
    if (accruals.length > 0) publish(accruals.map(({ entry }) => entry));
  };

  const takePlan = async (plan: Plan, nowMs: number): Promise<void> => {
    // Smaller requests take no node away: what they save is booked with the plan that does.
    if (plan.resize) return;
    const known = [...entries.values()].find(entry => entry.planId === plan.id);
    if (!known) {
      if (plan.state === 'proposed')
        return store.keepCounterfactual(plan.id, freeze(plan, clusters.state(plan.clusterId), nowMs));
      if (plan.state === 'approved') return;
      if (plan.state !== 'running' && plan.state !== 'stopping') return store.dropCounterfactual(plan.id);
      const frozen = await store.counterfactual(plan.id);
      const entry = openEntry(
        makeId('saving'),
        plan,
        frozen ?? freeze(plan, clusters.state(plan.clusterId), nowMs),
        nowMs,
      );
      if (!(await store.open(entry))) return;
      await store.dropCounterfactual(plan.id);
      entries.set(entry.id, entry);
      publish([entry]);
      return;
    }
    const taken = (one: LedgerEntry) => withPlanEnd(withLingering(one, plan), plan, nowMs);
    const next = taken(known);
    if (next === known) return;
    // The time until the end of the plan is booked by the rules of a running one.
    await book(nowMs);
    const ended = taken(entries.get(known.id) ?? known);
    await store.save([{ entry: ended, interval: undefined }]);
    entries.set(ended.id, ended);
    publish([ended]);
  };

  /** Notes which instances that nobody was to end are gone; until then they cost. */
  const findGone = async (): Promise<void> => {
    for (const entry of entries.values()) {
      if (entry.endedAt !== null) continue;
      const open = entry.counterfactual.removed.filter(node => goesOn(entry, node));
      const ids = open.flatMap(({ instanceId }) => instanceId ?? []);
      const gone = ids.length === 0 ? [] : await decisions.goneInstances(entry.clusterId, ids);
      if (gone.length === 0) continue;
      await inTurn(async () => {
        const now = entries.get(entry.id) ?? entry;
        const noted = { ...now, goneInstances: [...(now.goneInstances ?? []), ...gone] };
        await store.save([{ entry: noted, interval: undefined }]);
        entries.set(noted.id, noted);
        publish([noted]);
      });
    }
  };

  await readLedger();
  live.define('savings', () => [
    { key: 'summary', value: summary() },
    ...list().map(entry => ({ key: `entry/${entry.id}`, value: entry })),
  ]);
  decisions.onPlanChanged(plan => {
    // The moment of the change counts, not when its turn comes. A failure is logged, and `start` looks again.
    const nowMs = clock.now();
    inTurn(() => takePlan(plan, nowMs)).catch(() => undefined);
  });
  const tick = async (): Promise<void> => {
    await inTurn(() => book(clock.now()));
    const nowMs = clock.now();
    if (nowMs - lookedAtMs >= LOOK_EVERY_MS) {
      lookedAtMs = nowMs;
      await findGone();
    }
    try {
      await recorder.tick();
    } catch (error) {
      log.error({ err: error }, 'what clusters cost was not recorded; it is tried again');
    }
  };
  const nameOfCluster = (id: string): string =>
    clusters.summaries().find(cluster => cluster.id === id)?.name ?? id;
  /** The time that is asked for. */
  const timed = <Order extends object>(order: Asked<Order>): Order & { fromMs: number; toMs: number } => {
    const toMs = order.toMs ?? clock.now();
    const fromMs = order.fromMs ?? toMs - DEFAULT_SPAN_MS;
    if (toMs <= fromMs)
      throw new AppError('input.invalid', `toMs (${toMs}) must lie after fromMs (${fromMs}).`);
    return { ...order, fromMs, toMs } as Order & { fromMs: number; toMs: number };
  };

  return {
    summary,
    entries: list,
    changes: {
      lastChange: () => store.lastChange(),
      changedEntries: async (after, limit) => {
        let found: { change: number; entry: SavingsEntry }[] = [];
        // In turn: between a commit and its figures in memory an entry would be told as it was before.
        await inTurn(async () => {
          found = (await store.changedEntries(after, limit)).flatMap(({ change, id }) => {
            const entry = entries.get(id);
            return entry ? [{ change, entry: shown(entry) }] : [];
          });
        });
        return found;
      },
    },
    entry: async id => {
      const entry = entries.get(id);
      if (!entry)
        throw new AppError('resource.not-found', `There is no entry "${id}" in the ledger of savings.`);
      return showDetail(entry, await store.allIntervals(0, Number.MAX_SAFE_INTEGER, id));
    },
    report: async asked => {
      const order = timed<ReportOrder>(asked);
      return ledgerReport(entries, store.intervals(order.fromMs, order.toMs), order, nameOfCluster);
    },
    allocation: async asked => {
      const order = timed<AllocationQuery>(asked);
      if (order.groupBy === 'label' && order.label === undefined)
        throw new AppError('input.invalid', 'Grouping by label needs the name of one.', {
          hint: 'Add label=team, for example.',
        });
      await recorder.settle();
      const now = clock.now();
      const { shares, ...range } = keptShares(
        allocations,
        order,
        order.groupBy === 'hour' ? 'hour' : 'day',
        now,
      );
      const seen = new Map<string, number>();
      const counted = (async function* () {
        for await (const one of shares) {
          seen.set(one.clusterId, (seen.get(one.clusterId) ?? 0) + one.shares.observedMs);
          yield one;
        }
      })();
      const report = await allocationReport(counted, { ...order, ...range }, nameOfCluster);
      const firsts = await allocations.firsts();
      return { ...report, unseenHours: unseenMs(firsts, seen, { ...order, ...range }, now) / MS_PER_HOUR };
    },
    recompute: async (clusterId, dayMs) => {
      if (dayMs % MS_PER_DAY !== 0)
        throw new AppError('input.invalid', `dayMs (${dayMs}) is not the begin of a day (UTC).`);
      const done = await recorder.recompute(clusterId, dayMs);
      if (done) return done;
      throw new AppError(
        'resource.not-found',
        `Nothing measured is kept of ${new Date(dayMs).toISOString().slice(0, 10)} in cluster "${clusterId}".`,
        {
          hint: 'Measured hours are kept for 35 days; sums of days stay for 400 and cannot be computed anew.',
        },
      );
    },
    exportLines: async asked => {
      const order = timed<ExportOrder>(asked);
      await recorder.settle();
      return exportLines({ order, entries, store, allocations, nameOfCluster, nowMs: clock.now() });
    },
    costHistory: async (fromMs, toMs) =>
      costHistory(
        await clusters.costHistory(fromMs, toMs),
        await store.allIntervals(fromMs, toMs),
        fromMs,
        toMs,
      ),
    tick,
    start: async () => {
      for (const { id } of (await decisions.plans({ limit: 1000 })).toReversed()) {
        const plan = await decisions.get(id);
        await inTurn(() => takePlan(plan, clock.now()));
      }
      timer = setInterval(() => void tick().catch(() => undefined), TICK_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await turn;
      await recorder.settle();
    },
  };
}

function monthStart(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}
