import type { Transaction } from 'kysely';
import type { AgentMessage, InventoryObject } from '../../../common/agent-protocol/index.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Clock, Database } from '../../platform/index.ts';
import type { InventoryChanges } from '../inventory-store.ts';
import { countUsage } from './count-usage.ts';
import { visitDays } from './day-block.ts';
import { ReportedPods } from './reported-pods.ts';
import { dayOf, UsageDay } from './usage-day.ts';
import { type OomKill, readOomKills, readUsage } from './usage-journal.ts';
import { type ProfileOptions, profileOf, type UsageProfile } from './usage-profile.ts';
import { USAGE_KEPT_DAYS, UsageStore } from './usage-store.ts';
import type { UsageTables } from './usage-tables.ts';
import type { ByteReader } from './varints.ts';

/** How often the journal is counted. */
const COUNT_EVERY_MS = 5 * MS_PER_MINUTE;

/** Which window of days is read, and what of it. */
export interface UsageWindow extends Omit<ProfileOptions, 'firstDay' | 'lastDay'> {
  readonly windowDays: number;
}

/** One day of one container, for drawing. Values in milli-cores and bytes; `null` where only start-ups were seen. */
export interface UsageDayView {
  /** Begin of the day, ms UTC. */
  readonly at: number;
  readonly samples: number;
  readonly cpuMilli: DayBand | null;
  readonly memoryBytes: DayBand | null;
  readonly startUp: { readonly cpuMilli: number; readonly memoryBytes: number } | null;
}

/** Percentiles of a day. */
export interface DayBand {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What the containers of all clusters use, kept as sketches of days. */
export class Usage {
  readonly #store: UsageStore;
  readonly #clock: Clock;
  #countedAt: number;
  #prunedDay: number;
  #counting: Promise<void> | undefined;

  constructor(database: Database, clock: Clock) {
    this.#store = new UsageStore(database);
    this.#clock = clock;
    this.#countedAt = clock.now();
    this.#prunedDay = dayOf(clock.now());
  }

  /**
   * Keeps what fresh messages tell of usage and of kills, as part of the transaction that moves the agent's cursor.
   * @param before the objects before `changes`
   */
  async noteIn(
    transaction: Transaction<UsageTables>,
    clusterId: string,
    fresh: readonly AgentMessage[],
    before: ReadonlyMap<string, InventoryObject>,
    changes: InventoryChanges,
  ): Promise<void> {
    const now = this.#clock.now();
    const find = (key: string) => (changes.has(key) ? changes.get(key) : before.get(key));
    const kills = readOomKills(changes, find).filter(({ at }) => at >= now - USAGE_KEPT_DAYS * MS_PER_DAY);
    const entries = readUsage(fresh, new ReportedPods(find), now);
    await this.#store.addReportsIn(transaction, [{ clusterId, entries }]);
    await this.#store.addKillsIn(transaction, clusterId, kills);
  }

  /** The same for messages of many clusters that tell of nothing but usage. */
  noteAllIn(
    transaction: Transaction<UsageTables>,
    told: readonly {
      readonly clusterId: string;
      readonly fresh: readonly AgentMessage[];
      readonly reported: ReportedPods;
    }[],
  ): Promise<void> {
    const now = this.#clock.now();
    const reports = told.map(({ clusterId, fresh, reported }) => ({
      clusterId,
      entries: readUsage(fresh, reported, now),
    }));
    return this.#store.addReportsIn(transaction, reports);
  }

  /** Counts the journal when that is due, and drops what is old once a day. */
  async sweep(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#countedAt >= COUNT_EVERY_MS) await this.count();
    if (dayOf(now) !== this.#prunedDay) {
      this.#prunedDay = dayOf(now);
      await this.#store.dropOld(now);
    }
  }

  /** Counts the journal now; several who ask at once share it. */
  async count(): Promise<void> {
    this.#countedAt = this.#clock.now();
    this.#counting ??= countUsage(this.#store)
      .then(() => undefined)
      .finally(() => {
        this.#counting = undefined;
      });
    await this.#counting;
  }

  /** What the containers of a cluster used over the last days, with kills; in parts, so that the event loop goes on. */
  async profiles(
    clusterId: string,
    { windowDays, ...options }: UsageWindow,
  ): Promise<{ profiles: UsageProfile[]; kills: OomKill[] }> {
    await this.count();
    const lastDay = dayOf(this.#clock.now());
    const firstDay = lastDay - windowDays + 1;
    const profiles: UsageProfile[] = [];
    const series = await this.#store.series(clusterId);
    for await (const part of this.#store.blocks(series, firstDay, lastDay)) {
      for (const { series: one, blocks } of part) {
        const profile = profileOf(one, blocks, { ...options, firstDay, lastDay });
        if (profile) profiles.push(profile);
      }
    }
    return { profiles, kills: await this.#store.kills(clusterId, firstDay * MS_PER_DAY) };
  }

  /** The kept days of one container, oldest first; days without samples are absent. */
  async days(clusterId: string, workload: string, container: string): Promise<UsageDayView[]> {
    await this.count();
    const series = await this.#store.series(clusterId);
    const own = series.filter(one => one.workload === workload && one.container === container);
    const views: UsageDayView[] = [];
    const lastDay = dayOf(this.#clock.now());
    const firstDay = lastDay - USAGE_KEPT_DAYS;
    for await (const part of this.#store.blocks(own, firstDay, lastDay)) {
      for (const block of part.flatMap(({ blocks }) => blocks)) {
        visitDays(block, firstDay, lastDay, (day, reader) => views.push(viewDay(day, reader)));
      }
    }
    return views;
  }

  /** Kills in a cluster over the kept days. */
  kills(clusterId: string): Promise<OomKill[]> {
    return this.#store.kills(clusterId, this.#clock.now() - USAGE_KEPT_DAYS * MS_PER_DAY);
  }
}

function viewDay(day: number, reader: ByteReader): UsageDayView {
  const usage = new UsageDay();
  usage.mergeWritten(reader);
  const band = (values: UsageDay['cpu'], unit: number): DayBand | null =>
    values.count === 0
      ? null
      : {
          p50: values.quantile(0.5) * unit,
          p95: values.quantile(0.95) * unit,
          p99: values.quantile(0.99) * unit,
          max: values.max * unit,
        };
  const { startUp } = usage;
  return {
    at: day * MS_PER_DAY,
    samples: usage.samples,
    cpuMilli: band(usage.cpu, 1),
    memoryBytes: band(usage.memoryKib, 1024),
    startUp:
      startUp.samples === 0 ? null : { cpuMilli: startUp.cpuMilli, memoryBytes: startUp.memoryKib * 1024 },
  };
}
