import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { changeNodePool } from './change-node-pool.ts';
import { setCordon } from './cordon.ts';
import { deleteNode } from './delete-node.ts';
import { drainNode } from './drain-node.ts';
import { evictPod } from './evict-pod.ts';
import { labelNode, taintNode } from './mark-node.ts';
import { resizePod } from './resize-pod.ts';
import { resizeWorkload } from './resize-workload.ts';
import { overOutcome, type TaskContext, type TaskOutcome } from './task-outcome.ts';
import type { TaskLog, TaskRecord } from './task-records.ts';

/** What running tasks needs. */
export interface TaskRunnerOptions {
  readonly api: KubernetesApi;
  readonly taskLog: TaskLog;
  readonly report: (result: TaskResult) => void;
  readonly log: Log;
  readonly now: () => number;
  readonly random: () => number;
  /** The end of the agent: tasks stop after their safe step, unfinished, and are taken up after the next start. */
  readonly signal: AbortSignal;
}

/** Carries out tasks of the closed list. */
export interface TaskRunner {
  /** Runs a task once, however often it is offered; a finished one is answered again from the log. */
  offer(task: AgentTask): void;
  /** Ends a task after its safe step. */
  cancel(taskId: string): void;
  /** Answers a task that this agent cannot read. */
  refuseUnreadable(taskId: string, epoch: number): void;
  /** Ends what an earlier start left behind and whose deadline is over; the server offers the rest again. */
  endOverdue(): void;
  /** Reports what an earlier leader ended, and may not have reported. */
  reportEnded(): void;
  isRunning(taskId: string): boolean;
  /** Resolves when no task is under way. */
  settled(): Promise<void>;
}

/** Longest delay that a timer takes; a task that lives longer is ended by the clock check before each step. */
const maxTimerMs = 2 ** 31 - 1;

/** Runs tasks side by side, but those about the same node, pod or workload one after the other. */
export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { taskLog, report, log, now, signal } = options;
  const running = new Map<string, AbortController>();
  const cancelledEarly = new Set<string>();
  const lines = new Map<string, Promise<void>>();

  function resultOf(record: TaskRecord, state: TaskResult['state'], detail: string): TaskResult {
    const { taskId, epoch } = record.task;
    return { taskId, epoch, state, detail, evicted: [...record.evicted], at: now() };
  }

  function start(task: AgentTask, cancel: AbortController): void {
    running.set(task.taskId, cancel);
    const subject = subjectOf(task);
    const before = lines.get(subject) ?? Promise.resolve();
    // Noted at once, also while another task about the same is under way.
    const accepted = accept(task);
    const turn = before
      .then(async () => {
        const record = await accepted;
        if (record) await run(record, cancel);
      })
      .finally(() => running.delete(task.taskId));
    lines.set(subject, turn);
    void turn.finally(() => {
      if (lines.get(subject) === turn) lines.delete(subject);
    });
  }

  async function accept(task: AgentTask): Promise<TaskRecord | undefined> {
    try {
      return taskLog.find(task.taskId) ?? (await taskLog.accept(task));
    } catch (error) {
      if (signal.aborted) return undefined;
      log.warn('The task log cannot be written; the task is refused', { reason: errorText(error) });
      refuse(task, `The agent cannot write its task log: ${errorText(error)}.`);
      return undefined;
    }
  }

  function refuse({ taskId, epoch }: Pick<AgentTask, 'taskId' | 'epoch'>, detail: string): void {
    report({ taskId, epoch, state: 'refused', detail, evicted: [], at: now() });
  }

  async function run(record: TaskRecord, cancel: AbortController): Promise<void> {
    const { task } = record;
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(),
      Math.min(maxTimerMs, Math.max(0, task.deadlineAt - now())),
    );
    const context: TaskContext = {
      ...options,
      record,
      cancelled: cancel.signal,
      stopping: signal,
      over: AbortSignal.any([cancel.signal, deadline.signal, signal]),
      progress: detail => report(resultOf(record, 'running', detail)),
    };
    let outcome: TaskOutcome;
    try {
      outcome = await carryOut(context);
    } catch (error) {
      outcome = context.over.aborted
        ? overOutcome(context, errorText(error))
        : { state: 'failed', detail: errorText(error) };
    } finally {
      clearTimeout(timer);
    }
    // What the end of the agent interrupted has no result: the next start goes on with it.
    if (signal.aborted && outcome.state !== 'done') return;
    const result = resultOf(record, outcome.state, outcome.detail);
    try {
      await taskLog.note(record, { result });
    } catch (error) {
      // Somebody else leads now: what is on the Lease counts.
      if (signal.aborted) return;
      log.warn('A result could not be stored; it is reported all the same', { reason: errorText(error) });
    }
    log.info('Task ended', {
      taskId: task.taskId,
      action: task.action.kind,
      state: result.state,
      detail: result.detail,
    });
    report(result);
  }

  function offer(task: AgentTask): void {
    const known = taskLog.find(task.taskId);
    if (known?.result) report(known.result);
    if (known?.result || running.has(task.taskId) || signal.aborted) return;
    // An equal one, too: no two tasks have the same, so it was ended and reported.
    if (!known && task.epoch <= taskLog.highestEpoch) {
      log.warn('An outdated task was refused', { taskId: task.taskId, epoch: task.epoch });
      refuse(task, `Epoch ${task.epoch} is outdated: this agent has seen epoch ${taskLog.highestEpoch}.`);
      return;
    }
    const cancel = new AbortController();
    if (cancelledEarly.delete(task.taskId)) cancel.abort();
    start(task, cancel);
  }

  return {
    offer,
    cancel(taskId) {
      const known = taskLog.find(taskId);
      if (known?.result) report(known.result);
      else if (running.has(taskId)) running.get(taskId)?.abort();
      else {
        const cancel = new AbortController();
        cancel.abort();
        if (known) start(known.task, cancel);
        else cancelledEarly.add(taskId);
      }
    },
    refuseUnreadable(taskId, epoch) {
      refuse({ taskId, epoch }, 'This version of the agent does not know such a task; update the agent.');
    },
    endOverdue() {
      for (const { task } of taskLog.unfinished()) {
        if (task.deadlineAt <= now() && !running.has(task.taskId)) start(task, new AbortController());
      }
    },
    reportEnded() {
      for (const { result } of taskLog.unreported()) if (result) report(result);
    },
    isRunning: taskId => running.has(taskId),
    async settled() {
      await Promise.all(lines.values());
    },
  };
}

function carryOut(context: TaskContext): Promise<TaskOutcome> {
  const { action } = context.record.task;
  switch (action.kind) {
    case 'cordon':
      return setCordon(context, action.node, true);
    case 'uncordon':
      return setCordon(context, action.node, false);
    case 'evict':
      return evictPod(context, action.pod, action.gracePeriodSeconds);
    case 'drain':
      return drainNode(context, action);
    case 'delete-node':
      return deleteNode(context, action.node);
    case 'resize-pod':
      return resizePod(context, action);
    case 'resize-workload':
      return resizeWorkload(context, action);
    case 'label':
      return labelNode(context, action);
    case 'taint':
      return taintNode(context, action);
    case 'change-nodepool':
      return changeNodePool(context, action);
  }
}

function subjectOf({ action }: AgentTask): string {
  if (action.kind === 'evict' || action.kind === 'resize-pod') return `pod ${action.pod.uid}`;
  if (action.kind === 'change-nodepool') return `pool ${action.pool.uid}`;
  return action.kind === 'resize-workload' ? `workload ${action.workload.uid}` : `node ${action.node.uid}`;
}
