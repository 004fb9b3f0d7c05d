import { sql, type Transaction } from 'kysely';
import { MS_PER_DAY } from '../../../common/units/index.ts';
import { type Database, inRows, type RowStatement } from '../../platform/index.ts';
import { blockKey, blockOf, partsOfBlockKey, readBlock, type WrittenBlock, writeBlock } from './day-block.ts';
import { dayOf } from './usage-day.ts';
import type { JournalEntry, JournalLine, OomKill } from './usage-journal.ts';
import type { UsageTables } from './usage-tables.ts';

/** How long days and kills are kept at least; days go by the block. */
export const USAGE_KEPT_DAYS = 35;

/** A series: one container of the pods of one workload. */
export interface UsageSeries {
  readonly id: number;
  readonly workload: string;
  readonly container: string;
}

/** A journal entry as it was kept. */
export interface KeptEntry extends JournalEntry {
  readonly id: number;
  readonly clusterId: string;
}

const ROWS_PER_STATEMENT = 500;
/** Series that are read or swept in one go: some milliseconds. */
const SERIES_AT_ONCE = 200;

const INSERT_REPORTS: RowStatement = {
  row: '(?,?,?)',
  text: values => `insert into usage_journal (cluster_id, at_ms, lines) values ${values}`,
};

/** What the agent of a cluster reported. */
export interface UsageReports {
  readonly clusterId: string;
  readonly entries: readonly JournalEntry[];
}

