import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { familyOf, quarterUnitsOf } from '../../../../common/units/index.ts';
import { applyCommitments } from './apply-commitments.ts';
import { type Commitments, NO_COMMITMENTS, type ReservedInstance, type SavingsPlan } from './commitments.ts';
import { effectivePrice } from './effective-price.ts';
import { isSizeFlexible } from './is-size-flexible.ts';
import type { PricedNode } from './node-cost.ts';

const USD = 1_000_000;
const AT = Date.UTC(2026, 7, 1);
const LINUX = 'Linux/UNIX';

function node(instanceType: string, usd: number | undefined, change: Partial<PricedNode> = {}): PricedNode {
  return {
    id: instanceType,
    region: 'us-east-1',
    zone: 'us-east-1a',
    instanceType,
    product: LINUX,
    capacityType: 'on-demand',
    priceMicroUsdPerHour: usd === undefined ? undefined : Math.round(usd * USD),
    ...change,
  };
}

function reserved(instanceType: string, count: number, usd: number, change: Partial<ReservedInstance> = {}) {
  const zone = change.zone ?? null;
  const product = change.product ?? LINUX;
  return {
    id: `ri ${instanceType}`,
    instanceType,
    region: 'us-east-1',
    zone,
    product,
    count,
    effectiveMicroUsdPerHour: Math.round(usd * USD),
    sizeFlexible: isSizeFlexible(instanceType, product, zone),
    startsAt: null,
    endsAt: null,
    ...change,
  } satisfies ReservedInstance;
}

function plan(usd: number, rates: [string, number][], change: Partial<SavingsPlan> = {}): SavingsPlan {
  return {
    id: 'plan',
    kind: 'compute',
    region: null,
    family: null,
    commitmentMicroUsdPerHour: Math.round(usd * USD),
    rates: rates.map(([instanceType, rate]) => ({
      region: null,
      family: null,
      instanceType,
      product: null,
      microUsdPerHour: Math.round(rate * USD),
      percent: null,
    })),
    startsAt: null,
    endsAt: null,
    ...change,
  };
}

const withReserved = (...reservedInstances: ReservedInstance[]): Commitments => ({
  ...NO_COMMITMENTS,
  reservedInstances,
});
const withPlans = (...savingsPlans: SavingsPlan[]): Commitments => ({ ...NO_COMMITMENTS, savingsPlans });

function costs(nodes: readonly PricedNode[], commitments: Commitments): (number | undefined)[] {
  return applyCommitments(nodes, commitments, AT).nodes.map(cost => cost.microUsdPerHour);
}

