import type { Kysely, Transaction } from 'kysely';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../clock.ts';
import type { Database, Migrations } from '../database/database.ts';
import { newId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { inSpan } from '../tracing/tracing.ts';

const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

interface JobRow {
  id: string;
  kind: string;
  key: string;
  state: JobState;
  input: string;
  progress: string;
  checkpoint: string;
  message: string | null;
  queued_at: number;
  started_at: number | null;
  ended_at: number | null;
}

interface JobTables {
  jobs: JobRow;
}

export const jobMigrations: Migrations = {
  '2026-11-23-jobs': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('jobs')
        .addColumn('id', 'text', column => column.primaryKey())
        .addColumn('kind', 'text', column => column.notNull())
        .addColumn('key', 'text', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('input', 'text', column => column.notNull())
        .addColumn('progress', 'text', column => column.notNull())
        .addColumn('checkpoint', 'text', column => column.notNull())
        .addColumn('message', 'text')
        .addColumn('queued_at', 'bigint', column => column.notNull())
        .addColumn('started_at', 'bigint')
        .addColumn('ended_at', 'bigint')
        .execute();
      await database.schema.createIndex('jobs_by_kind').on('jobs').columns(['kind', 'state']).execute();
    },
  },
};

/** A piece of long work as it stands. `progress` is whatever its kind reports. */
export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly key: string;
  readonly state: JobState;
  readonly input: unknown;
  readonly progress: unknown;
  readonly message: string | null;
  readonly queuedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
}

/** What a handler gets. */
export interface JobContext {
  readonly jobId: string;
  readonly input: unknown;
  /** Last saved checkpoint; `null` on the first run. After a kill the handler goes on from here. */
  readonly checkpoint: unknown;
  /** Aborts when the job is cancelled or the engine stops. */
  readonly signal: AbortSignal;
  /** Saves where to go on from, together with the rows of the same transaction. */
  saveCheckpoint<Tables>(
    transaction: Transaction<Tables>,
    checkpoint: unknown,
    progress?: unknown,
  ): Promise<void>;
  /** Tells how far it is; kept in memory and on disk with the next checkpoint. */
  report(progress: unknown): void;
}

/** Does the work; resolves with a closing message or `null`. A throw fails the job with the error's message. */
export type JobHandler = (context: JobContext) => Promise<string | null>;

/**
 * Long work in this process, durable: a job that a kill interrupted goes on at the next start, from its last
 * checkpoint. One job runs at a time for each kind; the same kind and key is never queued twice.
 */
export class JobQueue {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #listeners = new Map<string, (job: Job) => void>();
  readonly #observers: ((job: Job) => void)[] = [];
  readonly #running = new Map<
    string,
    { controller: AbortController; job: Job; done: Promise<void>; cancelled: boolean }
  >();
  #stopping = false;

  constructor(database: Database, clock: Clock, log: Logger) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  /** Says how a kind is done, and who hears of each change. Call it before `start`. */
  define(kind: string, handler: JobHandler, onChange: (job: Job) => void): void {
    this.#handlers.set(kind, handler);
    this.#listeners.set(kind, onChange);
  }

  /** Hears of each change of each job, after who defined its kind. */
  onChanged(observer: (job: Job) => void): void {
    this.#observers.push(observer);
  }

  /** How many jobs wait and run, by kind, and since when the oldest of those that wait does. */
  async openCounts(): Promise<{ kind: string; state: JobState; jobs: number; oldestAtMs: number }[]> {
    const rows = await this.#database
      .reader<JobTables>()
      .selectFrom('jobs')
      .select(({ fn }) => [
        'kind',
        'state',
        fn.countAll<number>().as('jobs'),
        fn.min<number>('queued_at').as('oldest'),
      ])
      .where('state', 'in', ['queued', 'running'])
      .groupBy(['kind', 'state'])
      .execute();
    return rows.map(({ kind, state, jobs, oldest }) => ({
      kind,
      state,
      jobs: Number(jobs),
      oldestAtMs: Number(oldest),
    }));
  }

  /** Kinds that this process can do. */
  kinds(): string[] {
    return [...this.#handlers.keys()];
  }

  /** Takes up what an earlier process left. */
  async start(): Promise<void> {
    await this.#database.write<JobTables, void>(async transaction => {
      await transaction.updateTable('jobs').set({ state: 'queued' }).where('state', '=', 'running').execute();
    });
    for (const kind of this.#handlers.keys()) await this.#next(kind);
  }

