import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveDelta } from '../../../common/live-topics.ts';
import { LiveHub } from './live-hub.ts';

const pause = () => new Promise(resolve => setTimeout(resolve, 2));

describe('LiveHub', () => {
  it('answers with what its source holds, then sends ordered deltas', async () => {
    const hub = new LiveHub();
    hub.define('clusters', () => [{ key: 'a', value: 1 }]);
    const batches: LiveDelta[][] = [];
    const subscriber = hub.connect(async batch => void batches.push(batch));
    const answer = await hub.subscribe(subscriber, { topic: 'clusters' });
    expect(answer).toMatchObject({ ok: true, snapshot: { seq: 0, values: [{ key: 'a', value: 1 }] } });
    hub.publish('clusters', 'a', 2);
    hub.publish('clusters', 'b', 3);
    await pause();
    expect(batches.flat()).toMatchObject([{ afterSeq: 0, seq: 2 }]);
  });

  it('merges by key while a dashboard is slow', async () => {
    const hub = new LiveHub();
    hub.define('clusters', () => []);
    let take: (() => void) | undefined;
    const batches: LiveDelta[][] = [];
    const subscriber = hub.connect(batch => {
      batches.push(batch);
      return new Promise(resolve => {
        take = resolve;
      });
    });
    await hub.subscribe(subscriber, { topic: 'clusters' });
    for (let value = 0; value < 10_000; value++) hub.publish('clusters', 'a', value);
    await pause();
    for (let value = 10_000; value < 20_000; value++) hub.publish('clusters', 'a', value);
    take?.();
    await pause();
    expect(batches).toHaveLength(2);
    expect(batches[1]?.[0]).toMatchObject({
      afterSeq: 10_000,
      seq: 20_000,
      changes: [{ key: 'a', value: 19_999 }],
    });
  });

  it('sends only what is new to a dashboard that comes back with its last seq, and everything after a restart', async () => {
    const hub = new LiveHub();
    hub.define('clusters', () => [{ key: 'a', value: 1 }]);
    const subscriber = hub.connect(async () => {});
    await hub.subscribe(subscriber, { topic: 'clusters' });
    hub.publish('clusters', 'b', 2);
    const again = await hub.subscribe(subscriber, { topic: 'clusters', epoch: hub.epoch, afterSeq: 0 });
    expect(again).toMatchObject({
      ok: true,
      delta: { afterSeq: 0, seq: 1, changes: [{ key: 'b', value: 2 }] },
    });
    const other = await hub.subscribe(subscriber, {
      topic: 'clusters',
      epoch: 'another process',
      afterSeq: 0,
    });
    expect(other).toMatchObject({ ok: true, snapshot: { seq: 1 } });
  });

  it('refuses a topic that nobody defined', async () => {
    const hub = new LiveHub();
    hub.define('cluster/*', () => []);
    const subscriber = hub.connect(async () => {});
    expect(await hub.subscribe(subscriber, { topic: 'cluster/a/b' })).toMatchObject({ ok: false });
    expect(await hub.subscribe(subscriber, { topic: 'secrets' })).toMatchObject({ ok: false });
  });

  it('always leads a dashboard to the state of the topic, however slow it is', async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      value: fc.option(fc.integer()),
      isSlow: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 30 }), async changes => {
        const hub = new LiveHub();
        hub.define('clusters', () => []);
        const seen = new Map<string, unknown>();
        let last = 0;
        const subscriber = hub.connect(async batch => {
          for (const { afterSeq, seq, changes: parts } of batch) {
            expect(afterSeq).toBe(last);
            last = seq;
            for (const { key, value } of parts) value === null ? seen.delete(key) : seen.set(key, value);
          }
          await new Promise(resolve => setImmediate(resolve));
        });
        await hub.subscribe(subscriber, { topic: 'clusters' });
        const state = new Map<string, unknown>();
        for (const { key, value, isSlow } of changes) {
          hub.publish('clusters', key, value);
          if (value === null) state.delete(key);
          else state.set(key, value);
          if (!isSlow) await new Promise(resolve => setImmediate(resolve));
        }
        for (let turn = 0; turn < 20 && last < changes.length; turn++) await pause();
        expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(state));
      }),
      { numRuns: 50 },
    );
  });
});
