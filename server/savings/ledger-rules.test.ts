import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InventoryPod } from '../../common/agent-protocol/index.ts';
import type { NodeView } from '../../common/contracts/index.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../common/units/index.ts';
import { accrue } from './accrue.ts';
import { attribute, splitInOrder } from './attribute.ts';
import { bookedIn } from './booked-interval.ts';
import { type Counterfactual, frozenPrice, type LedgerEntry, SETTLING_MS } from './ledger-entry.ts';
import { node, observed, pod, START } from './testing/test-cluster.ts';

/** A plan of many nodes: which of the nodes go, which come at what price, and where pods that go find room. */
interface Move {
  readonly goes: readonly number[];
  readonly comes: readonly number[];
  readonly waitMs: number;
}

const moves = fc.array(
  fc.record({
    goes: fc.uniqueArray(fc.nat(7), { minLength: 1, maxLength: 4 }),
    comes: fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 3 }),
    waitMs: fc.integer({ min: 1, max: 90 }).map(minutes => minutes * MS_PER_MINUTE),
  }),
  { maxLength: 6 },
);
const fleet = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 2, maxLength: 6 });

function entryOf(
  id: string,
  removed: readonly NodeView[],
  workloads: readonly string[],
  nowMs: number,
): LedgerEntry {
  const counterfactual: Counterfactual = {
    frozenAt: nowMs,
    removed: removed.map(one => ({
      name: one.name,
      uid: one.uid,
      instanceType: 'm5.xlarge',
      zone: 'a',
      capacityType: 'on-demand',
      priceMicroUsdPerHour: one.priceMicroUsdPerHour ?? 0,
      listMicroUsdPerHour: null,
      provenance: null,
    })),
  };
  return {
    id,
    planId: id,
    clusterId: 'c1',
    title: id,
    stages: [{ engine: 'packing', predictedMicroUsdPerHour: 1 }],
    decidedAt: nowMs,
    approval: null,
    counterfactual,
    promised: [],
    workloads: workloads.map(key => ({ key, pods: 1 })),
    startedAt: nowMs,
    endedAt: null,
    endedBecause: null,
    plan: 'running',
    taken: [],
    opensAt: nowMs,
    closesAt: null,
    replacements: [],
    hadReplacements: false,
    bookedUntil: nowMs,
    actualMicroUsdPerHour: frozenPrice(counterfactual),
  };
}

/**
 * A cluster at constant prices and constant demand, in which nothing happens but plans: every dollar that its cost goes down by is a
 * saving of some plan, and no other is.
 */
class World {
  nowMs = START;
  nodes: NodeView[];
  pods: InventoryPod[];
  entries: LedgerEntry[] = [];
  bookedMicroUsdMs = 0n;
  readonly costAtBegin: number;
  #made = 0;

  constructor(prices: readonly number[]) {
    this.nodes = prices.map((price, index) => node(`n${index}`, price, 0));
    this.pods = this.nodes.map((one, index) => pod(one.name, `w${index}`));
    this.costAtBegin = this.cost();
  }

  cost(): number {
    return this.nodes.reduce((sum, one) => sum + (one.priceMicroUsdPerHour ?? 0), 0);
  }

  rate(): number {
    return this.entries.reduce(
      (sum, one) => sum + frozenPrice(one.counterfactual) - (one.actualMicroUsdPerHour ?? 0),
      0,
    );
  }

  run(ms: number): void {
    for (let left = ms; left > 0; left -= MS_PER_MINUTE) {
      this.nowMs += Math.min(left, MS_PER_MINUTE);
      const view = observed(this.nodes, this.pods);
      for (const { entry, interval } of accrue(this.entries, () => view, this.nowMs)) {
        this.entries = this.entries.map(one => (one.id === entry.id ? entry : one));
        if (interval) this.bookedMicroUsdMs += bookedIn(interval).microUsdMs;
      }
    }
  }

