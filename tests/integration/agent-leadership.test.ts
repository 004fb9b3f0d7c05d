import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubernetesApi } from '../../agent/kubernetes/kubernetes-api.ts';
import { awaitLeadership } from '../../agent/leadership/await-leadership.ts';
import type { LeaderLease } from '../../agent/leadership/leader-lease.ts';
import { leaseTimes } from '../../agent/leadership/leadership-options.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** Replicas in this process, on a real connection to the pretend cluster, with monotonic clocks turned by hand. */
let world: AgentWorld;
let end: AbortController;
const quiet = { info: () => undefined, warn: () => undefined };

beforeEach(async () => {
  world = await startAgentWorld();
  end = new AbortController();
});
afterEach(async () => {
  end.abort();
  await world.close();
});

interface Clock {
  ms: number;
}

const access = () => ({
  server: new URL(world.api.url),
  requestOptions: async () => ({ headers: { authorization: 'Bearer all' } }),
});

function candidate(
  identity: string,
  clock: Clock,
  seconds = 15,
  api = createKubernetesApi(access()),
): Promise<LeaderLease | undefined> {
  return awaitLeadership({
    api,
    lease: { namespace: 'cloudoptim', name: 'cloudoptim-agent' },
    times: { ...leaseTimes(seconds), retryMs: 50 },
    identity,
    log: quiet,
    now: Date.now,
    monotonicMs: () => clock.ms,
    random: Math.random,
    signal: end.signal,
  });
}

const stored = () =>
  world.cluster.store.get('leases', 'cloudoptim', 'cloudoptim-agent') as unknown as {
    metadata: { annotations: Record<string, string> };
    spec: {
      holderIdentity: string;
      leaseTransitions: number;
      leaseDurationSeconds: number;
      renewTime: string;
    };
  };

describe('the lease of an agent with several replicas', () => {
  it('is taken by one of many that want it at once', async () => {
    const clock = { ms: 0 };
    const leaders: string[] = [];
    for (let index = 0; index < 20; index++) {
      void candidate(`replica-${index}`, clock).then(lease => lease && leaders.push(`replica-${index}`));
    }
    await expect.poll(() => leaders.length).toBeGreaterThan(0);
    await new Promise(resolve => setTimeout(resolve, 500));
    expect(leaders).toEqual([stored().spec.holderIdentity]);
    expect(stored().spec).toMatchObject({ leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(stored().spec.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('ends for its holder before another can take it, each by its own clock', async () => {
    const [mine, theirs] = [{ ms: 0 }, { ms: 1_000_000 }];
    const first = await candidate('first', mine);
    expect(first?.holds()).toBe(true);
    const waiting = candidate('second', theirs);
    await expect
      .poll(() => world.api.requests.filter(({ method }) => method === 'GET').length)
      .toBeGreaterThan(2);
    mine.ms = 9_999;
    expect(first?.holds()).toBe(true);
    mine.ms = 60_000;
    expect(first?.holds()).toBe(false);
    expect(first?.lost.aborted).toBe(true);
    await expect(first?.write({ note: 'late' })).rejects.toThrow('does not lead');
    // What it had sent before may arrive late.
    await new Promise(resolve => setTimeout(resolve, 200));
    const cut = stored().spec.renewTime;
    theirs.ms += 14_000;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(stored().spec).toMatchObject({ holderIdentity: 'first', renewTime: cut });
    theirs.ms += 2_000;
    const second = await waiting;
    expect(second?.holds()).toBe(true);
    expect(second?.epoch).toBeGreaterThan(first?.epoch ?? Infinity);
    expect(stored().spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
  });

  it('carries notes to the next leader, and takes none of one that was overtaken without knowing', async () => {
    const [mine, theirs] = [{ ms: 0 }, { ms: 0 }];
    const first = await candidate('first', mine, 3600);
    await first?.write({ 'tasks.cloudoptim.io/t1': 'begun', 'tasks.cloudoptim.io/t2': 'begun' });
    await first?.write({ 'tasks.cloudoptim.io/t2': null });
    const store = world.cluster.store;
    // As if the first one had been suspended, its clock with it.
    store.update('leases', 'cloudoptim', 'cloudoptim-agent', lease => ({
      ...lease,
      spec: { holderIdentity: '' },
    }));
    const second = await candidate('second', theirs, 3600);
    expect(second?.notes).toMatchObject({ 'tasks.cloudoptim.io/t1': 'begun' });
    expect(second?.notes).not.toHaveProperty(['tasks.cloudoptim.io/t2']);
    await expect(first?.write({ 'tasks.cloudoptim.io/t3': 'begun' })).rejects.toThrow('does not lead');
    expect(first?.lost.reason).toContain('second has it now');
    expect(stored().metadata.annotations).not.toHaveProperty(['tasks.cloudoptim.io/t3']);
  });

  it('is asked for before each change, at the last moment, and not for reading', async () => {
    const clock = { ms: 0 };
    const lease = await candidate('first', clock, 3600);
    const api = createKubernetesApi(access(), () => lease?.holds() === true);
    const path = '/api/v1/namespaces/cloudoptim';
    const change = () =>
      api.call({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body: {} });
    expect((await change()).code).toBe(200);
    const late = change();
    // Between the call and its request.
    clock.ms = 3_600_000;
    await expect(late).rejects.toThrow('does not lead');
    await expect(change()).rejects.toThrow('does not lead');
    expect((await api.call({ method: 'GET', path })).code).toBe(200);
    const sent = world.api.requests.filter(({ method, url }) => method === 'PATCH' && url === path);
    expect(sent).toHaveLength(1);
  });

  it('is kept through answers of 502 that end in time, and lost by those that do not', async () => {
    const clock = { ms: 0 };
    const api = createKubernetesApi(access());
    let isBroken = false;
    const lease = await candidate('first', clock, 15, {
      ...api,
      call: call =>
        isBroken
          ? Promise.resolve({ code: 502, body: undefined, retryAfterSeconds: undefined })
          : api.call(call),
    });
    isBroken = true;
    await new Promise(resolve => setTimeout(resolve, 200));
    clock.ms = 9_000;
    expect(lease?.holds()).toBe(true);
    isBroken = false;
    await lease?.write({ note: 'after the trouble' });
    clock.ms = 18_000;
    expect(lease?.holds()).toBe(true);
    isBroken = true;
    await new Promise(resolve => setTimeout(resolve, 200));
    clock.ms = 40_000;
    expect(lease?.holds()).toBe(false);
  });

  it('survives edits of others, and is free at once when it is given up', async () => {
    const clock = { ms: 0 };
    const first = await candidate('first', clock);
    world.cluster.store.update('leases', 'cloudoptim', 'cloudoptim-agent', lease => ({
      ...lease,
      metadata: { ...lease.metadata, labels: { team: 'platform' } },
    }));
    await first?.write({ note: 'after the edit' });
    expect(stored().metadata).toMatchObject({
      labels: { team: 'platform' },
      annotations: { note: 'after the edit' },
    });
    const waiting = candidate('second', clock);
    await first?.giveUp();
    expect(first?.holds()).toBe(false);
    expect((await waiting)?.holds()).toBe(true);
  });
});
