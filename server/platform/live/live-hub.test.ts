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

  it('gives dashboards at the same place the same delta, and a slow one what it has missed', async () => {
    const hub = new LiveHub();
    hub.define('clusters', () => []);
    const heard: LiveDelta[][] = [[], [], []];
    let take: (() => void) | undefined;
    for (const [index, deltas] of heard.entries()) {
      const subscriber = hub.connect(batch => {
        deltas.push(...batch);
        return index < 2 ? Promise.resolve() : new Promise(resolve => (take ??= resolve));
      });
      await hub.subscribe(subscriber, { topic: 'clusters' });
    }
    for (const key of ['a', 'b', 'c']) {
      hub.publish('clusters', key, 1);
      await pause();
    }
    take?.();
    await pause();
    const [first, second, slow] = heard;
    expect(first).toHaveLength(3);
    for (const [place, delta] of first?.entries() ?? []) expect(second?.[place]).toBe(delta);
    expect(slow?.map(({ afterSeq, seq }) => [afterSeq, seq])).toEqual([
      [0, 1],
      [1, 3],
    ]);
  });

  it('remembers removals until every dashboard was told, and a few for those that come back', async () => {
    const hub = new LiveHub();
    hub.define('clusters', () => []);
    const left = new Set<string>();
    let take: (() => void) | undefined;
    const slow = hub.connect(batch => {
      for (const { changes } of batch)
        for (const { key, value } of changes) value === null ? left.delete(key) : left.add(key);
      return new Promise(resolve => {
        take = resolve;
      });
    });
    await hub.subscribe(slow, { topic: 'clusters' });
    const back = hub.connect(async () => {});
    const again = (afterSeq: number) =>
      hub.subscribe(back, { topic: 'clusters', epoch: hub.epoch, afterSeq });
    const keys = Array.from({ length: 1_000 }, (_, n) => `key-${n}`);
    for (const key of keys) hub.publish('clusters', key, 1);
    await pause();
    expect(left.size).toBe(1_000);
    for (const key of keys) hub.publish('clusters', key, null);
    expect(await again(1_000)).toMatchObject({ ok: true, delta: { afterSeq: 1_000, seq: 2_000 } });
    take?.();
    await pause();
    expect(left.size).toBe(0);
    // Now nobody is behind, and the next removal lets the old ones go.
    for (const value of [1, null]) hub.publish('clusters', 'last', value);
    expect(await again(1_000)).toMatchObject({ ok: true, snapshot: { seq: 2_002, values: [] } });
    const recent = await again(2_000 - 200);
    expect(recent.ok && 'delta' in recent && recent.delta.changes).toHaveLength(201);
  });

  it('keeps whoever looks while the source is asked waiting for all of it', async () => {
    const hub = new LiveHub();
    let answer: ((values: { key: string; value: unknown }[]) => void) | undefined;
    hub.define('clusters', () => new Promise(resolve => (answer = resolve)));
    const looks = [1, 2].map(() =>
      hub.subscribe(
        hub.connect(async () => {}),
        { topic: 'clusters' },
      ),
    );
    await pause();
    hub.publish('clusters', 'gone', null);
    answer?.([
      { key: 'a', value: 1 },
      { key: 'gone', value: 2 },
    ]);
    const snapshot = { seq: 1, values: [{ key: 'a', value: 1 }] };
    expect(await Promise.all(looks)).toMatchObject([
      { ok: true, snapshot },
      { ok: true, snapshot },
    ]);
  });

  it('asks the source again when it could not answer', async () => {
    const hub = new LiveHub();
    let asked = 0;
    hub.define('clusters', () => {
      if (++asked === 1) throw new Error('not now');
      return [];
    });
    const subscriber = hub.connect(async () => {});
    await expect(hub.subscribe(subscriber, { topic: 'clusters' })).rejects.toThrow('not now');
    expect(await hub.subscribe(subscriber, { topic: 'clusters' })).toMatchObject({ ok: true });
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