describe('Reserved Instances', () => {
  // The examples of "How Reserved Instance discounts are applied", EC2 user guide.
  it('covers two t2.small with one t2.medium, and half of one t2.large', () => {
    const one = withReserved(reserved('t2.medium', 1, 0.03));
    const small = ['a', 'b'].map(id => node('t2.small', 0.023, { id }));
    expect(costs(small, one)).toEqual([15_000, 15_000]);
    expect(costs([node('t2.large', 0.0928)], one)).toEqual([30_000 + 46_400]);
  });

  it('serves the smallest instance of the family first', () => {
    const { nodes, uses } = applyCommitments(
      [node('m5.xlarge', 0.192), node('m5.large', 0.096)],
      withReserved(reserved('m5.large', 1, 0.06)),
      AT,
    );
    expect(nodes.map(cost => cost.microUsdPerHour)).toEqual([192_000, 60_000]);
    expect(uses[0]).toMatchObject({ usedMicroUsdPerHour: 60_000, unusedMicroUsdPerHour: 0 });
  });

  it('keeps a zonal one to its zone and its size, and serves it before a regional one', () => {
    const zonal = reserved('m5.large', 1, 0.05, { id: 'zonal', zone: 'us-east-1b' });
    const regional = reserved('m5.large', 1, 0.06, { id: 'regional' });
    const nodes = [
      node('m5.large', 0.096, { id: 'a' }),
      node('m5.large', 0.096, { id: 'b', zone: 'us-east-1b' }),
      node('m5.xlarge', 0.192, { id: 'c', zone: 'us-east-1b' }),
    ];
    expect(costs(nodes, withReserved(regional, zonal))).toEqual([60_000, 50_000, 192_000]);
  });

  it('splits an odd amount without losing or making a micro-USD', () => {
    const odd = withReserved(reserved('m5.xlarge', 1, 0.000_003));
    const { nodes, uses } = applyCommitments(
      ['a', 'b'].map(id => node('m5.large', 0.096, { id })),
      odd,
      AT,
    );
    expect(nodes.map(cost => cost.microUsdPerHour)).toEqual([2, 1]);
    expect(uses[0]).toMatchObject({ usedMicroUsdPerHour: 3, unusedMicroUsdPerHour: 0 });
  });

  it.each([
    ['g5.xlarge', LINUX],
    ['m5.large', 'Windows'],
  ])('does not spread %s with %s over other sizes', (instanceType, product) => {
    const twice = instanceType.replace('.xlarge', '.2xlarge').replace('.large', '.xlarge');
    const two = withReserved(reserved(instanceType, 2, 0.01, { product }));
    expect(costs([node(twice, 1, { product })], two)).toEqual([USD]);
    expect(costs([node(instanceType, 1, { product })], two)).toEqual([10_000]);
  });

  it('prices a node without a list price where reservations cover it whole, and only there', () => {
    const one = withReserved(reserved('x9.large', 1, 0.1));
    expect(costs([node('x9.large', undefined)], one)).toEqual([100_000]);
    const { nodes, unknownNodes } = applyCommitments([node('x9.xlarge', undefined)], one, AT);
    expect(nodes[0]?.microUsdPerHour).toBeUndefined();
    expect(unknownNodes).toEqual(['x9.xlarge']);
  });

  it('leaves out what is over, or has not begun', () => {
    const over = reserved('m5.large', 1, 0.01, { endsAt: AT });
    const later = reserved('m5.large', 1, 0.01, { id: 'later', startsAt: AT + 1 });
    const { nodes, totalMicroUsdPerHour } = applyCommitments(
      [node('m5.large', 0.096)],
      withReserved(over, later),
      AT,
    );
    expect([nodes[0]?.microUsdPerHour, totalMicroUsdPerHour]).toEqual([96_000, 96_000]);
  });

  it('has no effect on Spot', () => {
    const spot = node('m5.large', 0.03, { capacityType: 'spot' });
    expect(costs([spot], withReserved(reserved('m5.large', 1, 0.01)))).toEqual([30_000]);
  });
});

describe('Savings Plans', () => {
  // Rates of the example of "Understanding how Savings Plans apply to your usage", edition of 2020: c5.9xlarge $4 on demand
  // and $2 under the plan (50 %), c5.24xlarge $10 and $8 (20 %).
  const nodes = [node('c5.24xlarge', 10), node('c5.9xlarge', 4)];
  const rates: [string, number][] = [
    ['c5.24xlarge', 8],
    ['c5.9xlarge', 2],
  ];

  it('serves the highest saving first, then part of the next', () => {
    expect(costs(nodes, withPlans(plan(2, rates)))).toEqual([10 * USD, 2 * USD]);
    // 2 for the first; the other 4 pay half of 8, and half of 10 is left on demand.
    expect(costs(nodes, withPlans(plan(6, rates)))).toEqual([9 * USD, 2 * USD]);
    expect(costs(nodes, withPlans(plan(25, rates)))).toEqual([8 * USD, 2 * USD]);
  });

  it('ranks by the saving, and equal savings by the rate', () => {
    const little = node('m5.large', 1);
    const much = node('c5.large', 10);
    const byType = (rateOfLittle: number): [string, number][] => [
      ['m5.large', rateOfLittle],
      ['c5.large', 5],
    ];
    expect(costs([little, much], withPlans(plan(5, byType(0.9))))).toEqual([USD, 5 * USD]);
    expect(costs([much, little], withPlans(plan(0.5, byType(0.5))))).toEqual([10 * USD, 500_000]);
  });

  it('pays for what lies idle', () => {
    const { uses, totalMicroUsdPerHour, beyondMicroUsdPerHour } = applyCommitments(
      nodes,
      withPlans(plan(25, rates)),
      AT,
    );
    expect(uses[0]).toMatchObject({ usedMicroUsdPerHour: 10 * USD, unusedMicroUsdPerHour: 15 * USD });
    expect([totalMicroUsdPerHour, beyondMicroUsdPerHour]).toEqual([25 * USD, 0]);
  });

  it('comes after Reserved Instances, and an EC2 Instance plan before a Compute plan', () => {
    const commitments: Commitments = {
      ...NO_COMMITMENTS,
      reservedInstances: [reserved('m5.large', 1, 0.05)],
      savingsPlans: [
        plan(1, [['m5.large', 0.01]], { id: 'compute' }),
        plan(0.06, [['m5.large', 0.06]], {
          id: 'instance',
          kind: 'ec2-instance',
          region: 'us-east-1',
          family: 'm5',
        }),
      ],
    };
    const three = ['a', 'b', 'c'].map(id => node('m5.large', 0.096, { id }));
    const { nodes: paid } = applyCommitments(three, commitments, AT);
    expect(paid.map(cost => cost.parts.map(part => part.commitmentId))).toEqual([
      ['ri m5.large'],
      ['instance'],
      ['compute'],
    ]);
  });

  it('keeps an EC2 Instance plan to its family and region', () => {
    const own = plan(9, [], {
      kind: 'ec2-instance',
      region: 'eu-west-1',
      family: 'm5',
      rates: [
        { region: null, family: null, instanceType: null, product: null, microUsdPerHour: null, percent: 50 },
      ],
    });
    const asked = [
      node('m5.large', 0.096),
      node('m5.large', 0.1, { region: 'eu-west-1' }),
      node('m6i.large', 0.1, { region: 'eu-west-1' }),
    ];
    expect(costs(asked, withPlans(own))).toEqual([96_000, 50_000, 100_000]);
  });
});

