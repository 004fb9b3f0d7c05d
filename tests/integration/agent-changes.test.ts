import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentTask, TaskAction } from '../../common/agent-protocol/index.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** A real agent that sets labels, taints and fields of NodePools, while others change the same objects. */
let world: AgentWorld;
let agent: AgentProcess;
let epoch = 0;

beforeAll(async () => {
  world = await startAgentWorld();
  agent = world.start(['--join', 'token']);
  await world.server.until(() => world.server.handshakes[0], 'The handshake', 60_000);
});
afterAll(() => world.close());

function order(action: TaskAction, dryRun = false): AgentTask {
  epoch++;
  return { taskId: `task-${epoch}`, epoch, deadlineAt: Date.now() + 60_000, dryRun, action };
}

function carryOut(action: TaskAction, dryRun = false) {
  const task = order(action, dryRun);
  world.server.offer(task);
  return world.server.end(task.taskId, 40_000);
}

type Taint = { readonly key: string; readonly effect: string; readonly value?: string };
const nodes = () => world.cluster.store.list('nodes');
const nodeNamed = (name: string) => world.cluster.store.get('nodes', undefined, name);
const taintsOf = (name: string) => (nodeNamed(name)?.spec?.taints ?? []) as readonly Taint[];
const pool = () => {
  const [first] = world.cluster.store.list('nodepools');
  if (!first) throw new Error('no NodePool');
  return first;
};
const refOf = (object: { metadata: { name: string; uid: string } } | undefined) => ({
  name: object?.metadata.name ?? '',
  uid: object?.metadata.uid ?? '',
});
const patches = () => world.api.requests.filter(({ method }) => method === 'PATCH');

