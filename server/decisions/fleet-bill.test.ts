import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NodeView } from '../../common/contracts/index.ts';
import { type Catalog, openCatalogFiles } from '../market/index.ts';
import { FleetBill } from './fleet-bill.ts';
import { nodeAt } from './small-cluster.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bill-'));
afterAll(() => rmSync(folder, { recursive: true }));
let catalog: Catalog;
const total = (nodes: Parameters<Catalog['applyCommitments']>[0]) =>
  catalog.applyCommitments(nodes).totalMicroUsdPerHour;

beforeAll(async () => {
  const opened = await openCatalogFiles({
    snapshotFile: join(import.meta.dirname, '../../resources/catalog/snapshot.json'),
    folder,
    clock: { now: () => Date.UTC(2026, 10, 1) },
    log: pino({ level: 'silent' }),
  });
  ({ catalog } = opened);
  await opened.keeper.putCommitments(
    JSON.stringify({
      format: 'cloudoptim-commitments/1',
      asOf: '2026-11-01T00:00:00Z',
      savingsPlans: [{ kind: 'compute', commitmentUsdPerHour: 0.2, rates: [{ percent: 30 }] }],
      reservedInstances: [
        {
          instanceType: 'm5.large',
          region: 'us-east-1',
          zone: 'us-east-1b',
          count: 6,
          effectiveUsdPerHour: 0.06,
        },
      ],
      discounts: [{ id: 'edp', percent: 7 }],
    }),
  );
});

/** A node with the catalog's price. */
function priced(name: string, instanceType: string, change: Partial<NodeView> = {}): NodeView {
  const price = catalog.onDemandMicroUsdPerHour('us-east-1', instanceType) ?? null;
  return nodeAt(name, { instanceType, zone: 'us-east-1b', priceMicroUsdPerHour: price, ...change });
}

/** What leaves the bill with one node after the other. */
function savedInTurn(nodes: readonly NodeView[]): number[] {
  const bill = new FleetBill(nodes, total);
  return nodes.map(node => {
    const saved = bill.savedWithout(node) ?? Number.NaN;
    bill.remove(node.uid);
    return saved;
  });
}

describe('what leaves the bill with a node', () => {
  it('is its price without agreements', () => {
    const nodes = [priced('a', 'm5.large'), priced('b', 'm5.large', { priceMicroUsdPerHour: null })];
    const bill = new FleetBill(nodes, undefined);
    expect(nodes.map(node => bill.savedWithout(node))).toEqual([96_000, undefined]);
  });

  it('is nothing for those that reservations and plans would pay for anyway, whichever goes first', () => {
    // Ten of $0.096: six are reserved; a plan of $0.20 at 70 % of $0.096 pays for 2.98 more; the rest less 7 %.
    const saved = savedInTurn(Array.from({ length: 10 }, (_, index) => priced(`n${index}`, 'm5.large')));
    expect(saved[0]).toBe(89_280);
    expect(saved[1]).toBeCloseTo((3 - 0.2 / (0.7 * 0.096)) * 89_280, -1);
    expect(saved.slice(2)).toEqual(Array(8).fill(0));
  });

  it('never is more than the price, and adds up to the difference of the bills', () => {
    const kind = fc.record({
      instanceType: fc.constantFrom('m5.large', 'm5.xlarge', 'c5.large', 'r5.2xlarge'),
      zone: fc.constantFrom('us-east-1a', 'us-east-1b'),
      isSpot: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 15 }), kinds => {
        const nodes = kinds.map(({ instanceType, zone, isSpot }, index) =>
          priced(`n${index}`, instanceType, {
            zone,
            ...(isSpot ? { capacityType: 'spot', priceMicroUsdPerHour: 41_234 } : {}),
          }),
        );
        const saved = savedInTurn(nodes);
        const before = new FleetBill(nodes, total);
        for (const [index, node] of nodes.entries()) {
          expect(saved[index]).toBeGreaterThanOrEqual(0);
          expect(saved[index]).toBeLessThanOrEqual((node.priceMicroUsdPerHour ?? 0) + 1);
          expect(before.savedWithout(node)).toBeGreaterThanOrEqual(0);
        }
        const paid = nodes.map(node => ({
          id: node.uid,
          region: 'us-east-1',
          zone: node.zone,
          instanceType: node.instanceType ?? '',
          product: 'Linux/UNIX',
          capacityType: node.capacityType === 'spot' ? ('spot' as const) : ('on-demand' as const),
          spotMicroUsdPerHour: node.priceMicroUsdPerHour ?? undefined,
        }));
        const sum = saved.reduce((all, one) => all + one, 0);
        // Each difference is rounded down by less than one.
        expect(Math.abs(total(paid) - total([]) - sum)).toBeLessThanOrEqual(nodes.length);
      }),
      { numRuns: 60 },
    );
  });
});
