import { describe, expect, it } from 'vitest';
import type { AgentTask } from '../../common/agent-protocol/index.ts';
import { openLeaseTaskLog } from './lease-task-log.ts';

const quiet = { info: () => undefined, warn: () => undefined };

/** The notes of a Lease, as the next leader finds them. */
class Notes {
  notes: Record<string, string> = {};

  async write(changes: Readonly<Record<string, string | null>>): Promise<void> {
    const left = Object.entries({ ...this.notes, ...changes });
    this.notes = Object.fromEntries(left.flatMap(([key, text]) => (text === null ? [] : [[key, text]])));
  }
}

function task(epoch: number, name = 'n1'): AgentTask {
  const node = { name, uid: 'u1' };
  return {
    ...{ taskId: `task-${epoch}`, epoch, deadlineAt: 1, dryRun: false },
    action: { kind: 'drain', node, deleteLocalStorage: false },
  };
}

const pod = (name: string) => ({ namespace: 'shop', name, uid: `uid-${name}` });

describe('the task log on a Lease', () => {
  it('tells the next leader all that was noted, until the result is reported', async () => {
    const lease = new Notes();
    const log = openLeaseTaskLog(lease, quiet);
    const record = await log.accept(task(3));
    await log.note(record, { asked: [pod('a'), pod('b')], ownsCordon: true });
    await log.note(record, { evicted: [pod('a')] });
    const next = openLeaseTaskLog(lease, quiet);
    expect(next.unfinished()).toEqual([record]);
    expect(next.find('task-3')).toMatchObject({ asked: [pod('b')], evicted: [pod('a')], ownsCordon: true });
    const result = { taskId: 'task-3', epoch: 3, state: 'done', detail: '', evicted: [], at: 1 } as const;
    await next.note(next.find('task-3') ?? record, { result: { ...result, evicted: [] } });
    const third = openLeaseTaskLog(lease, quiet);
    expect(third.unfinished()).toEqual([]);
    expect(third.unreported().map(one => one.task.taskId)).toEqual(['task-3']);
    third.reported('task-3');
    // It still answers for it; the one after only knows that it was.
    expect(third.find('task-3')?.result?.state).toBe('done');
    const fourth = openLeaseTaskLog(lease, quiet);
    expect(fourth.find('task-3')).toBeUndefined();
    expect(fourth.highestEpoch).toBe(3);
    expect(Object.keys(lease.notes)).toEqual(['cloudoptim.io/task-epoch']);
  });

  it('refuses a task for which the Lease has no room, and one that no annotation can be named after', async () => {
    const lease = new Notes();
    const log = openLeaseTaskLog(lease, quiet);
    for (let epoch = 1; epoch <= 3; epoch++) {
      const record = await log.accept(task(epoch));
      await log.note(record, { asked: Array.from({ length: 700 }, (_, at) => pod(`p${epoch}-${at}`)) });
    }
    await expect(log.accept(task(4, 'x'.repeat(200)))).rejects.toThrow('no room');
    await expect(openLeaseTaskLog(new Notes(), quiet).accept({ ...task(5), taskId: 'a b' })).rejects.toThrow(
      '"a b"',
    );
    expect(Object.values(lease.notes).join('').length).toBeLessThan(256 * 1024);
  });
});
