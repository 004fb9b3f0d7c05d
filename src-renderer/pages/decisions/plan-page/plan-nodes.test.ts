import { expect, it } from 'vitest';
import type { Plan, PlanPod, RunNode } from '../../../../common/contracts/index.ts';
import { partnersOf, plannedNodes } from './plan-nodes.ts';

const runNode = (name: string, cpuMilli: number): RunNode => ({
  name,
  uid: `uid-${name}`,
  instanceType: 'm5.large',
  zone: 'us-east-1a',
  capacityType: 'on-demand',
  cordoned: false,
  allocatable: { cpuMilli: 2_000, memoryBytes: 8e9 },
  requested: { cpuMilli, memoryBytes: 1e9 },
  priceMicroUsdPerHour: 96_000,
});
const pod = (name: string, from: string | null, to: string | null): PlanPod => ({
  namespace: 'shop',
  name,
  uid: name,
  owner: null,
  from,
  to,
  requests: { cpuMilli: 300, memoryBytes: 1e8 },
});
const planOf = (pods: readonly PlanPod[]): Plan =>
  ({
    remove: [{ name: 'a', uid: 'uid-a', priceMicroUsdPerHour: 90_000 }],
    add: [
      {
        key: 'new-1',
        instanceType: 'm6i.large',
        zone: 'us-east-1a',
        capacityType: 'spot',
        allocatable: null,
      },
    ],
    pods,
  }) as unknown as Plan;

it('takes pods from the nodes that they leave and puts them where they go', () => {
  const plan = planOf([pod('one', 'a', 'b'), pod('two', 'a', 'new-1'), pod('three', null, 'b')]);
  const nodes = plannedNodes(plan, [runNode('a', 600), runNode('b', 500)]);
  expect(
    nodes.map(({ name, fate, before, after }) => [name, fate, before.cpuMilli, after?.cpuMilli]),
  ).toEqual([
    ['a', 'goes', 600, 0],
    ['b', 'stays', 500, 1_100],
    ['new-1', 'comes', 0, 300],
  ]);
  const [a] = nodes;
  expect(a && [...partnersOf(a)]).toEqual(['b', 'new-1']);
});

it('does not guess what a node holds when a pod does not say what it requests', () => {
  const plan = planOf([{ ...pod('one', 'a', 'b'), requests: null }]);
  expect(plannedNodes(plan, [runNode('a', 600), runNode('b', 500)])[1]?.after).toBeNull();
});
