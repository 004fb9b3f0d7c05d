import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  agentMessageBatch,
  agentTask,
  batchAnswer,
  handshake,
  keyOffer,
  oldestProtocolVersion,
  pollAnswer,
  protocolVersion,
} from './index.ts';

/**
 * What agents and servers of each released version say, frozen: these files are added to and never changed. A change of
 * the schemas that no longer reads them breaks agents that are out there.
 */
const read = (name: string, version = 1): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/v${version}/${name}`, import.meta.url), 'utf8'));

describe('protocol version 1', () => {
  it.each([
    ['handshake.json', handshake],
    ['messages.json', agentMessageBatch],
    ['answer.json', batchAnswer],
    ['tasks.json', z.array(agentTask)],
  ] as const)('is understood to the last field: %s', (name, schema) => {
    expect(schema.parse(read(name))).toEqual(read(name));
  });

  it('has an example of each kind of message, and of each kind of task with what came later', () => {
    const batch = agentMessageBatch.parse(read('messages.json'));
    expect(batch.messages.map(message => message.body.kind).toSorted()).toEqual([
      'event',
      'inventory.delta',
      'inventory.snapshot',
      'task.result',
      'usage',
    ]);
    const tasks = [1, 3, 4].flatMap(version => z.array(agentTask).parse(read('tasks.json', version)));
    expect(new Set(tasks.map(task => task.action.kind)).size).toBe(agentTask.shape.action.options.length);
  });

  it('is still supported', () => {
    expect(oldestProtocolVersion).toBeLessThanOrEqual(1);
    expect(protocolVersion).toBeGreaterThanOrEqual(1);
  });
});

describe('protocol version 2', () => {
  it.each([
    ['handshake.json', handshake],
    ['messages.json', agentMessageBatch],
  ] as const)('is understood to the last field: %s', (name, schema) => {
    expect(schema.parse(read(name, 2))).toEqual(read(name, 2));
  });

  it('is still supported', () => {
    expect(oldestProtocolVersion).toBeLessThanOrEqual(2);
    expect(protocolVersion).toBeGreaterThanOrEqual(2);
  });
});

describe('protocol version 3', () => {
  it.each([
    ['handshake.json', handshake],
    ['messages.json', agentMessageBatch],
    ['tasks.json', z.array(agentTask)],
    ['key-offer.json', keyOffer],
    ['poll-answer.json', pollAnswer],
  ] as const)('is understood to the last field: %s', (name, schema) => {
    expect(schema.parse(read(name, 3))).toEqual(read(name, 3));
  });

  it('is still supported', () => {
    expect(oldestProtocolVersion).toBeLessThanOrEqual(3);
    expect(protocolVersion).toBeGreaterThanOrEqual(3);
  });
});

describe('protocol version 4', () => {
  it.each([
    ['handshake.json', handshake],
    ['tasks.json', z.array(agentTask)],
  ] as const)('is understood to the last field: %s', (name, schema) => {
    expect(schema.parse(read(name, 4))).toEqual(read(name, 4));
  });

  it('refuses what no task may set', () => {
    const [label, taint, pool] = z.array(agentTask).parse(read('tasks.json', 4));
    const withAction = (task: unknown, change: object) => {
      const { action, ...rest } = task as { action: object };
      return agentTask.safeParse({ ...rest, action: { ...action, ...change } }).success;
    };
    expect(withAction(label, {})).toBe(true);
    expect(withAction(label, { key: 'a key' })).toBe(false);
    expect(withAction(label, { value: 'x'.repeat(64) })).toBe(false);
    expect(withAction(taint, { taint: { key: 'a', effect: 'NoExecute' } })).toBe(false);
    for (const set of [
      {},
      { weight: 0 },
      { limits: { cpu: 'many' } },
      { consolidateAfter: 'soon' },
      { consolidationPolicy: 'Always' },
      { budgets: [{ nodes: '10%', schedule: '0 9 * * *' }] },
      { budgets: [{ nodes: '101%' }] },
    ])
      expect(withAction(pool, { set }), JSON.stringify(set)).toBe(false);
  });

  it('is still supported', () => {
    expect(oldestProtocolVersion).toBeLessThanOrEqual(protocolVersion - 2);
    expect(protocolVersion).toBeGreaterThanOrEqual(4);
  });
});
