import type { Transaction } from 'kysely';
import {
  type AgentTask,
  type TaskAction,
  type TaskResult,
  taskAction,
} from '../../common/agent-protocol/index.ts';
import type { TaskView } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_MINUTE, MS_PER_SECOND } from '../../common/units/index.ts';
import { type AuditLog, type Clock, type Logger, newId } from '../platform/index.ts';
import type { AgentLinks } from './agent-links.ts';
import type { ClusterTables } from './cluster-tables.ts';
import type { TaskRecord, TaskStore } from './task-store.ts';
import { viewTask } from './view-task.ts';

/** An order for an agent. */
export interface TaskOrder {
  /** A name of its own: a task of this name that is there already is the answer, and nothing is sent. */
  readonly taskId?: string;
  readonly action: TaskAction;
  /** Time the agent has from now, in ms; a day at most. */
  readonly deadlineMs: number;
  readonly dryRun: boolean;
  /** Who answers for it, for the audit log: a person, or the plan that was approved. */
  readonly actor?: string;
}

export type TaskResultListener = (clusterId: string, result: TaskResult) => void;

/** What became of a reported result. */
export type ResultVerdict = 'taken' | 'repeated' | 'stale' | 'unknown';

const OFFER_AGAIN_MS = 15 * MS_PER_SECOND;
const GRACE_MS = MS_PER_MINUTE;

/**
 * Orders for agents, durable until their end is known. A task is offered at once, after each reconnect and every
 * 15 s until its result is in; agents make its effect idempotent.
 */
export class AgentTasks {
  readonly #store: TaskStore;
  readonly #links: AgentLinks;
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #listeners = new Set<TaskResultListener>();
  readonly #offeredAt = new Map<string, number>();

