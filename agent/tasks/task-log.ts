import { closeSync, existsSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentTask, TaskResult } from '../../common/agent-protocol/index.ts';
import { replaceFile, writeWhole } from '../durable-file.ts';
import { applyNote, freshRecord, type TaskLog, type TaskNote, type TaskRecord } from './task-records.ts';

type Line =
  | { readonly epoch: number }
  | { readonly task: AgentTask }
  | { readonly taskId: string; readonly note: TaskNote }
  /** As earlier versions of the agent wrote it. */
  | { readonly taskId: string; readonly evicted: TaskResult['evicted'][number] }
  | { readonly taskId: string; readonly ownsCordon: boolean }
  | { readonly taskId: string; readonly begun: true }
  | { readonly taskId: string; readonly result: TaskResult };

/** The server asks again only for tasks whose result it has not committed; these are many more than that. */
const keptFinished = 500;

/**
 * Opens DIR/tasks.jsonl, rewritten without what is no longer needed. A torn last line, from a kill during a write, is
 * ignored: its step is taken again, and finds its effect in the cluster. Every note is on disk, with fsync, when its method
 * returns.
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
      records.set(line.task.taskId, freshRecord(line.task));
    } else {
      const record = records.get(line.taskId);
      if (!record) return;
      if ('note' in line) applyNote(record, line.note);
      else if ('evicted' in line) applyNote(record, { evicted: [line.evicted] });
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
    // The outbox on the same disk has them.
    unreported: () => [],
    async accept(task) {
      write({ task });
      const record = records.get(task.taskId);
      if (!record) throw new Error(`Task ${task.taskId} was not stored.`);
      return record;
    },
    async note({ task }, note) {
      write({ taskId: task.taskId, note });
    },
    reported: () => undefined,
    close: () => closeSync(file),
  };
}

function linesOf({ task, ...note }: TaskRecord): Line[] {
  return [{ task }, { taskId: task.taskId, note }];
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