/** Queries on usage. */
export class UsageStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Keeps reports as part of the transaction that moves the cursors of their agents: neither lost nor doubled. */
  async addReportsIn(transaction: Transaction<UsageTables>, reports: readonly UsageReports[]): Promise<void> {
    const rows = reports.flatMap(({ clusterId, entries }) =>
      entries.map(({ at, lines }) => [clusterId, at, JSON.stringify(lines)]),
    );
    await inRows(transaction, this.#database.kind, INSERT_REPORTS, rows);
  }

  /** The same for kills; one that is known is passed over. */
  async addKillsIn(
    transaction: Transaction<UsageTables>,
    clusterId: string,
    kills: readonly OomKill[],
  ): Promise<void> {
    for (const { workload, container, podUid, at, memoryBytes } of kills) {
      await transaction
        .insertInto('oom_kills')
        .values({
          cluster_id: clusterId,
          workload,
          container,
          pod_uid: podUid,
          at_ms: at,
          memory_bytes: memoryBytes,
        })
        .onConflict(conflict => conflict.doNothing())
        .execute();
    }
  }

  /** The oldest entries that are not counted yet, in the order in which they came. */
  async journal(limit: number): Promise<KeptEntry[]> {
    const rows = await this.#database
      .reader<UsageTables>()
      .selectFrom('usage_journal')
      .selectAll()
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map(({ id, cluster_id, at_ms, lines }) => ({
      id,
      clusterId: cluster_id,
      at: at_ms,
      lines: JSON.parse(lines) as JournalLine[],
    }));
  }

  /** Changes days by block; `change` gets what is written of a day, if anything, and returns what is to be written. */
  async rewriteDays(
    blocks: ReadonlyMap<number, readonly number[]>,
    change: (key: number, day: number, body: Uint8Array | undefined) => Uint8Array,
  ): Promise<void> {
    await this.#database.write<UsageTables, void>(async transaction => {
      const rows = await transaction
        .selectFrom('usage_days')
        .selectAll()
        .where('key', 'in', [...blocks.keys()])
        .execute();
      const known = new Map(rows.map(({ key, body }) => [key, body]));
      const changed = [...blocks].map(([key, days]) => {
        const before = known.get(key);
        const { block } = partsOfBlockKey(key);
        const written = new Map(
          before && readBlock({ block, body: before }).map(({ day, body }) => [day, body]),
        );
        for (const day of days) written.set(day, change(key, day, written.get(day)));
        const ordered = [...written].sort(([a], [b]) => a - b);
        return { key, body: Buffer.from(writeBlock(ordered.map(([day, body]) => ({ day, body })))) };
      });
      await transaction
        .insertInto('usage_days')
        .values(changed)
        .onConflict(conflict =>
          conflict.column('key').doUpdateSet(row => ({ body: row.ref('excluded.body') })),
        )
        .execute();
    });
  }

  /** Removes counted entries. */
  async dropJournal(ids: readonly number[]): Promise<void> {
    await this.#database.write<UsageTables, void>(async transaction => {
      await transaction
        .deleteFrom('usage_journal')
        .where('id', 'in', [...ids])
        .execute();
    });
  }

  /** The series of a cluster, by id. */
  async series(clusterId: string): Promise<UsageSeries[]> {
    return this.#database
      .reader<UsageTables>()
      .selectFrom('usage_series')
      .select(['id', 'workload', 'container'])
      .where('cluster_id', '=', clusterId)
      .orderBy('id')
      .execute();
  }

  /** Enters series that are not known; those that are stay as they are. */
  async addSeries(
    clusterId: string,
    series: readonly { readonly workload: string; readonly container: string }[],
  ): Promise<void> {
    await this.#database.write<UsageTables, void>(async transaction => {
      for (let at = 0; at < series.length; at += ROWS_PER_STATEMENT) {
        const rows = series.slice(at, at + ROWS_PER_STATEMENT);
        await transaction
          .insertInto('usage_series')
          .values(rows.map(({ workload, container }) => ({ cluster_id: clusterId, workload, container })))
          .onConflict(conflict => conflict.doNothing())
          .execute();
      }
    });
  }

  /** The rows that hold days `from` to `to` of series that are ordered by id, in parts between which others may run. */
  async *blocks(
    series: readonly UsageSeries[],
    from: number,
    to: number,
  ): AsyncGenerator<{ readonly series: UsageSeries; readonly blocks: readonly WrittenBlock[] }[]> {
    for (let at = 0; at < series.length; at += SERIES_AT_ONCE) {
      const part = series.slice(at, at + SERIES_AT_ONCE);
      const rows = await this.#rowsBetween(
        blockKey(part[0]?.id ?? 0, blockOf(from)),
        blockKey(part.at(-1)?.id ?? 0, blockOf(to) + 1),
      );
      const bySeries = new Map<number, WrittenBlock[]>(part.map(({ id }) => [id, []]));
      for (const { key, body } of rows) {
        const { seriesId, block } = partsOfBlockKey(key);
        bySeries.get(seriesId)?.push({ block, body });
      }
      yield part.map(one => ({ series: one, blocks: bySeries.get(one.id) ?? [] }));
      await letOthersRun();
    }
  }

  /**
   * Rows by key, in views of one buffer: a buffer of each row's own costs more than all else that is done with it. The rows come as one,
   * with keys and lengths beside the bytes, all in the order in which the database went through them.
   */
  async #rowsBetween(from: number, before: number): Promise<{ key: number; body: Uint8Array }[]> {
    // SQLite knows bytes end to end as text only, which it leaves as they are.
    const joined =
      this.#database.kind === 'sqlite'
        ? sql<Uint8Array | null>`cast(string_agg(body, '') as blob)`
        : sql<Uint8Array | null>`string_agg(body, ''::bytea)`;
    const all = await this.#database
      .reader<UsageTables>()
      .selectFrom('usage_days')
      .select([
        sql<string | null>`string_agg(cast(key as text), ',')`.as('keys'),
        sql<string | null>`string_agg(cast(length(body) as text), ',')`.as('lengths'),
        joined.as('bodies'),
      ])
      .where('key', '>=', from)
      .where('key', '<', before)
      .executeTakeFirstOrThrow();
    const { keys, lengths, bodies } = all;
    if (keys === null || lengths === null || bodies === null) return [];
    const sizes = lengths.split(',');
    let at = 0;
    const rows = keys.split(',').map((key, index) => {
      const begin = at;
      at += Number(sizes[index]);
      return { key: Number(key), body: bodies.subarray(begin, at) };
    });
    return rows.sort((a, b) => a.key - b.key);
  }

  /** Kills in a cluster since `fromMs`, by time. */
  async kills(clusterId: string, fromMs: number): Promise<OomKill[]> {
    const rows = await this.#database
      .reader<UsageTables>()
      .selectFrom('oom_kills')
      .selectAll()
      .where('cluster_id', '=', clusterId)
      .where('at_ms', '>=', fromMs)
      .orderBy('at_ms')
      .execute();
    return rows.map(row => ({
      workload: row.workload,
      container: row.container,
      podUid: row.pod_uid,
      at: row.at_ms,
      memoryBytes: row.memory_bytes,
    }));
  }

  /** Drops what is older than is kept, and series of which nothing is left. */
  async dropOld(nowMs: number): Promise<void> {
    const fromMs = nowMs - USAGE_KEPT_DAYS * MS_PER_DAY;
    await this.#database.write<UsageTables, void>(async transaction => {
      await transaction.deleteFrom('oom_kills').where('at_ms', '<', fromMs).execute();
    });
    const reader = this.#database.reader<UsageTables>();
    const ids = await reader.selectFrom('usage_series').select('id').orderBy('id').execute();
    for (let at = 0; at < ids.length; at += SERIES_AT_ONCE) {
      const part = ids.slice(at, at + SERIES_AT_ONCE).map(({ id }) => id);
      const low = blockKey(part[0] ?? 0, 0);
      const high = blockKey((part.at(-1) ?? 0) + 1, 0);
      await this.#database.write<UsageTables, void>(async transaction => {
        const rows = await transaction
          .selectFrom('usage_days')
          .select('key')
          .where('key', '>=', low)
          .where('key', '<', high)
          .execute();
        const old = rows.filter(({ key }) => partsOfBlockKey(key).block < blockOf(dayOf(fromMs)));
        const left = new Set(
          rows.filter(row => !old.includes(row)).map(({ key }) => partsOfBlockKey(key).seriesId),
        );
        for (let first = 0; first < old.length; first += ROWS_PER_STATEMENT) {
          const keys = old.slice(first, first + ROWS_PER_STATEMENT).map(({ key }) => key);
          await transaction.deleteFrom('usage_days').where('key', 'in', keys).execute();
        }
        const empty = part.filter(id => !left.has(id));
        if (empty.length > 0) await transaction.deleteFrom('usage_series').where('id', 'in', empty).execute();
      });
      await letOthersRun();
    }
  }
}

/** Ends this turn of the event loop. */
export function letOthersRun(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
