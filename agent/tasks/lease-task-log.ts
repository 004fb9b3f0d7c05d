import { z } from 'zod';
import { agentTask, taskResult } from '../../common/agent-protocol/index.ts';
import type { LeaderLease } from '../leadership/leader-lease.ts';
import { errorText, type Log } from '../log.ts';
import { applyNote, freshRecord, type TaskLog, type TaskRecord } from './task-records.ts';

/** One annotation for each task that the server has no result of. */
const taskPrefix = 'tasks.cloudoptim.io/';
const epochAnnotation = 'cloudoptim.io/task-epoch';
/** What can be the name of an annotation. */
const annotationName = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
/** The API server allows 256 KiB of annotations; a new task must leave room for what the open ones will note. */
const mostBytesBefore = 96 * 1024;
/** Ended tasks that this process still answers for when they are offered again. */
const keptReported = 500;

const podRefs = taskResult.shape.evicted;
const storedRecord = z.object({
  task: agentTask,
  asked: podRefs,
  evicted: podRefs,
  ownsCordon: z.boolean(),
  begun: z.boolean(),
  result: taskResult.optional(),
});

/**
 * The tasks of a cluster whose agent has several replicas: on the Lease by which one of them leads, so that whoever leads next
 * finds what the one before has begun. Every note is one write on the condition that this replica still leads.
 */
export function openLeaseTaskLog(lease: Pick<LeaderLease, 'notes' | 'write'>, log: Log): TaskLog {
  const records = new Map<string, TaskRecord>();
  const reported = new Set<string>();
  let highestEpoch = Number(lease.notes[epochAnnotation] ?? 0) || 0;
  for (const [key, text] of Object.entries(lease.notes)) {
    if (!key.startsWith(taskPrefix)) continue;
    const record = parseRecord(text);
    if (record) {
      records.set(record.task.taskId, record);
      highestEpoch = Math.max(highestEpoch, record.task.epoch);
    } else log.warn('A task on the Lease cannot be read; the server gives up on it at its deadline', { key });
  }

  const store = (record: TaskRecord) =>
    lease.write({
      [taskPrefix + record.task.taskId]: JSON.stringify(record),
      [epochAnnotation]: String(highestEpoch),
    });

  return {
    get highestEpoch() {
      return highestEpoch;
    },
    find: taskId => records.get(taskId),
    unfinished: () => [...records.values()].filter(record => !record.result),
    unreported: () =>
      [...records.values()].filter(record => record.result && !reported.has(record.task.taskId)),
    async accept(task) {
      if (!annotationName.test(task.taskId))
        throw new Error(`"${task.taskId}" cannot be the name of an annotation`);
      if (JSON.stringify(lease.notes).length > mostBytesBefore)
        throw new Error('too many tasks are open; the Lease has no room for another one');
      const record = freshRecord(task);
      records.set(task.taskId, record);
      highestEpoch = Math.max(highestEpoch, task.epoch);
      await store(record);
      return record;
    },
    async note(record, note) {
      applyNote(record, note);
      await store(record);
    },
    reported(taskId) {
      if (!records.get(taskId)?.result || reported.has(taskId)) return;
      reported.add(taskId);
      lease.write({ [taskPrefix + taskId]: null }).catch((error: unknown) => {
        // Whoever leads next reports it once more, which changes nothing.
        log.info('A reported task stays on the Lease', { taskId, reason: errorText(error) });
      });
      for (const old of [...reported].slice(0, -keptReported)) {
        reported.delete(old);
        records.delete(old);
      }
    },
    close: () => undefined,
  };
}

function parseRecord(text: string): TaskRecord | undefined {
  try {
    const { success, data } = storedRecord.safeParse(JSON.parse(text));
    return success ? { ...data, result: data.result } : undefined;
  } catch {
    return undefined;
  }
}