describe('discounts', () => {
  it('takes the largest that matches off what no commitment covers', () => {
    const discount = { region: null, family: null, instanceType: null, product: null };
    const commitments: Commitments = {
      ...withReserved(reserved('m5.large', 1, 0.05)),
      discounts: [
        { ...discount, id: 'all', capacityType: 'on-demand', percent: 5 },
        { ...discount, id: 'm5', capacityType: 'on-demand', family: 'm5', percent: 10 },
        { ...discount, id: 'spot', capacityType: 'spot', percent: 50 },
      ],
    };
    const nodes = [
      node('m5.large', 0.096),
      node('m5.xlarge', 0.2),
      node('c5.large', 0.1),
      node('c5.large', 0.04, { capacityType: 'spot' }),
    ];
    expect(costs(nodes, commitments)).toEqual([50_000, 180_000, 95_000, 20_000]);
  });
});

describe('effectivePrice', () => {
  const provenance = { source: 'price list', asOf: 1 };

  it('adds nothing to the bill while a reservation lies idle, and the list price after', () => {
    const one = withReserved(reserved('m5.large', 1, 0.06));
    const asked = node('m5.large', 0.096);
    expect(effectivePrice(asked, provenance, [], one, AT)).toEqual({
      microUsdPerHour: 60_000,
      marginalMicroUsdPerHour: 0,
      components: [{ kind: 'reserved-instance', text: '100 % by Reserved Instance ri m5.large: $0.0600/h' }],
      provenance: [provenance, NO_COMMITMENTS.provenance],
    });
    expect(effectivePrice(asked, provenance, [{ ...asked, id: 'running' }], one, AT)).toEqual({
      microUsdPerHour: 96_000,
      marginalMicroUsdPerHour: 96_000,
      components: [{ kind: 'on-demand', text: '100 % by on-demand: $0.0960/h' }],
      provenance: [provenance],
    });
  });

  it('says what is missing', () => {
    expect(effectivePrice(node('m5.large', undefined), undefined, [], NO_COMMITMENTS, AT)).toEqual({
      unknown: 'No on-demand price of m5.large (Linux/UNIX) in us-east-1 is known.',
    });
  });
});

