import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keysOf, poolOfKey, priceKey, secondOfKey, startOfStretch, stretchOf } from './price-key.ts';

const poolId = fc.integer({ min: 1, max: 2 ** 20 - 1 });
const atS = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('priceKey', () => {
  it('is a safe whole number that gives pool and second back', () => {
    fc.assert(
      fc.property(poolId, atS, (pool, second) => {
        const key = priceKey(pool, second);
        expect(Number.isSafeInteger(key)).toBe(true);
        expect([poolOfKey(key), secondOfKey(key)]).toEqual([pool, second]);
      }),
    );
  });

  it('orders by stretch, then pool, then second', () => {
    fc.assert(
      fc.property(poolId, atS, poolId, atS, (poolA, a, poolB, b) => {
        const before = [stretchOf(a) - stretchOf(b), poolA - poolB, a - b].find(sign => sign !== 0) ?? 0;
        expect(Math.sign(priceKey(poolA, a) - priceKey(poolB, b))).toBe(Math.sign(before));
      }),
    );
  });

  it('lies in the keys of its pool and stretch, and in no other’s', () => {
    fc.assert(
      fc.property(poolId, atS, (pool, second) => {
        const key = priceKey(pool, second);
        const own = keysOf(stretchOf(second), pool, pool);
        expect(own.low <= key && key < own.high).toBe(true);
        expect(startOfStretch(stretchOf(second))).toBeLessThanOrEqual(second);
        const next = keysOf(stretchOf(second), pool + 1);
        expect(key).toBeLessThan(next.low);
      }),
    );
  });
});