  carryOut({ goes, comes, waitMs }: Move): void {
    const removed = this.nodes.filter((_, index) => goes.includes(index));
    const stay = this.nodes.filter((_, index) => !goes.includes(index));
    if (removed.length === 0 || stay.length + comes.length === 0) return;
    const gone = new Set(removed.map(({ name }) => name));
    const moved = this.pods.filter(one => one.nodeName !== null && gone.has(one.nodeName));
    const workloads = [...new Set(moved.map(one => `StatefulSet/shop/${one.ownerName}`))];
    const id = `p${++this.#made}`;
    this.entries = [...this.entries, entryOf(id, removed, workloads, this.nowMs)];
    this.run(MS_PER_MINUTE);
    const added = comes.map((price, index) => node(`${id}-${index}`, price, this.nowMs));
    const hosts = moved.length > 0 && added.length > 0 ? added : stay;
    // A plan brings no node that hosts nothing, and everything that moves has a pod on each of the new nodes.
    const come = moved.length > 0 ? added : [];
    this.nodes = [...this.nodes, ...come];
    this.run(2 * MS_PER_MINUTE);
    this.pods = [
      ...this.pods.filter(one => !moved.includes(one)),
      ...moved.flatMap(one => hosts.map(host => pod(host.name, one.ownerName ?? ''))),
    ];
    this.nodes = this.nodes.filter(one => !gone.has(one.name));
    this.run(MS_PER_MINUTE);
    this.entries = this.entries.map(one =>
      one.id === id ? { ...one, plan: 'succeeded', closesAt: this.nowMs + SETTLING_MS } : one,
    );
    this.run(waitMs);
  }
}

function played(prices: readonly number[], plans: readonly Move[]): World {
  const world = new World(prices);
  world.run(MS_PER_MINUTE);
  for (const move of plans) world.carryOut(move);
  return world;
}

describe('the ledger over plans of many nodes, whatever they do', () => {
  it('saves exactly what the cost went down by, so no dollar twice', () => {
    fc.assert(
      fc.property(fleet, moves, (prices, plans) => {
        const world = played(prices, plans);
        expect(world.rate()).toBe(world.costAtBegin - world.cost());
      }),
      { numRuns: 60 },
    );
  });

  it('never saves more than what would be paid without it', () => {
    fc.assert(
      fc.property(fleet, moves, (prices, plans) => {
        const world = played(prices, plans);
        expect(world.rate()).toBeLessThanOrEqual(world.costAtBegin);
        const whole = BigInt(world.costAtBegin) * BigInt(world.nowMs - START);
        expect(world.bookedMicroUsdMs <= whole).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('pays for both while nodes that go and nodes that come run side by side', () => {
    const world = new World([200_000, 100_000, 50_000]);
    world.carryOut({ goes: [0, 1], comes: [60_000, 40_000], waitMs: MS_PER_HOUR });
    expect(world.entries[0]?.replacements.map(({ name }) => name)).toEqual(['p1-0', 'p1-1']);
    expect(world.rate()).toBe(300_000 - 100_000);
  });
});

describe('attribution', () => {
  const stages = fc
    .array(fc.integer({ min: -100_000, max: 1_000_000 }), { minLength: 1, maxLength: 5 })
    .map(all =>
      all.map((predictedMicroUsdPerHour, index) => ({ engine: `e${index}`, predictedMicroUsdPerHour })),
    );
  const workloads = fc
    .array(fc.integer({ min: 1, max: 50 }), { maxLength: 6 })
    .map(all => all.map((pods, index) => ({ key: `Deployment/shop/w${index}`, pods })));

  it('among engines and workloads adds up to what was booked and to what was promised', () => {
    fc.assert(
      fc.property(
        stages,
        workloads,
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.nat(10 ** 10),
        (engines, moved, microUsdMs, knownMs) => {
          const parts = attribute({ stages: engines, workloads: moved }, { microUsdMs, knownMs });
          const sum = (of: (part: (typeof parts)[number]) => bigint) =>
            parts.reduce((total, part) => total + of(part), 0n);
          const promised = engines.reduce((total, one) => total + one.predictedMicroUsdPerHour, 0);
          expect(sum(part => part.realizedMicroUsdMs)).toBe(microUsdMs);
          expect(sum(part => part.predictedMicroUsdMs)).toBe(BigInt(promised) * BigInt(knownMs));
        },
      ),
    );
  });

  it('is in proportion to what each engine promised in turn', () => {
    expect(splitInOrder(900n, [100, 200])).toEqual([300n, 600n]);
    // The first asks for more room, the second gives more back: together they save.
    expect(splitInOrder(300n, [-100, 400])).toEqual([-100n, 400n]);
  });
});
