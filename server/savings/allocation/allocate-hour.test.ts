import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { toMicroUsd } from '../booked-interval.ts';
import { allocateHour } from './allocate-hour.ts';
import { addShares, type CostShares, noShares } from './cost-shares.ts';
import { MeasuredHour, type NodeObservation } from './measured-hour.ts';
import { readMeasured, readShares, writeMeasured, writeShares } from './written-hour.ts';

const GIB_IN_KIB = 1 << 20;

function node(
  price: number | null,
  holders: readonly (readonly [workload: string, cpuMilli: number, memoryGib: number])[],
  more: Partial<NodeObservation> = {},
): NodeObservation {
  return {
    uid: 'n1',
    name: 'n1',
    instanceType: 'm5.xlarge',
    zone: 'a',
    capacityType: 'on-demand',
    capacity: { cpuMilli: 4_000, memoryKib: 16 * GIB_IN_KIB, gpus: 0, from: 'catalog' },
    priceMicroUsdPerHour: price,
    provenance: { source: 'test', asOf: 0 },
    unknownReason: price === null ? 'No price.' : null,
    holders: holders.map(([workload, cpuMilli, memoryGib]) => ({
      workload,
      labels: {},
      cpuMilli,
      memoryKib: memoryGib * GIB_IN_KIB,
      requestOnly: false,
    })),
    ...more,
  };
}

function hourOf(...slices: (readonly [NodeObservation[], number])[]): MeasuredHour {
  const hour = new MeasuredHour('c1', 0);
  for (const [nodes, ms] of slices) hour.add(nodes, ms);
  return hour;
}

function partsOf(shares: CostShares): number {
  let sum = shares.idleCpuMicroUsd + shares.idleMemoryMicroUsd + shares.gpuMicroUsd;
  for (const { cpuMicroUsd, memoryMicroUsd } of shares.workloads.values())
    sum += cpuMicroUsd + memoryMicroUsd;
  return sum;
}

const observation = fc
  .record({
    uid: fc.constantFrom('n1', 'n2', 'n3'),
    price: fc.option(fc.integer({ min: 1, max: 40_000_000 })),
    cpuMilli: fc.integer({ min: 0, max: 192_000 }),
    memoryKib: fc.integer({ min: 0, max: 1024 * GIB_IN_KIB }),
    gpus: fc.constantFrom(0, 0, 1, 8),
    holders: fc.array(
      fc.record({
        workload: fc.constantFrom('Deployment/shop/web', 'DaemonSet/kube-system/proxy', 'StatefulSet/db/pg'),
        cpuMilli: fc.integer({ min: 0, max: 100_000 }),
        memoryKib: fc.integer({ min: 0, max: 600 * GIB_IN_KIB }),
        requestOnly: fc.boolean(),
      }),
      { maxLength: 6 },
    ),
  })
  .map(
    ({ uid, price, cpuMilli, memoryKib, gpus, holders }): NodeObservation =>
      node(price, [], {
        uid,
        capacity: { cpuMilli, memoryKib, gpus, from: 'catalog' },
        holders: holders.map(one => ({ ...one, labels: { team: one.workload } })),
      }),
  );
const slices = fc.array(
  fc.tuple(fc.uniqueArray(observation, { selector: one => one.uid }), fc.integer({ min: 1, max: 300_000 })),
  { minLength: 1, maxLength: 12 },
);

