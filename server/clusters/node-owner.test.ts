import { describe, expect, it } from 'vitest';
import type { InventoryNodeClaim } from '../../common/agent-protocol/index.ts';
import { isRegistered, nodeOwner } from './node-owner.ts';

const claim: InventoryNodeClaim = {
  kind: 'NodeClaim',
  name: 'web-x1',
  uid: 'c',
  nodePool: 'web',
  nodeName: 'n1',
  terminating: false,
};
const node = (
  labels: Record<string, string>,
  more: { taint?: string; nodeClaim?: string; name?: string } = {},
) => ({
  name: more.name ?? 'n1',
  labels,
  taints: more.taint === undefined ? [] : [{ key: more.taint, effect: 'NoSchedule' }],
  ...(more.nodeClaim === undefined ? {} : { nodeClaim: more.nodeClaim }),
});
const eks = { 'eks.amazonaws.com/nodegroup': 'general' };

describe('the owner of a node', () => {
  it.each([
    ['a NodePool label', node({ 'karpenter.sh/nodepool': 'web' }), [], 'karpenter', 'web'],
    ['an old Provisioner label', node({ 'karpenter.sh/provisioner-name': 'old' }), [], 'karpenter', 'old'],
    ['an owner reference alone', node({}, { nodeClaim: 'web-x1' }), [], 'karpenter', null],
    ['a NodeClaim that names the node', node({}), [claim], 'karpenter', 'web'],
    ['another node’s NodeClaim', node({}, { name: 'n2' }), [claim], 'nobody', null],
    ['Karpenter before a group', node({ 'karpenter.sh/nodepool': 'web', ...eks }), [], 'karpenter', 'web'],
    ['a managed node group', node(eks), [], 'eks-node-group', 'general'],
    [
      'a managed group made by eksctl',
      node({ ...eks, 'alpha.eksctl.io/nodegroup-name': 'general' }),
      [],
      'eks-node-group',
      'general',
    ],
    [
      'a self-managed group of eksctl',
      node({ 'alpha.eksctl.io/nodegroup-name': 'ng' }),
      [],
      'auto-scaling-group',
      'ng',
    ],
    ['a group of kOps', node({ 'kops.k8s.io/instancegroup': 'nodes' }), [], 'auto-scaling-group', 'nodes'],
    [
      'a tag of the autoscaler as label',
      node({ 'k8s.io/cluster-autoscaler/enabled': '' }),
      [],
      'auto-scaling-group',
      null,
    ],
    [
      'a taint of the autoscaler',
      node({}, { taint: 'ToBeDeletedByClusterAutoscaler' }),
      [],
      'auto-scaling-group',
      null,
    ],
    ['nothing', node({ 'kubernetes.io/os': 'linux' }, { taint: 'dedicated' }), [], 'nobody', null],
  ] as const)('is told by %s', (_name, subject, claims, kind, name) => {
    expect(nodeOwner(subject, claims)).toMatchObject({ kind, name, evidence: expect.stringMatching(/./) });
  });

  it('counts as in Karpenter’s care once it is registered, not by its pool alone', () => {
    const pool = { 'karpenter.sh/nodepool': 'web' };
    expect(isRegistered(node(pool), [])).toBe(false);
    expect(isRegistered(node({ ...pool, 'karpenter.sh/registered': 'true' }), [])).toBe(true);
    expect(isRegistered(node(pool), [claim])).toBe(true);
    expect(isRegistered(node(pool, { nodeClaim: 'web-x1' }), [])).toBe(true);
  });
});
