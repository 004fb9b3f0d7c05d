import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import type { KubernetesApi } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { setCordon } from './cordon.ts';
import { deleteNode } from './delete-node.ts';
import { drainNode } from './drain-node.ts';
import { evictPod } from './evict-pod.ts';
import { resizePod } from './resize-pod.ts';
import { resizeWorkload } from './resize-workload.ts';
import type { TaskLog, TaskRecord } from './task-log.ts';
import { overOutcome, type TaskContext, type TaskOutcome } from './task-outcome.ts';

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

  function start(record: TaskRecord, cancel: AbortController): void {
    const { task } = record;
    running.set(task.taskId, cancel);
    const subject = subjectOf(task);
    const before = lines.get(subject) ?? Promise.resolve();
    const turn = before.then(() => run(record, cancel)).finally(() => running.delete(task.taskId));
    lines.set(subject, turn);
    void turn.finally(() => {
      if (lines.get(subject) === turn) lines.delete(subject);
    });
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
      taskLog.finish(record, result);
    } catch (error) {
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
    const refuse = (detail: string) =>
      report({ taskId: task.taskId, epoch: task.epoch, state: 'refused', detail, evicted: [], at: now() });
    if (!known && task.epoch < taskLog.highestEpoch) {
      log.warn('An outdated task was refused', { taskId: task.taskId, epoch: task.epoch });
      refuse(`Epoch ${task.epoch} is outdated: this agent has seen epoch ${taskLog.highestEpoch}.`);
      return;
    }
    const cancel = new AbortController();
    if (cancelledEarly.delete(task.taskId)) cancel.abort();
    try {
      start(known ?? taskLog.accept(task), cancel);
    } catch (error) {
      log.warn('The task log cannot be written; the task is refused', { reason: errorText(error) });
      refuse(`The agent cannot write its task log: ${errorText(error)}.`);
    }
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
        if (known) start(known, cancel);
        else cancelledEarly.add(taskId);
      }
    },
    refuseUnreadable(taskId, epoch) {
      const detail = 'This version of the agent does not know such a task; update the agent.';
      report({ taskId, epoch, state: 'refused', detail, evicted: [], at: now() });
    },
    endOverdue() {
      for (const record of taskLog.unfinished()) {
        if (record.task.deadlineAt <= now()) start(record, new AbortController());
      }
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
  }
}

function subjectOf({ action }: AgentTask): string {
  if (action.kind === 'evict' || action.kind === 'resize-pod') return `pod ${action.pod.uid}`;
  return action.kind === 'resize-workload' ? `workload ${action.workload.uid}` : `node ${action.node.uid}`;
}
