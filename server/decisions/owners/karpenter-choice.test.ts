import { describe, expect, it } from 'vitest';
import { karpenterChoice } from './karpenter-choice.ts';
import { admits, meets, widened } from './karpenter-requirements.ts';
import { offerings, poolOf, waiting } from './owner-input.fixture.ts';

const none = { cpuMilli: 0, memoryBytes: 0, pods: 0 };
const bought = (...args: Parameters<typeof karpenterChoice>) =>
  karpenterChoice(...args).purchases.map(
    ({ pool, options: [first] }) => `${pool}: ${first?.instanceType} ${first?.capacityType} ${first?.zone}`,
  );
const only = (key: string, ...values: string[]) => ({ key, operator: 'In', values });
const capacity = (...values: string[]) => only('karpenter.sh/capacity-type', ...values);

describe('the model of Karpenter’s choice', () => {
  it('buys the cheapest Spot that fits where Spot may be', () => {
    expect(bought([poolOf('web')], offerings, [waiting(), waiting()], none)).toEqual([
      'web: c5.large spot us-east-1b',
    ]);
  });

  it('puts pods together as long as one type holds them, then opens another node', () => {
    const pods = Array.from({ length: 10 }, () => waiting(1500));
    const pool = poolOf('web', {
      requirements: [capacity('on-demand'), only('node.kubernetes.io/instance-type', 'm5.xlarge')],
    });
    expect(bought([pool], offerings, pods, none)).toEqual(
      Array(5).fill('web: m5.xlarge on-demand us-east-1a'),
    );
    // With what DaemonSets need, only two pods still fit, and with more one.
    expect(bought([pool], offerings, pods, { ...none, cpuMilli: 1000 })).toHaveLength(10);
  });

  it('tries the pool of the highest weight first, of equal ones that of the later name', () => {
    const dear = { requirements: [capacity('on-demand')] };
    expect(bought([poolOf('a'), poolOf('b', dear)], offerings, [waiting()], none)[0]).toMatch(
      /^b: .* on-demand/,
    );
    expect(bought([poolOf('a', { weight: 1 }), poolOf('b', dear)], offerings, [waiting()], none)[0]).toMatch(
      /^a: .* spot/,
    );
  });

  it('heeds taints and node selectors, and tells what finds nothing', () => {
    const tainted = poolOf('gpu', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] });
    expect(karpenterChoice([tainted], offerings, [waiting()], none)).toEqual({ purchases: [], unplaced: 1 });
    const tolerant = { ...waiting(), tolerations: [{ key: 'gpu', operator: 'Exists' }] };
    expect(karpenterChoice([tainted], offerings, [tolerant], none).unplaced).toBe(0);
    const selected = waiting(500, 1, { 'topology.kubernetes.io/zone': 'us-east-1a' });
    expect(bought([poolOf('web')], offerings, [selected], none)[0]).toMatch(/us-east-1a$/);
    expect(
      karpenterChoice([poolOf('web')], offerings, [waiting(500, 1, { disk: 'ssd' })], none).unplaced,
    ).toBe(1);
  });

  it('leaves out Spot that is dearer than on-demand', () => {
    const dear = offerings.map(one =>
      one.capacityType === 'spot' ? { ...one, priceMicroUsdPerHour: 999_000 } : one,
    );
    expect(bought([poolOf('web')], dear, [waiting()], none)[0]).toMatch(/c5.large on-demand/);
  });
});

describe('a requirement of a NodePool', () => {
  it.each([
    ['In', ['5'], '5', true],
    ['In', ['5'], '6', false],
    ['NotIn', ['5'], undefined, true],
    ['NotIn', ['5'], '5', false],
    ['Exists', [], '5', true],
    ['Exists', [], undefined, false],
    ['DoesNotExist', [], '5', false],
    ['Gt', ['5'], '5', false],
    ['Gt', ['5'], '6', true],
    ['Lt', ['5'], '4', true],
    ['Gte', ['5'], '5', true],
    ['Lte', ['5'], '6', false],
    ['Gt', ['5'], undefined, false],
  ] as const)(
    '%s %s is held against %s, and widened until it admits it',
    (operator, values, value, expected) => {
      const requirement = { key: 'karpenter.k8s.aws/instance-generation', operator, values: [...values] };
      expect(meets(requirement, value)).toBe(expected);
      const wide = widened(requirement, value);
      if (wide) expect(meets(wide, value)).toBe(true);
    },
  );

  it('reads category and generation off the name, and passes over what nobody knows before a launch', () => {
    const [c5] = offerings;
    if (!c5) throw new Error('there are offerings');
    const admitted = (key: string, ...values: string[]) =>
      admits({ requirements: [only(key, ...values)], labels: { team: 'a' } }, c5);
    expect(admitted('karpenter.k8s.aws/instance-category', 'c')).toBe(true);
    expect(admitted('karpenter.k8s.aws/instance-category', 'm')).toBe(false);
    expect(admitted('karpenter.k8s.aws/instance-generation', '5')).toBe(true);
    expect(admitted('karpenter.k8s.aws/instance-hypervisor', 'xen')).toBe(true);
    expect(admitted('team', 'b')).toBe(false);
  });
});
