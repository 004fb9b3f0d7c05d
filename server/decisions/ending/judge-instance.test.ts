import { describe, expect, it } from 'vitest';
import type { SeenGroup, SeenInstance } from '../capacity/instance-ends.ts';
import { groupProblems, isEnded, unprovenWords } from './judge-instance.ts';

const instance: SeenInstance = {
  instanceId: 'i-0a',
  state: 'running',
  zone: 'us-east-1a',
  privateDnsName: 'ip-10-0-0-4.ec2.internal',
  tags: { 'kubernetes.io/cluster/prod': 'owned' },
  place: null,
};
const node = { name: 'ip-10-0-0-4.ec2.internal', zone: 'us-east-1a' };
const cluster = { name: 'shop', awsName: 'prod' };
const own = { 'cloudoptim:plan': 'p', 'cloudoptim:cluster': 'shop' };

describe('the instance behind a node', () => {
  it.each([
    ['by the tag of its cluster', {}, node],
    ['by the tags of CloudOptim', { tags: own }, node],
    ['when the node is called by its id', {}, { ...node, name: 'i-0a.us-east-1.compute.internal' }],
    ['in a domain of one’s own', { privateDnsName: 'ip-10-0-0-4.corp.example' }, node],
    ['when the node tells no zone', { zone: 'us-east-1b' }, { ...node, zone: null }],
  ])('is proven %s', (_how, change, subject) => {
    expect(unprovenWords({ ...instance, ...change }, subject, cluster)).toBeUndefined();
  });

  it.each([
    ['carries no tag', { tags: {} }, /neither the tag kubernetes.io\/cluster\/prod nor one of CloudOptim/],
    ['is of another cluster', { tags: { 'kubernetes.io/cluster/production': 'owned' } }, /neither the tag/],
    [
      'was launched for another cluster',
      { tags: { ...own, 'cloudoptim:cluster': 'other' } },
      /neither the tag/,
    ],
    ['has another name', { privateDnsName: 'ip-10-0-0-40.ec2.internal' }, /is called ip-10-0-0-40/],
    ['has no name', { privateDnsName: null }, /is called nothing in EC2/],
    ['runs in another zone', { zone: 'us-east-1b' }, /runs in us-east-1b, not in us-east-1a/],
  ])('is not proven where it %s', (_what, change, words) => {
    expect(unprovenWords({ ...instance, ...change }, node, cluster)).toMatch(words);
  });

  it('is known by CloudOptim’s own tags alone where nobody said what AWS calls the cluster', () => {
    const unnamed = { ...cluster, awsName: undefined };
    expect(unprovenWords({ ...instance, tags: own }, node, unnamed)).toBeUndefined();
    expect(unprovenWords(instance, node, unnamed)).toMatch(/carries no tag of CloudOptim/);
  });

  it('has come to its end when EC2 shuts it down or knows it no more, not when it is stopped', () => {
    const ended = (state: string) => isEnded({ ...instance, state });
    expect([isEnded(undefined), ended('shutting-down'), ended('terminated')]).toEqual([true, true, true]);
    expect([ended('running'), ended('stopping'), ended('stopped')]).toEqual([false, false, false]);
  });
});

describe('instances that leave a group', () => {
  const group: SeenGroup = { name: 'web', desired: 5, min: 3, isBalancing: false };
  const groups = new Map([['web', group]]);
  const member = (id: string, more: Partial<SeenInstance> = {}, isProtected = false) => ({
    node: `node-${id}`,
    instance: {
      ...instance,
      instanceId: id,
      place: { group: 'web', lifecycleState: 'InService', isProtected },
      ...more,
    },
  });

  it('may be as many as it has above its minimum, all of a plan together', () => {
    expect(groupProblems([member('i-1'), member('i-2')], groups)).toEqual([]);
    expect(groupProblems([member('i-1'), member('i-2'), member('i-3')], groups)).toEqual([
      'Auto Scaling group web wants 5 instances and keeps at least 3, so 3 cannot leave: aws autoscaling update-auto-scaling-group --auto-scaling-group-name web --min-size 2 makes room.',
    ]);
  });

  it('are told by the name of the EKS node group whose minimum counts', () => {
    const tags = { 'eks:cluster-name': 'prod', 'eks:nodegroup-name': 'general' };
    const kept = new Map([['web', { ...group, desired: 3 }]]);
    expect(groupProblems([member('i-1', { tags })], kept)[0]).toMatch(
      /so one cannot leave: aws eks update-nodegroup-config --cluster-name prod --nodegroup-name general --scaling-config minSize=2 makes room/,
    );
  });

  it('may not be protected, and their group has to be there', () => {
    expect(groupProblems([member('i-1', {}, true)], groups)[0]).toMatch(
      /i-1 of node node-i-1 is protected from scale-in by Auto Scaling group web: aws autoscaling set-instance-protection/,
    );
    expect(groupProblems([member('i-1')], new Map())).toEqual([
      'Auto Scaling group web is not known to AWS any more.',
    ]);
  });

  it('are no matter where they are in none', () => {
    expect(groupProblems([{ node: 'a', instance }], new Map())).toEqual([]);
  });
});
