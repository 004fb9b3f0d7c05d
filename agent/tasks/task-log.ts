import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import { replaceFile, writeWhole } from '../durable-file.ts';

type PodRef = TaskResult['evicted'][number];

/** What is known of one task. */
export interface TaskRecord {
  readonly task: AgentTask;
  /** Pods that this task made go, in order. */
  evicted: PodRef[];
  /** True once this task is about to cordon a node that was schedulable before: the cordon is its own. */
  ownsCordon: boolean;
  /** Set once the effect of a single-step task is about to happen. */
  begun: boolean;
  /** The end, once there is one. */
  result: TaskResult | undefined;
}

/** Tasks of this cluster on disk. Every method returns after the fsync, and throws when the disk refuses. */
export interface TaskLog {
  readonly highestEpoch: number;
  find(taskId: string): TaskRecord | undefined;
  unfinished(): TaskRecord[];
  accept(task: AgentTask): TaskRecord;
  noteEvicted(record: TaskRecord, pod: PodRef): void;
  noteCordon(record: TaskRecord, own: boolean): void;
  noteBegun(record: TaskRecord): void;
  finish(record: TaskRecord, result: TaskResult): void;
  close(): void;
}

type Line =
  | { readonly epoch: number }
  | { readonly task: AgentTask }
  | { readonly taskId: string; readonly evicted: PodRef }
  | { readonly taskId: string; readonly ownsCordon: boolean }
  | { readonly taskId: string; readonly begun: true }
  | { readonly taskId: string; readonly result: TaskResult };

/** The server asks again only for tasks whose result it has not committed; these are many more than that. */
const keptFinished = 500;

/**
 * Opens DIR/tasks.jsonl, rewritten without what is no longer needed. A torn last line, from a kill during a write, is
 * ignored: its step is taken again, and finds its effect in the cluster.
 */
export function openTaskLog(dataFolder: string): TaskLog {
  const path = join(dataFolder, 'tasks.jsonl');
  const records = new Map<string, TaskRecord>();
  let highestEpoch = 0;
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    const parsed = parseLine(line);
    if (parsed) apply(parsed);
  }
  const finished = [...records.values()].filter(record => record.result);
  for (const { task } of finished.slice(0, -keptFinished)) records.delete(task.taskId);
  replaceFile(path, [{ epoch: highestEpoch }, ...[...records.values()].flatMap(linesOf)].map(textOf));
  const file = openSync(path, 'a');

  function apply(line: Line): void {
    if ('epoch' in line) highestEpoch = Math.max(highestEpoch, line.epoch);
    else if ('task' in line) {
      highestEpoch = Math.max(highestEpoch, line.task.epoch);
      records.set(line.task.taskId, {
        task: line.task,
        evicted: [],
        ownsCordon: false,
        begun: false,
        result: undefined,
      });
    } else {
      const record = records.get(line.taskId);
      if (!record) return;
      if ('evicted' in line) record.evicted.push(line.evicted);
      else if ('ownsCordon' in line) record.ownsCordon = line.ownsCordon;
      else if ('begun' in line) record.begun = true;
      else record.result = line.result;
    }
  }

  function write(line: Line): void {
    // A line feed first ends whatever half a line an earlier full disk left.
    writeWhole(file, Buffer.from(`\n${textOf(line)}`));
    fsyncSync(file);
    apply(line);
  }

  return {
    get highestEpoch() {
      return highestEpoch;
    },
    find: taskId => records.get(taskId),
    unfinished: () => [...records.values()].filter(record => !record.result),
    accept(task) {
      write({ task });
      const record = records.get(task.taskId);
      if (!record) throw new Error(`Task ${task.taskId} was not stored.`);
      return record;
    },
    noteEvicted: ({ task }, evicted) => write({ taskId: task.taskId, evicted }),
    noteCordon: ({ task }, ownsCordon) => write({ taskId: task.taskId, ownsCordon }),
    noteBegun: ({ task }) => write({ taskId: task.taskId, begun: true }),
    finish: ({ task }, result) => write({ taskId: task.taskId, result }),
    close: () => closeSync(file),
  };
}

function linesOf({ task, evicted, ownsCordon, begun, result }: TaskRecord): Line[] {
  const { taskId } = task;
  return [
    { task },
    ...evicted.map(pod => ({ taskId, evicted: pod })),
    ...(ownsCordon ? [{ taskId, ownsCordon }] : []),
    ...(begun ? [{ taskId, begun: true as const }] : []),
    ...(result ? [{ taskId, result }] : []),
  ];
}

function textOf(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function parseLine(line: string): Line | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