  /** Queues work; when the same kind and key waits or runs already, that job is returned instead. */
  async enqueue(kind: string, key: string, input: unknown): Promise<Job> {
    const { row, isNew } = await this.#database.write<JobTables, { row: JobRow; isNew: boolean }>(
      async transaction => {
        const open = await transaction
          .selectFrom('jobs')
          .selectAll()
          .where('kind', '=', kind)
          .where('key', '=', key)
          .where('state', 'in', ['queued', 'running'])
          .executeTakeFirst();
        if (open) return { row: open, isNew: false };
        const fresh: JobRow = {
          id: newId('job'),
          kind,
          key,
          state: 'queued',
          input: JSON.stringify(input),
          progress: 'null',
          checkpoint: 'null',
          message: null,
          queued_at: this.#clock.now(),
          started_at: null,
          ended_at: null,
        };
        await transaction.insertInto('jobs').values(fresh).execute();
        return { row: fresh, isNew: true };
      },
    );
    const job = this.#running.get(row.id)?.job ?? jobFromRow(row);
    if (isNew) {
      this.#tell(job);
      await this.#next(kind);
    }
    return job;
  }

  /** The job as it stands now, or `undefined`. */
  async get(id: string): Promise<Job | undefined> {
    const live = this.#running.get(id);
    if (live) return live.job;
    const row = await this.#database
      .reader<JobTables>()
      .selectFrom('jobs')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && jobFromRow(row);
  }

  /** Jobs of a kind, newest first. */
  async list(kind: string, limit: number): Promise<Job[]> {
    const rows = await this.#database
      .reader<JobTables>()
      .selectFrom('jobs')
      .selectAll()
      .where('kind', '=', kind)
      .orderBy('queued_at', 'desc')
      .limit(limit)
      .execute();
    return rows.map(row => this.#running.get(row.id)?.job ?? jobFromRow(row));
  }

  /** Cancels a job that waits or runs; resolves when it has stopped. Ended jobs stay as they are. */
  async cancel(id: string): Promise<Job | undefined> {
    const running = this.#running.get(id);
    if (running) {
      running.cancelled = true;
      running.controller.abort();
      await running.done;
    } else {
      await this.#database.write<JobTables, void>(async transaction => {
        await transaction
          .updateTable('jobs')
          .set({ state: 'cancelled', ended_at: this.#clock.now() })
          .where('id', '=', id)
          .where('state', '=', 'queued')
          .execute();
      });
    }
    const job = await this.get(id);
    if (job) this.#tell(job);
    return job;
  }

  /** Interrupts what runs; it goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { controller } of this.#running.values()) controller.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  #tell(job: Job): void {
    this.#listeners.get(job.kind)?.(job);
    for (const observer of this.#observers) observer(job);
  }

  async #next(kind: string): Promise<void> {
    if (this.#stopping || [...this.#running.values()].some(({ job }) => job.kind === kind)) return;
    const handler = this.#handlers.get(kind);
    if (!handler) return;
    const row = await this.#database
      .reader<JobTables>()
      .selectFrom('jobs')
      .selectAll()
      .where('kind', '=', kind)
      .where('state', '=', 'queued')
      .orderBy('queued_at')
      .limit(1)
      .executeTakeFirst();
    // Somebody else may have started one while this query ran.
    if (!row || this.#stopping || [...this.#running.values()].some(({ job }) => job.kind === kind)) return;
    const controller = new AbortController();
    const job: Job = { ...jobFromRow(row), state: 'running', startedAt: row.started_at ?? this.#clock.now() };
    const entry = { controller, job, done: Promise.resolve(), cancelled: false };
    this.#running.set(row.id, entry);
    entry.done = this.#run(handler, row);
  }

  async #run(handler: JobHandler, row: JobRow): Promise<void> {
    const entry = this.#running.get(row.id);
    if (!entry) return;
    const tell = (change: Partial<Job>) => {
      entry.job = { ...entry.job, ...change };
      this.#tell(entry.job);
    };
    await this.#update(row.id, { state: 'running', started_at: entry.job.startedAt });
    tell({});
    const context: JobContext = {
      jobId: row.id,
      input: JSON.parse(row.input) as unknown,
      checkpoint: JSON.parse(row.checkpoint) as unknown,
      signal: entry.controller.signal,
      saveCheckpoint: async (transaction, checkpoint, progress = entry.job.progress) => {
        await (transaction as unknown as Transaction<JobTables>)
          .updateTable('jobs')
          .set({ checkpoint: JSON.stringify(checkpoint), progress: JSON.stringify(progress) })
          .where('id', '=', row.id)
          .execute();
      },
      report: progress => tell({ progress }),
    };
    const end = await inSpan(
      {
        name: `job ${row.kind}`,
        attributes: { 'cloudoptim.job.id': row.id, 'cloudoptim.job.kind': row.kind },
        isRoot: true,
      },
      () => handler(context),
    ).then(
      message => ({ state: entry.cancelled ? ('cancelled' as const) : ('succeeded' as const), message }),
      (error: unknown) => ({
        state: entry.cancelled ? ('cancelled' as const) : ('failed' as const),
        message: messageOf(error),
      }),
    );
    if (this.#stopping && !entry.cancelled && entry.controller.signal.aborted) {
      // Interrupted, not ended: the next start takes it up.
      await this.#update(row.id, { state: 'queued', progress: JSON.stringify(entry.job.progress) });
    } else {
      if (end.state === 'failed')
        this.#log.warn({ job: row.id, kind: row.kind, message: end.message }, 'job failed');
      const endedAt = this.#clock.now();
      const message = end.state === 'cancelled' ? null : end.message;
      await this.#update(row.id, {
        state: end.state,
        message,
        ended_at: endedAt,
        progress: JSON.stringify(entry.job.progress),
      });
      tell({ state: end.state, message, endedAt });
    }
    this.#running.delete(row.id);
    await this.#next(row.kind);
  }

  async #update(id: string, change: Partial<JobRow>): Promise<void> {
    await this.#database.write<JobTables, void>(async transaction => {
      await transaction.updateTable('jobs').set(change).where('id', '=', id).execute();
    });
  }
}

function jobFromRow(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    key: row.key,
    state: row.state,
    input: JSON.parse(row.input) as unknown,
    progress: JSON.parse(row.progress) as unknown,
    message: row.message,
    queuedAt: row.queued_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}

function messageOf(error: unknown): string {
  if (error instanceof AppError) return `${error.message} ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
