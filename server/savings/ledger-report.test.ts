import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { savingsGroups } from '../../common/contracts/savings.ts';
import { MS_PER_HOUR } from '../../common/units/index.ts';
import { bookedOver, since, toMicroUsd } from './booked-interval.ts';
import { freeze, type LedgerEntry, openEntry } from './ledger-entry.ts';
import { ledgerReport } from './ledger-report.ts';
import type { EntryInterval } from './savings-store.ts';
import { START } from './testing/test-cluster.ts';
import { planOf } from './testing/test-plan.ts';

const DAY = 24 * MS_PER_HOUR;

const entries = fc
  .array(
    fc.record({
      stages: fc.array(
        fc.record({
          engine: fc.constantFrom('rightsizing', 'packing', 'spot'),
          predictedMicroUsdPerHour: fc.integer({ min: 0, max: 500_000 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      workloads: fc.array(
        fc.record({
          key: fc.constantFrom('Deployment/shop/a', 'Job/db/b'),
          pods: fc.integer({ min: 1, max: 9 }),
        }),
      ),
      clusterId: fc.constantFrom('c1', 'c2'),
      prices: fc.array(
        fc.record({
          ms: fc.integer({ min: 1, max: DAY }),
          counterfactual: fc.integer({ min: 0, max: 10 ** 7 }),
          actual: fc.option(fc.integer({ min: 0, max: 10 ** 7 })),
        }),
        { maxLength: 8 },
      ),
    }),
    { maxLength: 5 },
  )
  .map(all => {
    const byId = new Map<string, LedgerEntry>();
    const intervals: EntryInterval[] = [];
    for (const [index, { stages, workloads, clusterId, prices }] of all.entries()) {
      const plan = planOf(`p${index}`, 'n', 1);
      const id = `e${index}`;
      const bare = openEntry(id, plan, freeze(plan, undefined, START), START);
      byId.set(id, { ...bare, stages, workloads, clusterId });
      let at = START;
      for (const { ms, counterfactual, actual } of prices) {
        intervals.push({
          entryId: id,
          fromMs: at,
          toMs: at + ms,
          counterfactualMicroUsdPerHour: counterfactual,
          actualMicroUsdPerHour: actual,
        });
        at += ms;
      }
    }
    return { byId, intervals };
  });

async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* all;
}

describe('a report of the ledger, however it is grouped', () => {
  it('has rows that add up to the total, and the total is what was booked', async () => {
    await fc.assert(
      fc.asyncProperty(
        entries,
        fc.constantFrom(...savingsGroups),
        fc.integer({ min: 0, max: DAY }),
        async ({ byId, intervals }, groupBy, skippedMs) => {
          const fromMs = START + skippedMs;
          const order = { fromMs, toMs: START + 9 * DAY, groupBy };
          const report = await ledgerReport(byId, each(intervals), order, id => id);
          const booked = bookedOver(intervals.flatMap(one => since(one, fromMs) ?? []));
          expect(report.total.realizedMicroUsd).toBe(toMicroUsd(booked.microUsdMs));
          for (const figure of ['realizedMicroUsd', 'predictedMicroUsd'] as const)
            expect(report.rows.reduce((sum, row) => sum + row[figure], 0)).toBe(report.total[figure]);
          expect([report.total.knownMs, report.total.unknownMs]).toEqual([booked.knownMs, booked.unknownMs]);
        },
      ),
    );
  });

  it('filtered by each engine in turn adds up to the whole', async () => {
    await fc.assert(
      fc.asyncProperty(entries, async ({ byId, intervals }) => {
        const order = { fromMs: START, toMs: START + 9 * DAY, groupBy: 'cluster' } as const;
        const whole = await ledgerReport(byId, each(intervals), order, id => id);
        let sum = 0;
        for (const engine of ['rightsizing', 'packing', 'spot'])
          sum += (await ledgerReport(byId, each(intervals), { ...order, engine }, id => id)).total
            .realizedMicroUsd;
        // Each of the three is rounded by itself.
        expect(Math.abs(sum - whole.total.realizedMicroUsd)).toBeLessThanOrEqual(2);
      }),
    );
  });

  it('refuses more hours than can be told apart', async () => {
    const order = { fromMs: START, toMs: START + 100 * DAY, groupBy: 'hour' } as const;
    await expect(ledgerReport(new Map(), each([]), order, id => id)).rejects.toThrow(
      '2400 hours are more than 1500',
    );
  });
});
