import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import { type Outbox, openOutbox } from './outbox.ts';

const silent = { info: () => undefined, warn: () => undefined };
let folder: string;
let snapshotsDue: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-outbox-'));
  snapshotsDue = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(bootEpoch: number, maxBytes = 64 * 1024 * 1024): Outbox {
  const onSnapshotDue = () => {
    snapshotsDue++;
  };
  return openOutbox({ dataFolder: folder, bootEpoch, maxBytes, now: () => 7, log: silent, onSnapshotDue });
}

const file = () => join(folder, 'outbox/messages.jsonl');

function result(taskId: string): AgentMessageBody {
  return {
    kind: 'task.result',
    result: { taskId, epoch: 1, state: 'done', detail: 'Done.', evicted: [], at: 1 },
  };
}

function usage(padding = ''): AgentMessageBody {
  return { kind: 'usage', nodes: [{ name: `n${padding}`, used: { cpuMilli: 1, memoryBytes: 2 } }], pods: [] };
}

function delta(padding = ''): AgentMessageBody {
  return { kind: 'inventory.delta', upserts: [], removals: [`Pod/shop/web${padding}`] };
}

async function contents(outbox: Outbox) {
  return outbox.nextBatch(100_000, Number.MAX_SAFE_INTEGER);
}

describe('outbox', () => {
  it('numbers messages from one, batches them in order and forgets what was acknowledged', async () => {
    const outbox = open(1);
    for (let n = 0; n < 5; n++) outbox.enqueue(usage());
    expect((await outbox.nextBatch(3, 1e6)).map(message => message.seq)).toEqual([1, 2, 3]);
    outbox.acknowledge(3);
    expect((await outbox.nextBatch(3, 1e6)).map(message => message.seq)).toEqual([4, 5]);
    expect(await outbox.nextBatch(3, 1)).toHaveLength(1);
    await outbox.close();
  });

  it('loses no unacknowledged task result and keeps the order, through kills and torn tails', async () => {
    const operation = fc.oneof(
      { weight: 4, arbitrary: fc.constant({ do: 'result' as const }) },
      { weight: 4, arbitrary: fc.constant({ do: 'telemetry' as const }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('acknowledge' as const),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('kill' as const), torn: fc.boolean() }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async operations => {
        rmSync(join(folder, 'outbox'), { recursive: true, force: true });
        let boot = 1;
        let outbox = open(boot);
        let expected: { taskId?: string; seq: number }[] = [];
        let next = 1;
        for (const [index, step] of operations.entries()) {
          if (step.do === 'result') {
            outbox.enqueue(result(`t${index}`));
            expected.push({ taskId: `t${index}`, seq: next++ });
          } else if (step.do === 'telemetry') {
            outbox.enqueue(index % 2 ? usage() : delta());
            expected.push({ seq: next++ });
          } else if (step.do === 'acknowledge') {
            const upTo = expected[Math.floor(step.share * expected.length)]?.seq ?? 0;
            outbox.acknowledge(upTo);
            expected = expected.filter(one => one.seq > upTo);
          } else {
            // A kill: nothing is closed, and half a line may be at the end.
            if (step.torn) appendFileSync(file(), '{"boot":1,"seq":99,"at":1,"body":{"kind":"task.res');
            boot++;
            outbox = open(boot);
            next = 1;
            expected = expected.flatMap(one => (one.taskId ? [{ taskId: one.taskId, seq: next++ }] : []));
          }
          const found = await contents(outbox);
          expect(found.map(message => message.seq)).toEqual(expected.map(one => one.seq));
          expect(
            found.map(({ body }) => (body.kind === 'task.result' ? body.result.taskId : undefined)),
          ).toEqual(expected.map(one => one.taskId));
        }
        await outbox.close();
      }),
      { numRuns: 150 },
    );
  });

  it('survives a tail that was cut anywhere in the last line', async () => {
    const first = open(1);
    first.enqueue(result('kept'));
    const before = statSync(file()).size;
    first.enqueue(result('torn'));
    await first.close();
    truncateSync(file(), before + 20);
    expect((await contents(open(2))).map(({ body }) => body)).toEqual([result('kept')]);
  });

  it('drops the oldest usage first, then deltas, never results, counts exactly and asks for a snapshot', async () => {
    const maxBytes = 40_000;
    const outbox = open(1, maxBytes);
    const padding = 'x'.repeat(900);
    for (let n = 0; n < 10; n++) outbox.enqueue(result(`t${n}`));
    for (let n = 0; n < 15; n++) outbox.enqueue(delta(padding));
    for (let n = 0; n < 60; n++) outbox.enqueue(usage(padding));
    expect(snapshotsDue).toBe(0);
    expect(outbox.dropped['inventory.delta']).toBeUndefined();
    for (let n = 0; n < 60; n++) outbox.enqueue(delta(padding));
    expect(statSync(file()).size).toBeLessThanOrEqual(maxBytes);
    expect(snapshotsDue).toBeGreaterThan(0);
    const kept = await contents(outbox);
    expect(kept.filter(({ body }) => body.kind === 'task.result')).toHaveLength(10);
    const count = (kind: string) => kept.filter(({ body }) => body.kind === kind).length;
    expect(outbox.dropped.usage).toBe(60 - count('usage'));
    expect(outbox.dropped['inventory.delta']).toBe(75 - count('inventory.delta'));
    expect(kept.map(({ seq }) => seq)).toEqual(kept.map(({ seq }) => seq).toSorted((a, b) => a - b));
    await outbox.close();
  });

  it('keeps its file small while messages come and are acknowledged', async () => {
    const outbox = open(1);
    const padding = 'x'.repeat(10_000);
    for (let n = 1; n <= 1000; n++) {
      outbox.enqueue(usage(padding));
      outbox.acknowledge(n);
    }
    expect(statSync(file()).size).toBeLessThan(2 * 1024 * 1024);
    expect(readFileSync(file(), 'utf8')).toMatch(/"acked":1000}\n$/);
    await outbox.close();
  });
});
