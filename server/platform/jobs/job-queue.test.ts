import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../database/database.ts';
import { openTestDatabase } from '../database/testing/open-test-database.ts';
import { createLog } from '../log.ts';
import { type JobHandler, JobQueue, jobMigrations } from './job-queue.ts';

let folder: string;
let database: Database;
const log = createLog('silent');
let now = 1_000;
const clock = { now: () => now++ };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-jobs-'));
  database = await openTestDatabase(folder, jobMigrations);
});
afterEach(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Counts to `input`, one checkpoint a step; waits at `holdAt` until it is aborted, or not if it has been. */
function counter(steps: number[], holdAt?: number): JobHandler {
  return async ({ input, checkpoint, signal, saveCheckpoint, report }) => {
    for (let step = ((checkpoint as number | null) ?? 0) + 1; step <= (input as number); step++) {
      steps.push(step);
      await database.write(transaction => saveCheckpoint(transaction, step));
      report({ step });
      if (step === holdAt) {
        signal.throwIfAborted();
        await new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      }
    }
    return `counted to ${input as number}`;
  };
}

async function ended(queue: JobQueue, id: string) {
  for (;;) {
    const job = await queue.get(id);
    if (job && !['queued', 'running'].includes(job.state)) return job;
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

describe('JobQueue', () => {
  it('runs a job to its end and tells its progress', async () => {
    const queue = new JobQueue(database, clock, log);
    const heard: unknown[] = [];
    queue.define('count', counter([]), job => heard.push([job.state, job.progress]));
    await queue.start();
    const { id } = await queue.enqueue('count', 'a', 2);
    expect(await ended(queue, id)).toMatchObject({
      state: 'succeeded',
      message: 'counted to 2',
      progress: { step: 2 },
    });
    expect(heard).toContainEqual(['running', { step: 1 }]);
  });

  it('returns the job that waits already instead of a second one of the same key', async () => {
    const queue = new JobQueue(database, clock, log);
    queue.define('count', counter([], 1), () => {});
    await queue.start();
    const first = await queue.enqueue('count', 'same', 3);
    const second = await queue.enqueue('count', 'same', 3);
    const other = await queue.enqueue('count', 'other', 3);
    expect(second.id).toBe(first.id);
    expect(other.id).not.toBe(first.id);
    await queue.stop();
  });

  it('goes on from the last checkpoint after it was interrupted', async () => {
    const steps: number[] = [];
    const before = new JobQueue(database, clock, log);
    before.define('count', counter(steps, 2), () => {});
    await before.start();
    const { id } = await before.enqueue('count', 'a', 4);
    while (steps.length < 2) await new Promise(resolve => setTimeout(resolve, 5));
    await before.stop();

    const after = new JobQueue(database, clock, log);
    after.define('count', counter(steps), () => {});
    await after.start();
    expect(await ended(after, id)).toMatchObject({ state: 'succeeded' });
    expect(steps).toEqual([1, 2, 3, 4]);
  });

  it('ends cancelled when somebody cancels it, and does not start again', async () => {
    const steps: number[] = [];
    const queue = new JobQueue(database, clock, log);
    queue.define('count', counter(steps, 1), () => {});
    await queue.start();
    const { id } = await queue.enqueue('count', 'a', 4);
    while (steps.length < 1) await new Promise(resolve => setTimeout(resolve, 5));
    expect(await queue.cancel(id)).toMatchObject({ state: 'cancelled' });
    await queue.stop();
    const next = new JobQueue(database, clock, log);
    next.define('count', counter(steps), () => {});
    await next.start();
    expect(steps).toEqual([1]);
  });

  it('fails with the sentence of the error', async () => {
    const queue = new JobQueue(database, clock, log);
    queue.define(
      'break',
      async () => Promise.reject(new Error('The market is closed.')),
      () => {},
    );
    await queue.start();
    const { id } = await queue.enqueue('break', 'a', 0);
    expect(await ended(queue, id)).toMatchObject({ state: 'failed', message: 'The market is closed.' });
  });
});
