import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveDelta, SubscribeAnswer } from '../../../common/live-topics.ts';
import { LiveHub } from '../live/live-hub.ts';
import { createLog } from '../log.ts';
import { RelayedHub, type TopicLook } from './relayed-hub.ts';

const pause = () => new Promise(resolve => setTimeout(resolve, 2));
const log = createLog('silent');

/** A leader's hub whose topic holds what `state` says, and what it answers a follower. */
function openLeader(state: ReadonlyMap<string, unknown>, send: (batch: LiveDelta[]) => void) {
  const hub = new LiveHub();
  hub.define('clusters', () => [...state].map(([key, value]) => ({ key, value })));
  const relay = hub.connect(async batch => send(batch));
  const answer = async (look: TopicLook): Promise<SubscribeAnswer> => {
    const once = hub.connect(async () => undefined);
    const told = await hub.subscribe(once, look);
    once.close();
    return told;
  };
  return { hub, relay, answer };
}

describe('RelayedHub', () => {
  it('always leads a dashboard to the state of the leader, whatever is lost, doubled or late, and whoever leads', async () => {
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('set' as const),
        key: fc.constantFrom('a', 'b', 'c'),
        value: fc.option(fc.integer()),
      }),
      fc.record({
        kind: fc.constantFrom('lose' as const, 'double' as const, 'late' as const, 'new leader' as const),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const state = new Map<string, unknown>();
        const late: LiveDelta[][] = [];
        let fate: 'pass' | 'lose' | 'double' | 'late' = 'pass';
        const send = (batch: LiveDelta[]) => {
          if (fate === 'late') late.push(batch);
          if (fate === 'pass' || fate === 'double') hub.receive(batch);
          if (fate === 'double') hub.receive(batch);
          fate = 'pass';
        };
        let leader = openLeader(state, send);
        const hub = new RelayedHub(
          async looks => Promise.all(looks.map(leader.answer)),
          () => true,
          log,
        );
        await leader.hub.subscribe(leader.relay, { topic: 'clusters' });
        const seen = new Map<string, unknown>();
        let last = 0;
        const dashboard = hub.connect(async batch => {
          for (const { afterSeq, seq, changes } of batch) {
            expect(afterSeq).toBe(last);
            last = seq;
            for (const { key, value } of changes) value === null ? seen.delete(key) : seen.set(key, value);
          }
        });
        await hub.subscribe(dashboard, { topic: 'clusters' });
        for (const one of steps) {
          if (one.kind === 'set') {
            if (one.value === null) state.delete(one.key);
            else state.set(one.key, one.value);
            leader.hub.publish('clusters', one.key, one.value);
            await new Promise(resolve => setImmediate(resolve));
          } else if (one.kind === 'new leader') {
            leader = openLeader(state, send);
            await leader.hub.subscribe(leader.relay, { topic: 'clusters' });
          } else fate = one.kind;
        }
        await pause();
        for (const batch of late) hub.receive(batch);
        // As every ten seconds.
        await hub.catchUp();
        await pause();
        hub.close();
        expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(state));
      }),
      { numRuns: 100 },
    );
  });

  it('shows a topic as it is when somebody looks again, after nobody watched it', async () => {
    const state = new Map<string, unknown>([
      ['a', 1],
      ['b', 2],
    ]);
    const leader = openLeader(state, () => undefined);
    const hub = new RelayedHub(
      async looks => Promise.all(looks.map(leader.answer)),
      () => true,
      log,
    );
    const first = hub.connect(async () => undefined);
    await hub.subscribe(first, { topic: 'clusters' });
    first.close();
    leader.hub.publish('clusters', 'a', null);
    const again = await hub.subscribe(
      hub.connect(async () => undefined),
      { topic: 'clusters' },
    );
    hub.close();
    expect(again).toMatchObject({ ok: true, snapshot: { values: [{ key: 'b', value: 2 }] } });
  });

  it('refuses a topic that the leader does not have', async () => {
    const leader = openLeader(new Map(), () => undefined);
    const hub = new RelayedHub(
      async looks => Promise.all(looks.map(leader.answer)),
      () => true,
      log,
    );
    const answer = await hub.subscribe(
      hub.connect(async () => undefined),
      { topic: 'secrets' },
    );
    hub.close();
    expect(answer).toMatchObject({ ok: false, message: 'There is no live topic "secrets".' });
  });
});