describe('any set of nodes and commitments', () => {
  const sizes = ['medium', 'large', 'xlarge', '3xlarge', '9xlarge', 'metal'];
  const anyType = fc
    .tuple(fc.constantFrom('m5', 'c5', 'g5'), fc.constantFrom(...sizes))
    .map(parts => parts.join('.'));
  const anyZone = fc.constantFrom('us-east-1a', 'us-east-1b');
  /** A list price by type, as AWS has it: in step with the size, so that a saving can be told. */
  const listPrice = (instanceType: string) =>
    (quarterUnitsOf(instanceType) ?? 768) * 1_237 * familyOf(instanceType).charCodeAt(0);
  const anyNode = fc.record({ instanceType: anyType, zone: anyZone, isSpot: fc.boolean() }).map(
    ({ instanceType, zone, isSpot }, index = 0): PricedNode => ({
      ...node(instanceType, undefined, { zone, id: `${instanceType} ${zone} ${index}` }),
      capacityType: isSpot ? 'spot' : 'on-demand',
      priceMicroUsdPerHour: listPrice(instanceType),
    }),
  );
  const anyReserved = fc
    .record({
      instanceType: anyType,
      zone: fc.option(anyZone),
      count: fc.integer({ min: 1, max: 4 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ instanceType, zone, count, share }) =>
      reserved(instanceType, count, Math.floor(listPrice(instanceType) * share) / USD, { zone }),
    );
  const anyPlan = fc
    .record({
      isCompute: fc.boolean(),
      usd: fc.double({ min: 0, max: 50, noNaN: true }),
      percent: fc.double({ min: 0, max: 100, noNaN: true }),
    })
    .map(({ isCompute, usd, percent }) =>
      plan(usd, [], {
        ...(isCompute ? {} : { kind: 'ec2-instance', region: 'us-east-1', family: 'm5' }),
        rates: [
          { region: null, family: null, instanceType: null, product: null, microUsdPerHour: null, percent },
        ],
      }),
    );
  const anyCase = fc.record({
    nodes: fc.array(anyNode, { maxLength: 12 }),
    reservedInstances: fc.array(anyReserved, { maxLength: 5 }),
    savingsPlans: fc.array(anyPlan, { maxLength: 3 }),
  });

  it('never costs a node less than nothing or more than the list price', () => {
    fc.assert(
      fc.property(anyCase, ({ nodes, ...agreed }) => {
        const { nodes: paid } = applyCommitments(nodes, { ...NO_COMMITMENTS, ...agreed }, AT);
        for (const [index, { microUsdPerHour = Number.NaN, parts }] of paid.entries()) {
          expect(microUsdPerHour).toBeGreaterThanOrEqual(0);
          // Each part is rounded to a whole micro-USD.
          expect(microUsdPerHour).toBeLessThanOrEqual(
            (nodes[index]?.priceMicroUsdPerHour ?? 0) + parts.length,
          );
          expect(parts.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1, 9);
        }
      }),
    );
  });

  it('uses and leaves idle what is committed, to the micro-USD, and the bill adds up', () => {
    fc.assert(
      fc.property(anyCase, ({ nodes, ...agreed }) => {
        const applied = applyCommitments(nodes, { ...NO_COMMITMENTS, ...agreed }, AT);
        const paidByNodes = applied.nodes.reduce((sum, { microUsdPerHour = 0 }) => sum + microUsdPerHour, 0);
        let unused = 0;
        let committed = 0;
        for (const use of applied.uses) {
          expect(use.usedMicroUsdPerHour + use.unusedMicroUsdPerHour).toBe(use.committedMicroUsdPerHour);
          expect(use.unusedMicroUsdPerHour).toBeGreaterThanOrEqual(0);
          unused += use.unusedMicroUsdPerHour;
          committed += use.committedMicroUsdPerHour;
        }
        expect(applied.uses).toHaveLength(agreed.reservedInstances.length + agreed.savingsPlans.length);
        expect(applied.totalMicroUsdPerHour).toBe(applied.beyondMicroUsdPerHour + committed);
        expect(paidByNodes + unused).toBe(applied.totalMicroUsdPerHour);
      }),
    );
  });

  it('leaves no reservation idle while a node that it fits is charged on demand', () => {
    fc.assert(
      fc.property(fc.array(anyNode, { maxLength: 12 }), anyReserved, (nodes, instance) => {
        const { nodes: paid, uses } = applyCommitments(nodes, withReserved(instance), AT);
        const isWaiting = nodes.some((one, index) => {
          const fits =
            one.capacityType === 'on-demand' &&
            (instance.zone === null || instance.zone === one.zone) &&
            (instance.sizeFlexible
              ? familyOf(one.instanceType) === familyOf(instance.instanceType) &&
                !one.instanceType.endsWith('.metal')
              : one.instanceType === instance.instanceType);
          return fits && paid[index]?.parts.some(part => part.kind === 'on-demand');
        });
        const usedUp = uses[0]?.unusedMicroUsdPerHour === 0;
        expect(!isWaiting || usedUp).toBe(true);
      }),
    );
  });

  it('adds no more to the bill than the list price, and no less than nothing, under one plan', () => {
    fc.assert(
      fc.property(fc.array(anyNode, { maxLength: 8 }), anyNode, anyPlan, (running, one, agreed) => {
        const price = effectivePrice(one, undefined, running, withPlans(agreed), AT);
        if ('unknown' in price) throw new Error(price.unknown);
        const slack = 2 * (running.length + 1);
        expect(price.marginalMicroUsdPerHour).toBeGreaterThanOrEqual(-slack);
        expect(price.marginalMicroUsdPerHour).toBeLessThanOrEqual((one.priceMicroUsdPerHour ?? 0) + slack);
      }),
    );
  });
});
