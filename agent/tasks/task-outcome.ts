import type { TaskResult } from '../../common/agent-protocol/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import type { TaskLog, TaskRecord } from './task-records.ts';

/** How a task ended, in words; the pods it evicted are in its record. */
export interface TaskOutcome {
  readonly state: Exclude<TaskResult['state'], 'running'>;
  readonly detail: string;
}

/** What carrying out a task needs. */
export interface TaskContext {
  readonly api: KubernetesApi;
  readonly record: TaskRecord;
  readonly taskLog: TaskLog;
  readonly now: () => number;
  readonly random: () => number;
  /** Aborts when the task was cancelled. */
  readonly cancelled: AbortSignal;
  /** Aborts when the task is over by cancellation, by its deadline or by the end of the agent: waits end then. */
  readonly over: AbortSignal;
  /** Aborts when the agent ends: the task stays unfinished, and is taken up again after the next start. */
  readonly stopping: AbortSignal;
  /** Tells the server how far the task is. */
  readonly progress: (detail: string) => void;
}

/**
 * Asked before every change: false once the task is over. By the clock too, because after a suspended process wakes up,
 * timers come late.
 */
export function mayAct({ over, record, now }: TaskContext): boolean {
  return !over.aborted && now() < record.task.deadlineAt;
}

/** The task is done. */
export function done(detail: string): TaskOutcome {
  return { state: 'done', detail };
}

/** The task failed; the words say at what. */
export function failed(detail: string): TaskOutcome {
  return { state: 'failed', detail };
}

/** The task was not begun, because it does not fit the cluster (any more). */
export function refused(detail: string): TaskOutcome {
  return { state: 'refused', detail };
}

/** Why waiting ended before the aim: cancelled, or out of time. `done` says what was done until then. */
export function overOutcome(context: TaskContext, doneSoFar: string): TaskOutcome {
  return context.cancelled.aborted
    ? { state: 'cancelled', detail: `Cancelled; ${doneSoFar}` }
    : failed(`The deadline passed; ${doneSoFar}`);
}
