import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';

type PodRef = TaskResult['evicted'][number];

/** What is known of one task. */
export interface TaskRecord {
  readonly task: AgentTask;
  /** Pods that this task is about to ask to go. One of them that went although no answer came was evicted by it. */
  asked: readonly PodRef[];
  /** Pods that this task made go, in order. */
  evicted: readonly PodRef[];
  /** True once this task is about to cordon a node that was schedulable before: the cordon is its own. */
  ownsCordon: boolean;
  /** Set once the effect of a single-step task is about to happen. */
  begun: boolean;
  /** The end, once there is one. */
  result: TaskResult | undefined;
}

/** What can be noted of a task. Pods are added to those noted before. */
export type TaskNote = Partial<Omit<TaskRecord, 'task'>>;

/**
 * Tasks of this cluster, kept where the next process finds them. What a method notes is in the records at once, and stored
 * when it resolves; it rejects when it could not be stored.
 */
export interface TaskLog {
  /** Of any task that was accepted. */
  readonly highestEpoch: number;
  find(taskId: string): TaskRecord | undefined;
  unfinished(): TaskRecord[];
  /** Finished, and the server may not know it. */
  unreported(): TaskRecord[];
  accept(task: AgentTask): Promise<TaskRecord>;
  note(record: TaskRecord, note: TaskNote): Promise<void>;
  /** The server has the result. */
  reported(taskId: string): void;
  close(): void;
}

/** A task of which nothing was done yet. */
export function freshRecord(task: AgentTask): TaskRecord {
  return { task, asked: [], evicted: [], ownsCordon: false, begun: false, result: undefined };
}

/** Writes a note into a record. */
export function applyNote(record: TaskRecord, { asked = [], evicted = [], ...rest }: TaskNote): void {
  Object.assign(record, rest);
  record.evicted = [...record.evicted, ...evicted];
  const gone = new Set(record.evicted.map(({ uid }) => uid));
  record.asked = [...record.asked, ...asked].filter(({ uid }) => !gone.has(uid));
}
