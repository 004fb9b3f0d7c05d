import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../policy.ts';
import type { MachineMarket } from './machine-market.ts';
import { planSnapshot } from './plan-snapshot.ts';
import { readSnapshot } from './read-snapshot.ts';
import { budget, deployment, listOf, node, pod, smallMarket } from './small-snapshot.fixture.ts';

const plan = (text: string, policy = defaultPolicy) =>
  planSnapshot(readSnapshot(text, 'it'), smallMarket, policy, { seed: 1, timeLimitMs: 20_000 });
const names = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

describe('a plan from a snapshot', () => {
  it('empties nodes that are not needed, with a proof, in waves that keep the budget', async () => {
    const nodes = names(6, 'n');
    const pods = nodes.map((on, index) => pod(`web-${index}`, 'web', on));
    const answer = await plan(
      listOf(
        nodes.map(name => node(name)),
        pods,
        deployment('web', 6),
        budget('web', 2),
      ),
      {
        ...defaultPolicy,
        maximumWaveShare: 1,
      },
    );
    // 6 pods of 500 m are 3 cores: one m5.xlarge holds them; an arm64 or burstable node would be cheaper, and is not assumed.
    expect(answer.before).toEqual({ nodes: 6, costUsdHour: 1.152 });
    expect(answer.after).toEqual({ nodes: 1, costUsdHour: 0.192 });
    expect(answer.lowerBoundUsdHour).toBeGreaterThan(0.1);
    expect(answer.lowerBoundUsdHour).toBeLessThanOrEqual(0.192);
    expect(answer.nodes.add).toEqual([]);
    expect(answer.moves).toHaveLength(5);
    expect(answer.waves.map(({ drain }) => drain.length)).toEqual([2, 2, 1]);
    for (const { budgets } of answer.waves)
      for (const { evictions, allowed } of budgets) expect(evictions).toBeLessThanOrEqual(allowed);
    const drained = answer.waves.flatMap(({ drain }) => drain.flatMap(({ pods: each }) => each));
    expect(drained.sort()).toEqual(answer.moves.map(({ pod: key }) => key).sort());
    expect(answer.blocked.map(({ node: name }) => name)).toEqual(answer.nodes.keep);
  });

  it('replaces nodes by a cheaper one of the same group, and says what it must be like', async () => {
    const nodes = names(2, 'n').map(name => node(name, { labels: { team: 'a' } }));
    const pods = [
      pod('web-0', 'web', 'n0'),
      pod('web-1', 'web', 'n1', { spec: { nodeSelector: { team: 'a' } } }),
    ];
    const answer = await plan(listOf(nodes, pods, deployment('web', 2)));
    expect(answer.nodes.remove.map(({ name }) => name)).toEqual(['n0', 'n1']);
    expect(answer.nodes.add).toMatchObject([
      {
        instanceType: 'm5.large',
        capacityType: 'on-demand',
        usdHour: 0.096,
        like: expect.stringContaining('nodegroup=web'),
      },
    ]);
    expect(answer.waves[0]?.add).toEqual(['new-1']);
  });

  it('keeps every pod in its zone, unless the policy lets it go', async () => {
    const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
    const nodes = zones.map((zone, index) =>
      node(`n${index}`, { labels: { 'topology.kubernetes.io/zone': zone } }),
    );
    const pods = zones.map((_, index) => pod(`web-${index}`, 'web', `n${index}`));
    const text = listOf(nodes, pods, deployment('web', 3));
    const own = await plan(text);
    expect(own.nodes.add.map(({ zone }) => zone).sort()).toEqual(zones);
    const free = await plan(text, { ...defaultPolicy, allowOtherZones: true });
    expect(free.after.nodes).toBe(1);
  });

  it.each([
    ['karpenter.sh/do-not-disrupt', 'true', 'pod'],
    ['cluster-autoscaler.kubernetes.io/safe-to-evict', 'false', 'pod'],
    ['autoscaling.cast.ai/removal-disabled', 'true', 'pod'],
    ['spotinst.io/restrict-scale-down', 'true', 'pod'],
    ['cluster-autoscaler.kubernetes.io/scale-down-disabled', 'true', 'node'],
    ['karpenter.sh/do-not-disrupt', 'true', 'node'],
  ])('honours %s=%s of a %s, and says what the node would save', async (key, value, on) => {
    const marks = { annotations: { [key]: value } };
    const nodes = [node('n0', on === 'node' ? marks : {}), node('n1')];
    const pods = [
      pod('web-0', 'web', 'n0', on === 'pod' ? { metadata: { annotations: { [key]: value } } } : {}),
      pod('web-1', 'web', 'n1'),
    ];
    const answer = await plan(listOf(nodes, pods, deployment('web', 2)));
    expect(answer.nodes.remove.map(({ name }) => name)).toEqual(['n1']);
    const [reason] = answer.blocked.find(({ node: name }) => name === 'n0')?.reasons ?? [];
    expect(reason).toMatchObject({ code: 'do-not-disrupt', savesUsdMonth: (0.192 - 0.096) * 730 });
  });

  it('leaves nodes of unknown price alone and names all that keeps a node, not just the first', async () => {
    const nodes = [
      node('n0', { labels: { 'eks.amazonaws.com/capacityType': 'SPOT' } }),
      node('n1', { spec: { unschedulable: true } }),
      node('n2'),
    ];
    const pods = [
      pod('web-0', 'web', 'n0'),
      pod('bare', 'web', 'n1', { metadata: { ownerReferences: [] } }),
      pod('disk', 'web', 'n1', { spec: { volumes: [{ name: 'x', emptyDir: {} }] } }),
      pod('web-2', 'web', 'n2', { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] } }),
    ];
    const answer = await plan(listOf(nodes, pods, deployment('web', 4), budget('web', 0)));
    expect(answer.nodes.remove).toEqual([]);
    expect(answer.unknownPrices).toEqual([{ node: 'n0', reason: 'not on the list' }]);
    const codes = (name: string) =>
      answer.blocked.find(one => one.node === name)?.reasons.map(({ code }) => code);
    expect(codes('n0')).toEqual(['budget-exhausted', 'unknown-price']);
    expect(codes('n1')?.sort()).toEqual(
      ['bare-pod', 'budget-exhausted', 'budget-exhausted', 'local-storage', 'node-cordoned'].sort(),
    );
    expect(codes('n2')).toEqual(['budget-exhausted', 'pinned-volume']);
  });

  it('leaves a node of unknown price that could be emptied, and counts it in no sum', async () => {
    const unknown = node('n0', { labels: { 'eks.amazonaws.com/capacityType': 'SPOT' } });
    const answer = await plan(
      listOf(
        [unknown, node('n1'), node('n2')],
        ['n0', 'n1', 'n2'].map(on => pod(`web-${on}`, 'web', on)),
        deployment('web', 3),
      ),
    );
    expect(answer.nodes.remove.map(({ name }) => name)).toEqual(['n1', 'n2']);
    expect(answer.nodes.keep).toEqual(['n0']);
    expect(answer.unknownPrices.map(({ node: name }) => name)).toEqual(['n0']);
    expect([answer.before, answer.after.costUsdHour]).toEqual([{ nodes: 3, costUsdHour: 0.384 }, 0.096]);
    expect(answer.blocked[0]?.reasons.map(({ code }) => code)).toEqual(['unknown-price']);
  });

  it('keeps pods in the zone of their volumes, and places pending ones', async () => {
    const nodes = [node('n0'), node('n1', { labels: { 'topology.kubernetes.io/zone': 'us-east-1b' } })];
    const pods = [
      pod('db-0', 'db', 'n0', { spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] } }),
      pod('web-1', 'web', 'n1'),
      pod('late', 'web', null, {
        spec: { containers: [{ resources: { requests: { cpu: '100', memory: '1Gi' } } }] },
      }),
      pod('wait', 'web', null),
    ];
    const zone = { key: 'topology.ebs.csi.aws.com/zone', operator: 'In', values: ['us-east-1a'] };
    const volumes = [
      {
        kind: 'PersistentVolumeClaim',
        metadata: { namespace: 'shop', name: 'data' },
        spec: { volumeName: 'pv' },
      },
      {
        kind: 'PersistentVolume',
        metadata: { name: 'pv' },
        spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } } },
      },
    ];
    // Zone b is half the price, and the policy lets pods go there: the volume alone keeps one behind.
    const cheapB: MachineMarket = {
      ...smallMarket,
      priceOf: place => {
        const price = smallMarket.priceOf(place);
        const share = place.zone === 'us-east-1b' ? 0.5 : 1;
        return 'unknown' in price ? price : { microUsdPerHour: price.microUsdPerHour * share };
      },
    };
    const policy = { ...defaultPolicy, allowOtherZones: true };
    const placesOf = async (held: readonly object[]) => {
      const text = listOf(nodes, pods, held as never, deployment('web', 3), deployment('db', 1));
      const answer = await planSnapshot(readSnapshot(text, 'it'), cheapB, policy, {
        seed: 1,
        timeLimitMs: 20_000,
      });
      const zoneOf = (name: string) =>
        answer.nodes.add.find(one => one.name === name)?.zone ??
        (name === 'n0' ? 'us-east-1a' : 'us-east-1b');
      return { answer, zone: zoneOf(answer.moves.find(({ pod: key }) => key === 'shop/db-0')?.to ?? 'n0') };
    };
    const { answer, zone: held } = await placesOf(volumes);
    expect(held).toBe('us-east-1a');
    // The same without what ties the volume: the pod follows the price.
    const [claim, volume] = volumes;
    expect((await placesOf([claim ?? {}, { ...volume, spec: {} }])).zone).toBe('us-east-1b');
    expect(answer.moves.find(({ pod: key }) => key === 'shop/wait')).toMatchObject({ from: null });
    expect(answer.unplaced).toMatchObject([{ pods: 'Deployment/shop/web', count: 1 }]);
  });
});

