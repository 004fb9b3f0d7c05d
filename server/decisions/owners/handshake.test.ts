import { describe, expect, it } from 'vitest';
import type { InventoryNode, InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import { nodeAt, stateOf } from '../small-cluster.fixture.ts';
import { demandHandshake, type OwnedCluster, withoutHandshake } from './handshake.ts';

const pool: InventoryNodePool = {
  kind: 'NodePool',
  name: 'web',
  uid: 'p',
  weight: 0,
  requirements: [],
  labels: {},
  taints: [],
  limits: {},
  consolidationPolicy: null,
  consolidateAfter: null,
  budgets: [],
};
const registered = { 'karpenter.sh/nodepool': 'web', 'karpenter.sh/registered': 'true' };

function clusterWith(labels: InventoryNode['labels'], nodePools: InventoryNodePool[] = [pool]): OwnedCluster {
  const { inventory, scheduling } = stateOf([nodeAt('a')], []);
  return {
    inventory: { ...inventory, nodes: inventory.nodes.map(node => ({ ...node, labels })) },
    scheduling: { ...scheduling, nodePools },
  };
}
const problems = (...args: Parameters<typeof clusterWith>) =>
  withoutHandshake([{ uid: 'uid-a' }], clusterWith(...args));

describe('deleting the Node object', () => {
  it.each([
    ['a node that Karpenter registered', registered],
    ['a node that nobody owns', {}],
  ])('is a proper order for %s', (_what, labels) => {
    expect(problems(labels)).toEqual([]);
  });

  it.each([
    [
      'of an EKS node group',
      { 'eks.amazonaws.com/nodegroup': 'general' },
      /EKS node group general.*desired size/,
    ],
    [
      'of an Auto Scaling group',
      { 'alpha.eksctl.io/nodegroup-name': 'ng' },
      /Auto Scaling group ng.*desired size/,
    ],
    ['that Karpenter has not registered', { 'karpenter.sh/nodepool': 'web' }, /NodePool web.*not registered/],
  ])('is refused for a node %s, in one sentence', (_what, labels, words) => {
    const found = problems(labels);
    expect(found).toEqual([expect.stringMatching(words)]);
    expect(found[0]).toMatch(/^Node a .*\.$/);
  });

  it('is refused for a NodePool that keeps a number of nodes', () => {
    expect(problems(registered, [{ ...pool, replicas: 3 }])[0]).toMatch(/NodePool web, which keeps 3 nodes/);
  });

  it('is refused as a whole when one node of a plan may not go, with how many more', () => {
    const { inventory, scheduling } = stateOf([nodeAt('a'), nodeAt('b')], []);
    const labels = { 'eks.amazonaws.com/nodegroup': 'general' };
    const cluster = {
      inventory: { ...inventory, nodes: inventory.nodes.map(node => ({ ...node, labels })) },
      scheduling,
    };
    const remove = inventory.nodes.map(({ name, uid }) => ({
      name,
      uid,
      instanceType: 'm5.xlarge',
      zone: 'us-east-1a',
      capacityType: 'on-demand' as const,
      priceMicroUsdPerHour: 1,
    }));
    expect(() => demandHandshake({ remove }, cluster)).toThrow(/Node a belongs.*with 1 more of its nodes/);
    expect(() => demandHandshake({ remove }, undefined)).not.toThrow();
  });
});
