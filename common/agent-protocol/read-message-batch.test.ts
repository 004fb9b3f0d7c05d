import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentMessageBatch, readMessageBatch } from './index.ts';

const fixture = (version: number): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/v${version}/messages.json`, import.meta.url), 'utf8'));

const amount = fc.double({ min: 0, noDefaultInfinity: true, noNaN: true });
const used = fc.record({ cpuMilli: amount, memoryBytes: amount });
const measured = { name: fc.string(), used };
const report = fc.record(
  {
    bootEpoch: fc.integer(),
    messages: fc.array(
      fc.record({
        seq: fc.integer({ min: 1 }),
        at: fc.integer(),
        body: fc.record({
          kind: fc.constant('usage'),
          nodes: fc.array(fc.record(measured), { maxLength: 2 }),
          pods: fc.array(
            fc.record(
              {
                ...measured,
                namespace: fc.string(),
                containers: fc.array(fc.record(measured), { maxLength: 2 }),
              },
              { requiredKeys: ['name', 'namespace', 'used'] },
            ),
            { maxLength: 3 },
          ),
        }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    outbox: fc.record({ waiting: fc.integer(), dropped: fc.dictionary(fc.string(), fc.integer()) }),
  },
  { requiredKeys: ['bootEpoch', 'messages'] },
);
/** In the place of something that a report holds. */
const wrong: readonly unknown[] = [
  ...[undefined, null, true, '', 'usage', 0, -1, 1.5, 2 ** 60, Number.NaN, Number.POSITIVE_INFINITY],
  ...[[], {}, [null], { name: 'a' }, { cpuMilli: 1 }, { waiting: 1, dropped: { usage: 0.5 } }],
];

/** Every place in a value, as the keys that lead there. */
function placesIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesIn(part, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}

describe('readMessageBatch', () => {
  it.each([1, 2, 3])('reads what agents of version %i say as the schema does', version => {
    const whole = fixture(version) as { messages: { body: { kind: string } }[] };
    expect(readMessageBatch(whole)).toEqual(agentMessageBatch.parse(whole));
    const usage = { ...whole, messages: whole.messages.filter(({ body }) => body.kind === 'usage') };
    expect(readMessageBatch(usage)).toEqual(agentMessageBatch.safeParse(usage).data);
  });

  it('takes every report of usage that the schema takes', () => {
    fc.assert(
      fc.property(report, batch => {
        expect(readMessageBatch(batch)).toEqual(agentMessageBatch.parse(batch));
      }),
    );
  });

  it('refuses what the schema refuses, wherever in a report it stands', () => {
    const used = { cpuMilli: 1, memoryBytes: 2 };
    const containers = [{ name: 'app', used }];
    const pods = [{ namespace: 'shop', name: 'web', used, containers }];
    const messages = [{ seq: 1, at: 1, body: { kind: 'usage', nodes: [{ name: 'a', used }], pods } }];
    const batch = { bootEpoch: 1, messages, outbox: { waiting: 1, dropped: { usage: 2 } } };
    let refused = 0;
    for (const place of placesIn(batch)) {
      for (const value of wrong) {
        const changed = replaced(batch, place, value);
        const expected = agentMessageBatch.safeParse(changed).data;
        if (!expected) refused++;
        expect(readMessageBatch(changed), JSON.stringify(changed)).toEqual(expected);
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  it('takes no more messages than the schema', () => {
    const body = { kind: 'usage', nodes: [], pods: [] };
    const batchOf = (count: number) => ({
      bootEpoch: 1,
      messages: Array.from({ length: count }, (_, n) => ({ seq: n + 1, at: 1, body })),
    });
    expect(readMessageBatch(batchOf(0))).toBeUndefined();
    expect(readMessageBatch(batchOf(500))?.messages).toHaveLength(500);
    expect(readMessageBatch(batchOf(501))).toBeUndefined();
  });

  it('shows nothing beside what the protocol knows of an outbox', () => {
    const messages = [{ seq: 1, at: 1, body: { kind: 'usage', nodes: [], pods: [] } }];
    const outbox = { waiting: 1, dropped: { usage: 2 } };
    expect(readMessageBatch({ bootEpoch: 1, messages, outbox: { ...outbox, secret: 'x' } })?.outbox).toEqual(
      outbox,
    );
  });
});