describe('a plan in a thread', () => {
  // More pods than are copied at once, on either way.
  const nodes = names(320, 'n');
  const apps = names(8, 'app');
  const list = listOf(
    nodes.map(name => node(name)),
    nodes.flatMap((on, index) =>
      Array.from({ length: 3 }, (_, one) => {
        const app = apps[(3 * index + one) % apps.length] ?? '';
        return pod(`${app}-${index}-${one}`, app, on);
      }),
    ),
    ...apps.map(app => deployment(app, 120)),
  );

  const seconds = (count: number) => ({ seed: 1, timeLimitMs: 1000 * count });

  it('is whole however much there is to copy', async () => {
    const answer = await planSnapshot(readSnapshot(list, 'it'), smallMarket, defaultPolicy, seconds(8));
    expect(answer.moves.length).toBeGreaterThan(500);
    const drained = answer.waves.flatMap(({ drain }) => drain.flatMap(({ pods }) => pods));
    expect(drained.toSorted()).toEqual(answer.moves.map(({ pod: key }) => key).toSorted());
    expect(answer.after.costUsdHour).toBeLessThan(answer.before.costUsdHour);
  });

  it('is the same from a thread that planned for another cluster before', async () => {
    const few = names(6, 'n');
    const small = listOf(
      few.map(name => node(name)),
      few.map((on, index) => pod(`web-${index}`, 'web', on)),
      deployment('web', 6),
    );
    const first = await plan(small);
    await planSnapshot(readSnapshot(list, 'it'), smallMarket, defaultPolicy, seconds(1));
    expect(await plan(small)).toEqual(first);
    expect(first.moves.length).toBeGreaterThan(0);
  });

  it('comes although there was no time for it: everything stays, and says why', async () => {
    const snapshot = readSnapshot(list, 'it');
    const answer = await planSnapshot(snapshot, smallMarket, defaultPolicy, { seed: 1, timeLimitMs: 0 });
    expect(answer).toMatchObject({ moves: [], waves: [], gap: null, nodes: { remove: [], add: [] } });
    expect(answer.nodes.keep.toSorted()).toEqual(nodes.toSorted());
    expect(answer.after).toEqual(answer.before);
    expect(answer.before.costUsdHour).toBeCloseTo(320 * 0.192);
    for (const { reasons } of answer.blocked)
      expect(reasons.map(({ code }) => code)).toEqual(['out-of-time']);
  });

  it('is the first that is found when it is asked to end before it began', async () => {
    const options = { seed: 1, timeLimitMs: 300_000, signal: AbortSignal.abort() };
    const answer = await planSnapshot(readSnapshot(list, 'it'), smallMarket, defaultPolicy, options);
    expect(answer.after.costUsdHour).toBeLessThan(answer.before.costUsdHour);
  });
});

describe('a snapshot', () => {
  it.each([
    ['{"kind":"List","items":[', /no JSON, or cut off/],
    ['{"kind":"Pod"}', /is a Pod, not a list/],
    ['[]', /holds no nodes/],
    ['{"kind":"List","items":[7]}', /Item 1 of it is no Kubernetes object/],
    ['{"kind":"NodeList","items":[{}]}', /1 objects without metadata\.name/],
  ])('that is %s is refused in one sentence', (text, message) => {
    expect(() => readSnapshot(text, 'it')).toThrow(message);
  });

  it('tells what it lacks', () => {
    const { warnings } = readSnapshot(listOf(node('n0'), pod('web-0', 'web', 'n0')), 'it');
    expect(warnings.join(' ')).toMatch(/no PodDisruptionBudgets.*no ReplicaSet is in it/);
  });
});