describe('allocation, whatever was measured', () => {
  it('adds up to the cost of each node to the micro-USD', () => {
    fc.assert(
      fc.property(slices, parts => {
        const hour = hourOf(...parts);
        const shares = allocateHour(hour);
        const cost = [...hour.nodes.values()].reduce((sum, one) => sum + toMicroUsd(one.priceMs), 0);
        expect(partsOf(shares)).toBe(cost);
        expect(shares.costMicroUsd).toBe(cost);
      }),
    );
  });

  it('gives nobody less than nothing, and gives GPU money only where there are GPUs', () => {
    fc.assert(
      fc.property(slices, parts => {
        const hour = hourOf(...parts);
        const shares = allocateHour(hour);
        for (const one of shares.workloads.values())
          expect(Math.min(one.cpuMicroUsd, one.memoryMicroUsd)).toBeGreaterThanOrEqual(0);
        expect(Math.min(shares.idleCpuMicroUsd, shares.idleMemoryMicroUsd)).toBeGreaterThanOrEqual(0);
        if ([...hour.nodes.values()].every(one => one.capacity.gpus === 0))
          expect(shares.gpuMicroUsd).toBe(0);
      }),
    );
  });

  it('is the same after writing and reading, and computed anew from what was written', async () => {
    await fc.assert(
      fc.asyncProperty(slices, async parts => {
        const hour = hourOf(...parts);
        const shares = allocateHour(hour);
        expect(await readShares(await writeShares(shares))).toEqual(shares);
        expect(allocateHour(await readMeasured('c1', 0, await writeMeasured(hour)))).toEqual(shares);
      }),
      { numRuns: 30 },
    );
  });

  it('of hours adds up to that of the day', () => {
    fc.assert(
      fc.property(fc.array(slices, { minLength: 1, maxLength: 4 }), hours => {
        const day = noShares();
        const each = hours.map(parts => allocateHour(hourOf(...parts)));
        for (const shares of each) addShares(day, shares);
        expect(partsOf(day)).toBe(each.reduce((sum, shares) => sum + shares.costMicroUsd, 0));
      }),
    );
  });
});

describe("OpenCost's rule", () => {
  it('splits a price by the default prices of CPU and memory, and leaves what nobody holds idle', () => {
    // 4 × 0.031611 : 16 × 0.004237 = 0.126444 : 0.067792, of $0.192: 0.1249882 and 0.0670118.
    const { workloads, ...rest } = allocateHour(
      hourOf([[node(192_000, [['Deployment/shop/web', 1_000, 8]])], MS_PER_HOUR]),
    );
    expect(workloads.get('Deployment/shop/web')).toMatchObject({
      cpuMicroUsd: 31_247,
      memoryMicroUsd: 33_506,
    });
    expect(rest).toMatchObject({
      costMicroUsd: 192_000,
      idleCpuMicroUsd: 93_741,
      idleMemoryMicroUsd: 33_506,
    });
  });

  it('has nothing idle where more is used than there is, and shares the node in proportion', () => {
    const shares = allocateHour(
      hourOf([
        [
          node(192_000, [
            ['Deployment/shop/a', 3_000, 8],
            ['Deployment/shop/b', 6_000, 24],
          ]),
        ],
        MS_PER_HOUR,
      ]),
    );
    expect(shares.idleCpuMicroUsd + shares.idleMemoryMicroUsd).toBe(0);
    const [a, b] = ['a', 'b'].map(name => shares.workloads.get(`Deployment/shop/${name}`));
    expect((b?.cpuMicroUsd ?? 0) / (a?.cpuMicroUsd ?? 0)).toBeCloseTo(2, 4);
    expect((b?.memoryMicroUsd ?? 0) / (a?.memoryMicroUsd ?? 0)).toBeCloseTo(3, 4);
  });

  it('counts time without a price, with its reason, and gives its pods no cost for it', () => {
    const shares = allocateHour(
      hourOf(
        [[node(192_000, [['Deployment/shop/web', 1_000, 8]])], 45 * MS_PER_MINUTE],
        [[node(null, [['Deployment/shop/web', 1_000, 8]])], 15 * MS_PER_MINUTE],
      ),
    );
    expect(shares.costMicroUsd).toBe(144_000);
    expect([...shares.unpricedMs]).toEqual([['No price.', 15 * MS_PER_MINUTE]]);
    expect(shares.workloads.get('Deployment/shop/web')).toMatchObject({
      podMs: 45 * MS_PER_MINUTE,
      unpricedMs: 15 * MS_PER_MINUTE,
    });
  });

  it('sets the GPU part apart: who holds GPUs is not told', () => {
    const capacity = { cpuMilli: 4_000, memoryKib: 16 * GIB_IN_KIB, gpus: 1, from: 'catalog' } as const;
    const shares = allocateHour(hourOf([[node(526_000, [], { capacity })], MS_PER_HOUR]));
    // 0.95 of 0.95 + 0.126444 + 0.067792.
    expect(Math.abs(shares.gpuMicroUsd - (526_000 * 0.95) / 1.144236)).toBeLessThan(1);
  });
});
