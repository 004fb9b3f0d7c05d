import type { Transaction } from 'kysely';
import {
  type AgentTask,
  type TaskAction,
  type TaskResult,
  taskResult,
} from '../../common/agent-protocol/index.ts';
import type { TaskView } from '../../common/contracts/index.ts';
import type { Database } from '../platform/index.ts';
import type { ClusterTables } from './cluster-tables.ts';

type Work = Transaction<ClusterTables>;
type TaskRow = ClusterTables['agent_tasks'];

/** A task as it stands. `queued` and `running` are open, the others are ends. */
export interface TaskRecord {
  readonly task: AgentTask;
  readonly clusterId: string;
  readonly actor: string;
  readonly createdAt: number;
  readonly state: TaskRow['state'];
  /** Last word of the agent, or of the server where the agent never answered. */
  readonly result: TaskResult | null;
  readonly reportedAt: number | null;
  /** Once offered, only the agent can tell what became of it. */
  readonly isOffered: boolean;
  readonly isCancelRequested: boolean;
}

/** So many reports of a task are kept, and its end. */
const MOST_STEPS = 200;
const OPEN = ['queued', 'running'] as const;

/** Durable tasks with an epoch that grows with each order for a cluster. */
export class TaskStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  write<Result>(work: (transaction: Work) => Promise<Result>): Promise<Result> {
    return this.#database.write<ClusterTables, Result>(work);
  }

  /** Takes the next epoch of a cluster. The update comes first: it holds the row against other writers. */
  async nextEpochIn(transaction: Work, clusterId: string): Promise<number> {
    await transaction
      .updateTable('clusters')
      .set(row => ({ task_epoch: row('task_epoch', '+', 1) }))
      .where('id', '=', clusterId)
      .execute();
    const { task_epoch } = await transaction
      .selectFrom('clusters')
      .select('task_epoch')
      .where('id', '=', clusterId)
      .executeTakeFirstOrThrow();
    return task_epoch;
  }

  async insertIn(
    transaction: Work,
    clusterId: string,
    task: AgentTask,
    actor: string,
    nowMs: number,
  ): Promise<void> {
    await transaction
      .insertInto('agent_tasks')
      .values({
        id: task.taskId,
        cluster_id: clusterId,
        epoch: task.epoch,
        action: JSON.stringify(task.action),
        dry_run: task.dryRun ? 1 : 0,
        deadline_at: task.deadlineAt,
        actor,
        created_at: nowMs,
        offered_at: null,
        cancel_requested_at: null,
        state: 'queued',
        result: null,
        reported_at: null,
      })
      .execute();
  }

  async find(taskId: string): Promise<TaskRecord | undefined> {
    const row = await this.#database
      .reader<ClusterTables>()
      .selectFrom('agent_tasks')
      .selectAll()
      .where('id', '=', taskId)
      .executeTakeFirst();
    return row && recordFromRow(row);
  }

  async findIn(transaction: Work, taskId: string): Promise<TaskRecord | undefined> {
    const row = await transaction
      .selectFrom('agent_tasks')
      .selectAll()
      .where('id', '=', taskId)
      .executeTakeFirst();
    return row && recordFromRow(row);
  }

  /** Open tasks, oldest epoch first; of all clusters when none is named. */
  async listOpen(clusterId?: string): Promise<TaskRecord[]> {
    let query = this.#database
      .reader<ClusterTables>()
      .selectFrom('agent_tasks')
      .selectAll()
      .where('state', 'in', OPEN)
      .orderBy('epoch');
    if (clusterId !== undefined) query = query.where('cluster_id', '=', clusterId);
    return (await query.execute()).map(recordFromRow);
  }

  /** Notes that tasks are about to be offered; answers with those that still may be. */
  async offerIn(transaction: Work, taskIds: readonly string[], nowMs: number): Promise<TaskRecord[]> {
    await transaction
      .updateTable('agent_tasks')
      .set({ offered_at: nowMs })
      .where('id', 'in', taskIds)
      .where('offered_at', 'is', null)
      .where('state', 'in', OPEN)
      .execute();
    const rows = await transaction
      .selectFrom('agent_tasks')
      .selectAll()
      .where('id', 'in', taskIds)
      .where('state', 'in', OPEN)
      .orderBy('epoch')
      .execute();
    return rows.map(recordFromRow);
  }

  async requestCancelIn(transaction: Work, taskId: string, nowMs: number): Promise<void> {
    await transaction
      .updateTable('agent_tasks')
      .set({ cancel_requested_at: nowMs })
      .where('id', '=', taskId)
      .where('cancel_requested_at', 'is', null)
      .execute();
  }

  async saveResultIn(transaction: Work, result: TaskResult, nowMs: number): Promise<void> {
    await transaction
      .updateTable('agent_tasks')
      .set({ state: result.state, result: JSON.stringify(result), reported_at: nowMs })
      .where('id', '=', result.taskId)
      .execute();
    const { steps } = await transaction
      .selectFrom('agent_task_steps')
      .select(row => row.fn.countAll().as('steps'))
      .where('task_id', '=', result.taskId)
      .executeTakeFirstOrThrow();
    const { taskId, state, detail } = result;
    if (Number(steps) >= MOST_STEPS && state === 'running') return;
    await transaction
      .insertInto('agent_task_steps')
      .values({ task_id: taskId, step: Number(steps) + 1, at_ms: nowMs, state, detail })
      .execute();
  }

  /** Tasks of a cluster, newest first, those before epoch `before` where it is given. */
  async listNewest(clusterId: string, limit: number, before?: number): Promise<TaskRecord[]> {
    let query = this.#database
      .reader<ClusterTables>()
      .selectFrom('agent_tasks')
      .selectAll()
      .where('cluster_id', '=', clusterId)
      .orderBy('epoch', 'desc')
      .limit(limit);
    if (before !== undefined) query = query.where('epoch', '<', before);
    return (await query.execute()).map(recordFromRow);
  }

  /** What was reported of these tasks, oldest first, by task. */
  async stepsOf(taskIds: readonly string[]): Promise<Map<string, TaskView['steps']>> {
    if (taskIds.length === 0) return new Map();
    const rows = await this.#database
      .reader<ClusterTables>()
      .selectFrom('agent_task_steps')
      .selectAll()
      .where('task_id', 'in', taskIds)
      .orderBy('task_id')
      .orderBy('step')
      .execute();
    const byTask = Map.groupBy(rows, row => row.task_id);
    return new Map(
      [...byTask].map(([taskId, steps]) => [
        taskId,
        steps.map(({ at_ms, state, detail }) => ({ at: at_ms, state, detail })),
      ]),
    );
  }
}

function recordFromRow(row: TaskRow): TaskRecord {
  return {
    task: {
      taskId: row.id,
      epoch: row.epoch,
      deadlineAt: row.deadline_at,
      dryRun: row.dry_run === 1,
      action: JSON.parse(row.action) as TaskAction,
    },
    clusterId: row.cluster_id,
    actor: row.actor,
    createdAt: row.created_at,
    state: row.state,
    result: row.result === null ? null : taskResult.parse(JSON.parse(row.result)),
    reportedAt: row.reported_at,
    isOffered: row.offered_at !== null,
    isCancelRequested: row.cancel_requested_at !== null,
  };
}
