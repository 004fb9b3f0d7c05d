import { describe, expect, it } from 'vitest';
import type { PodObject } from '../../common/kubernetes/index.ts';
import { judgePods } from './drain-rules.ts';

interface Traits {
  readonly owner?: string;
  readonly annotations?: Record<string, string>;
  readonly spec?: PodObject['spec'];
  readonly phase?: string;
  readonly leaving?: boolean;
}

function pod(name: string, traits: Traits = {}): PodObject {
  const { owner = 'ReplicaSet', annotations = {}, spec = {}, phase = 'Running', leaving } = traits;
  return {
    metadata: {
      namespace: 'shop',
      name,
      uid: `uid-${name}`,
      annotations,
      ...(owner === '' ? {} : { ownerReferences: [{ kind: owner, name: 'o', controller: true }] }),
      ...(leaving ? { deletionTimestamp: '2026-11-01T00:00:00Z' } : {}),
    },
    spec,
    status: { phase },
  };
}

const scratch = { volumes: [{ emptyDir: {} }] };
const mirror = { 'kubernetes.io/config.mirror': 'x' };
const hands = { 'karpenter.sh/do-not-disrupt': 'true' };

describe('drain rules', () => {
  it.each<[string, PodObject, 'evict' | 'stay' | 'leaving' | RegExp]>([
    ['a pod of a ReplicaSet goes', pod('a'), 'evict'],
    ['a pod of a StatefulSet goes', pod('a', { owner: 'StatefulSet' }), 'evict'],
    ['a pod of a Job goes', pod('a', { owner: 'Job' }), 'evict'],
    ['a pending pod goes', pod('a', { phase: 'Pending' }), 'evict'],
    ['a pod of a DaemonSet stays', pod('a', { owner: 'DaemonSet' }), 'stay'],
    ['a mirror pod stays', pod('a', { owner: 'Node', annotations: mirror }), 'stay'],
    [
      'a mirror pod stays, whatever else it is',
      pod('a', { owner: '', annotations: mirror, spec: scratch }),
      'stay',
    ],
    ['a finished pod stays', pod('a', { owner: '', phase: 'Succeeded' }), 'stay'],
    ['a failed pod stays', pod('a', { phase: 'Failed', spec: scratch }), 'stay'],
    ['a terminating pod is waited for', pod('a', { leaving: true }), 'leaving'],
    ['a terminating bare pod is waited for', pod('a', { owner: '', leaving: true }), 'leaving'],
    ['a bare pod is refused', pod('a', { owner: '' }), /shop\/a has no controller/],
    ['local storage is refused', pod('a', { spec: scratch }), /shop\/a has an emptyDir/],
    ['do-not-disrupt is refused', pod('a', { annotations: hands }), /shop\/a asks not to be disrupted/],
  ])('%s', (_, one, expected) => {
    const { evict, leaving, objections } = judgePods([one], false);
    expect([evict.length, leaving.length]).toEqual([
      expected === 'evict' ? 1 : 0,
      expected === 'leaving' ? 1 : 0,
    ]);
    if (expected instanceof RegExp) expect(objections.join()).toMatch(expected);
    else expect(objections).toEqual([]);
  });

  it('lets local storage go only when the task allows it', () => {
    expect(judgePods([pod('a', { spec: scratch })], true).evict).toHaveLength(1);
    expect(judgePods([pod('a', { spec: scratch, annotations: hands })], true).evict).toHaveLength(0);
  });

  it('evicts the least important first, then by name, and names every objection', () => {
    const pods = [
      pod('b'),
      pod('c', { spec: { priority: 1000 } }),
      pod('a'),
      pod('d', { spec: { priority: -1 } }),
    ];
    expect(judgePods(pods, false).evict.map(one => one.name)).toEqual(['d', 'a', 'b', 'c']);
    expect(judgePods([pod('x', { owner: '' }), pod('y', { spec: scratch })], false).objections).toHaveLength(
      2,
    );
  });
});