  constructor(parts: { store: TaskStore; links: AgentLinks; audit: AuditLog; clock: Clock; log: Logger }) {
    this.#store = parts.store;
    this.#links = parts.links;
    this.#audit = parts.audit;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** Hears of each result once it is committed; a listener that throws is logged and disturbs nobody. */
  onResult(listener: TaskResultListener): void {
    this.#listeners.add(listener);
  }

  find(taskId: string): Promise<TaskRecord | undefined> {
    return this.#store.find(taskId);
  }

  /** Tasks of a cluster with what was reported of them, newest first. */
  async list(clusterId: string, limit: number, before?: number): Promise<TaskView[]> {
    const records = await this.#store.listNewest(clusterId, limit, before);
    const steps = await this.#store.stepsOf(records.map(({ task }) => task.taskId));
    return records.map(record => viewTask(record, steps.get(record.task.taskId) ?? []));
  }

  /** Commits audit entry and task together, then offers it. */
  async send(clusterId: string, order: TaskOrder): Promise<{ taskId: string; epoch: number }> {
    const { taskId: name = newId('task'), deadlineMs, dryRun, actor = 'CloudOptim' } = order;
    const action = taskAction.parse(order.action);
    if (!(deadlineMs > 0 && deadlineMs <= MS_PER_DAY)) {
      throw new AppError(
        'input.invalid',
        `A task has more than 0 ms and at most a day, not ${deadlineMs} ms.`,
      );
    }
    const now = this.#clock.now();
    const task = await this.#store.write(async transaction => {
      const known = await this.#store.findIn(transaction, name);
      if (known) return known.task;
      const epoch = await this.#store.nextEpochIn(transaction, clusterId);
      const fresh: AgentTask = {
        taskId: name,
        epoch,
        deadlineAt: now + Math.round(deadlineMs),
        dryRun,
        action,
      };
      await this.#audit.recordIn(transaction, {
        actor,
        action: `task.${action.kind}`,
        subject: clusterId,
        detail: fresh,
      });
      await this.#store.insertIn(transaction, clusterId, fresh, actor, now);
      return fresh;
    });
    await this.offer(clusterId, [task.taskId]);
    return { taskId: task.taskId, epoch: task.epoch };
  }

  /**
   * Asks for the end of a task. One that was never offered ends at once; else the agent says how far it came.
   * Does nothing when the task has ended. @throws AppError `resource.not-found`
   */
  async cancel(clusterId: string, taskId: string, actor = 'CloudOptim'): Promise<void> {
    const now = this.#clock.now();
    const ended = await this.#store.write(async transaction => {
      const record = await this.#store.findIn(transaction, taskId);
      if (!record || record.clusterId !== clusterId) {
        throw new AppError('resource.not-found', `There is no task "${taskId}" for cluster "${clusterId}".`);
      }
      if (isEnded(record)) return undefined;
      await this.#audit.recordIn(transaction, {
        actor,
        action: 'task.cancel',
        subject: `${clusterId}/${taskId}`,
        detail: null,
      });
      await this.#store.requestCancelIn(transaction, taskId, now);
      if (record.isOffered) return undefined;
      const result = this.#verdict(record, 'cancelled', 'Cancelled before the agent had it.');
      await this.#store.saveResultIn(transaction, result, now);
      return result;
    });
    if (ended) this.announce(clusterId, [ended]);
    else {
      const link = this.#links.of(clusterId);
      link?.cancel(taskId);
      // Between two polls nobody listens: the next one is to hear it at once.
      if (link) this.#offeredAt.set(taskId, now);
      else this.#offeredAt.delete(taskId);
    }
  }

  /** Offers open tasks to the connected agent, if any: the named ones, or all. Oldest epoch first. */
  async offer(clusterId: string, taskIds?: readonly string[]): Promise<void> {
    if (!this.#links.of(clusterId)) return;
    const { tasks, cancel } = await this.waiting(clusterId, taskIds);
    const link = this.#links.of(clusterId);
    if (!link) {
      for (const id of [...tasks.map(task => task.taskId), ...cancel]) this.#offeredAt.delete(id);
      return;
    }
    for (const task of tasks) link.offer(task);
    for (const taskId of cancel) link.cancel(taskId);
  }

  /** Offers what has never been offered, or so long ago that it may be lost. */
  async offerDue(clusterId: string): Promise<void> {
    const now = this.#clock.now();
    const due = (await this.#store.listOpen(clusterId)).filter(record => this.#isDue(record, now));
    if (due.length > 0)
      await this.offer(
        clusterId,
        due.map(({ task }) => task.taskId),
      );
  }

  /** Open tasks of a cluster, noted as offered, and those that are to be cancelled. */
  async waiting(
    clusterId: string,
    taskIds?: readonly string[],
  ): Promise<{ tasks: AgentTask[]; cancel: string[] }> {
    const now = this.#clock.now();
    const open = await this.#store.listOpen(clusterId);
    const cancel = open.filter(record => record.isCancelRequested).map(({ task }) => task.taskId);
    const wanted = open
      .filter(({ task, isCancelRequested }) => !isCancelRequested && task.deadlineAt > now)
      .map(({ task }) => task.taskId)
      .filter(taskId => taskIds?.includes(taskId) ?? true);
    for (const taskId of cancel) this.#offeredAt.set(taskId, now);
    if (wanted.length === 0) return { tasks: [], cancel };
    const records = await this.#store.write(transaction => this.#store.offerIn(transaction, wanted, now));
    for (const taskId of wanted) this.#offeredAt.set(taskId, now);
    return { tasks: records.filter(record => !record.isCancelRequested).map(({ task }) => task), cancel };
  }

  /** Takes a result in the transaction of the message that brought it; `announce` it after the commit. */
  async takeIn(
    transaction: Transaction<ClusterTables>,
    clusterId: string,
    result: TaskResult,
  ): Promise<ResultVerdict> {
    const record = await this.#store.findIn(transaction, result.taskId);
    if (!record || record.clusterId !== clusterId) return 'unknown';
    if (record.task.epoch !== result.epoch) return 'stale';
    if (isEnded(record) || JSON.stringify(record.result) === JSON.stringify(result)) return 'repeated';
    await this.#store.saveResultIn(transaction, result, this.#clock.now());
    return 'taken';
  }

  /** Tells the listeners of results that were committed. */
  announce(clusterId: string, results: readonly TaskResult[]): void {
    for (const result of results) {
      if (result.state !== 'running') this.#offeredAt.delete(result.taskId);
      for (const listener of this.#listeners) {
        try {
          listener(clusterId, result);
        } catch (error) {
          this.#log.error({ err: error, clusterId, taskId: result.taskId }, 'a task result was not taken in');
        }
      }
    }
  }

  /** Ends the open tasks of a cluster whose agent will never answer. */
  async failOpen(clusterId: string, reason: string): Promise<void> {
    await this.#fail(await this.#store.listOpen(clusterId), reason);
  }

  /** Fails what nobody answered for, and offers again what waits. */
  async sweep(): Promise<void> {
    const now = this.#clock.now();
    const open = await this.#store.listOpen();
    const silent = open.filter(
      ({ task, reportedAt }) => now > Math.max(task.deadlineAt, reportedAt ?? 0) + GRACE_MS,
    );
    if (silent.length > 0) await this.#fail(silent, 'no answer from the agent');
    const due = new Map<string, string[]>();
    for (const record of open) {
      if (!this.#isDue(record, now)) continue;
      const { clusterId, task } = record;
      due.set(clusterId, [...(due.get(clusterId) ?? []), task.taskId]);
    }
    for (const [clusterId, taskIds] of due) await this.offer(clusterId, taskIds);
  }

  #isDue({ task, reportedAt, isCancelRequested }: TaskRecord, nowMs: number): boolean {
    const offeredAt = this.#offeredAt.get(task.taskId) ?? 0;
    // A report says that the agent has the task, not that it heard of its end.
    const lastWord = isCancelRequested ? offeredAt : Math.max(offeredAt, reportedAt ?? 0);
    return nowMs - lastWord >= OFFER_AGAIN_MS;
  }

  async #fail(records: readonly TaskRecord[], reason: string): Promise<void> {
    for (const { task, clusterId } of records) {
      const result = await this.#store.write(async transaction => {
        const record = await this.#store.findIn(transaction, task.taskId);
        if (!record || isEnded(record)) return undefined;
        const failed = this.#verdict(record, 'failed', reason);
        await this.#store.saveResultIn(transaction, failed, this.#clock.now());
        return failed;
      });
      if (result) this.announce(clusterId, [result]);
    }
  }

  #verdict(record: TaskRecord, state: 'failed' | 'cancelled', detail: string): TaskResult {
    const { taskId, epoch } = record.task;
    return { taskId, epoch, state, detail, evicted: record.result?.evicted ?? [], at: this.#clock.now() };
  }
}

function isEnded(record: TaskRecord): boolean {
  return record.state !== 'queued' && record.state !== 'running';
}
