import type { CostPoint, Plan, SavingsEntry, SavingsSummary } from '../../common/contracts/index.ts';
import type { Decisions, ObservedCluster } from '../decisions/index.ts';
import { type Clock, type Database, type LiveHub, type Logger, newId } from '../platform/index.ts';
import { accrue } from './accrue.ts';
import { type Booked, bookedIn, nothingBooked, plus, since, toMicroUsd } from './booked-interval.ts';
import { type CostSample, costHistory } from './cost-history.ts';
import { type LedgerEntry, openEntry, showEntry, withPlanEnd } from './ledger-entry.ts';
import { SavingsStore } from './savings-store.ts';

/** What savings are booked from. */
export interface SavingParts {
  readonly database: Database;
  readonly live: LiveHub;
  readonly clock: Clock;
  readonly log: Logger;
  readonly clusters: {
    state(clusterId: string): ObservedCluster | undefined;
    costHistory(fromMs: number, toMs: number): Promise<readonly CostSample[]>;
  };
  readonly decisions: Pick<Decisions, 'onPlanChanged' | 'plans'>;
  readonly newId?: (kind: string) => string;
}

/** The room of savings: a ledger of what carried-out plans really saved. */
export interface Savings {
  summary(): SavingsSummary;
  /** Newest first. */
  entries(): SavingsEntry[];
  costHistory(fromMs: number, toMs: number): Promise<CostPoint[]>;
  /** Books the time until now; `start` does it every 5 s. */
  tick(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const TICK_MS = 5_000;

/** Wires the room and reads the ledger. Nothing is booked by itself before `start()`. */
export async function createSavings(parts: SavingParts): Promise<Savings> {
  const { clock, live, clusters, decisions } = parts;
  const makeId = parts.newId ?? newId;
  const log = parts.log.child({ room: 'savings' });
  const store = new SavingsStore(parts.database);
  const entries = new Map<string, LedgerEntry>();
  const booked = new Map<string, Booked>();
  let month = { startMs: monthStart(clock.now()), booked: nothingBooked };
  let timer: NodeJS.Timeout | undefined;
  let turn: Promise<void> = Promise.resolve();

  const readLedger = async (): Promise<void> => {
    for (const entry of (await store.entries()).toReversed()) entries.set(entry.id, entry);
    for (const interval of await store.intervals(0, Number.MAX_SAFE_INTEGER)) {
      booked.set(interval.entryId, plus(booked.get(interval.entryId) ?? nothingBooked, bookedIn(interval)));
    }
    await readMonth(monthStart(clock.now()));
  };
  const readMonth = async (startMs: number): Promise<void> => {
    let sum = nothingBooked;
    for (const interval of await store.intervals(startMs, Number.MAX_SAFE_INTEGER)) {
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
      .reduce((sum, one) => sum + one.counterfactualMicroUsdPerHour - (one.actualMicroUsdPerHour ?? 0), 0);
    return {
      asOf: clock.now(),
      realizedMicroUsd: toMicroUsd(total.microUsdMs),
      predictedMicroUsd: all.reduce((sum, entry) => sum + shown(entry).predictedMicroUsd, 0),
      realizedThisMonthMicroUsd: toMicroUsd(month.booked.microUsdMs),
      realizedMicroUsdPerHour: rate,
      plans: all.length,
      unknownMs: total.unknownMs,
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
      if (interval) booked.set(entry.id, plus(booked.get(entry.id) ?? nothingBooked, bookedIn(interval)));
    }
    if (accruals.length > 0 || month.startMs !== monthStart(nowMs)) await readMonth(monthStart(nowMs));
    if (accruals.length > 0) publish(accruals.map(({ entry }) => entry));
  };

  const takePlan = async (plan: Plan, nowMs: number): Promise<void> => {
    const known = [...entries.values()].find(entry => entry.planId === plan.id);
    if (!known) {
      if (plan.state !== 'running' && plan.state !== 'stopping') return;
      const node = clusters.state(plan.clusterId)?.nodes.find(one => one.uid === plan.remove[0]?.uid);
      const entry = openEntry(makeId('saving'), plan, node?.priceProvenance ?? null, nowMs);
      if (!(await store.open(entry))) return;
      entries.set(entry.id, entry);
      publish([entry]);
      return;
    }
    const next = withPlanEnd(known, plan, nowMs);
    if (next === known) return;
    // The time until the end of the plan is booked by the rules of a running one.
    await book(nowMs);
    const ended = withPlanEnd(entries.get(known.id) ?? known, plan, nowMs);
    await store.save([{ entry: ended, interval: undefined }]);
    entries.set(ended.id, ended);
    publish([ended]);
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
  const tick = (): Promise<void> => inTurn(() => book(clock.now()));

  return {
    summary,
    entries: list,
    costHistory: async (fromMs, toMs) =>
      costHistory(
        await clusters.costHistory(fromMs, toMs),
        await store.intervals(fromMs, toMs),
        fromMs,
        toMs,
      ),
    tick,
    start: async () => {
      for (const plan of (await decisions.plans({ limit: 1000 })).toReversed())
        await inTurn(() => takePlan(plan, clock.now()));
      timer = setInterval(() => void tick().catch(() => undefined), TICK_MS);
      timer.unref();
    },
    stop: async () => {
      clearInterval(timer);
      await turn;
    },
  };
}

function monthStart(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1);
}