describe('an agent that changes one thing of an object', () => {
  it('loses none of 200 taints that others set at the same time, nor its own', async () => {
    const [node] = nodes();
    const ref = refOf(node);
    const taint = { key: 'example.com/leaving', value: 'soon', effect: 'NoSchedule' } as const;
    let foreign = 0;
    const others = setInterval(() => {
      if (foreign >= 200) return;
      foreign++;
      world.cluster.store.update('nodes', undefined, ref.name, current => ({
        ...current,
        spec: {
          ...current.spec,
          taints: [
            ...(current.spec.taints ?? []),
            { key: `other.example/${foreign}`, effect: 'PreferNoSchedule' },
          ],
        },
      }));
    }, 2);
    try {
      const ends = [];
      for (let round = 0; foreign < 200; round++) {
        ends.push(await carryOut({ kind: 'taint', node: ref, taint, present: round % 2 === 0 }));
      }
      ends.push(await carryOut({ kind: 'taint', node: ref, taint, present: true }));
      expect(ends.every(({ state }) => state === 'done')).toBe(true);
    } finally {
      clearInterval(others);
    }
    const taints = taintsOf(ref.name);
    expect(taints.filter(({ key }) => key.startsWith('other.example/'))).toHaveLength(200);
    expect(taints.filter(({ key }) => key === taint.key)).toEqual([taint]);
    // It did meet the changes of others.
    expect(patches().filter(({ code }) => code === 409).length).toBeGreaterThan(0);
  });

  it('sets and removes a label and a taint, once, and tries them out without changing anything', async () => {
    const [node] = nodes();
    const ref = refOf(node);
    const label = { kind: 'label', node: ref, key: 'example.com/team', value: 'shop' } as const;
    const before = nodeNamed(ref.name);
    expect((await carryOut(label, true)).detail).toBe(
      `Dry run: Node ${ref.name} would be changed so that it has the label example.com/team=shop.`,
    );
    expect(nodeNamed(ref.name)?.metadata.labels).toEqual(before?.metadata.labels);
    expect((await carryOut(label)).detail).toBe(`Node ${ref.name} has the label example.com/team=shop.`);
    expect((await carryOut(label)).detail).toBe(
      `Node ${ref.name} has the label example.com/team=shop already.`,
    );
    expect((await carryOut({ ...label, value: null })).state).toBe('done');
    expect(nodeNamed(ref.name)?.metadata.labels).toEqual(before?.metadata.labels);
    const taint = {
      kind: 'taint',
      node: ref,
      taint: { key: 'example.com/x', effect: 'NoSchedule' },
    } as const;
    await carryOut({ ...taint, present: true });
    expect(taintsOf(ref.name)).toContainEqual(taint.taint);
    await carryOut({ ...taint, present: false });
    expect(nodeNamed(ref.name)?.spec).toEqual(before?.spec);
  });

  it('refuses a node of another uid and what Kubernetes itself acts on, and changes nothing', async () => {
    const [node] = nodes();
    const ref = refOf(node);
    const before = nodeNamed(ref.name)?.metadata.labels;
    const count = patches().length;
    const zone = { kind: 'label', node: ref, key: 'topology.kubernetes.io/zone', value: 'x' } as const;
    expect(await carryOut(zone)).toMatchObject({ state: 'refused', detail: expect.stringContaining('own') });
    const replaced = { ...zone, key: 'a', node: { ...ref, uid: 'another' } };
    expect(await carryOut(replaced)).toMatchObject({
      state: 'refused',
      detail: expect.stringContaining('another one now'),
    });
    expect(nodeNamed(ref.name)?.metadata.labels).toEqual(before);
    expect(patches()).toHaveLength(count);
  });

  it('sets fields of a NodePool and nothing else of it, and not those that Git keeps', async () => {
    const before = pool();
    const action: TaskAction = {
      kind: 'change-nodepool',
      pool: refOf(before),
      set: {
        limits: { cpu: '200' },
        weight: 20,
        budgets: [{ nodes: '10%' }],
        consolidationPolicy: 'WhenEmptyOrUnderutilized',
        consolidateAfter: '5m',
      },
    };
    expect((await carryOut(action, true)).detail).toContain('Dry run');
    expect(pool().spec).toEqual(before.spec);
    expect((await carryOut(action)).detail).toContain('has a limit of 200 cpu, weight 20');
    expect(pool().spec).toEqual({
      ...before.spec,
      limits: { cpu: '200' },
      weight: 20,
      disruption: {
        budgets: [{ nodes: '10%' }],
        consolidationPolicy: 'WhenEmptyOrUnderutilized',
        consolidateAfter: '5m',
      },
    });
    const count = patches().length;
    expect((await carryOut(action)).detail).toContain('already');
    expect(patches()).toHaveLength(count);
    await carryOut({ ...action, set: { weight: null, limits: { cpu: null } } });
    expect(pool().spec).not.toHaveProperty('weight');
    world.cluster.store.update('nodepools', undefined, before.metadata.name, current => ({
      ...current,
      metadata: { ...current.metadata, labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
    }));
    expect(await carryOut(action)).toMatchObject({
      state: 'refused',
      detail: expect.stringContaining('Flux'),
    });
  });

  it('does not repeat a change that somebody turned back while it was away', async () => {
    const [node] = nodes();
    const ref = refOf(node);
    const hasLabel = () => nodeNamed(ref.name)?.metadata.labels?.['example.com/team'] === 'shop';
    const killed = new Promise<void>(resolve => {
      const stop = world.cluster.store.subscribe(({ resource }) => {
        if (resource !== 'nodes' || !hasLabel()) return;
        stop();
        agent.kill();
        void agent.ended.then(() => resolve());
      });
    });
    const task = order({ kind: 'label', node: ref, key: 'example.com/team', value: 'shop' });
    world.server.offer(task);
    await killed;
    world.cluster.store.update('nodes', undefined, ref.name, current => {
      const { 'example.com/team': _, ...labels } = current.metadata.labels ?? {};
      return { ...current, metadata: { ...current.metadata, labels } };
    });
    world.start();
    expect((await world.server.end(task.taskId)).state).toBe('done');
    expect(hasLabel()).toBe(false);
  });
});
