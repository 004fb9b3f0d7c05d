import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asDifferences, type Steps, thinned, withoutRepeats } from './price-steps.ts';
import { holesBetween } from './step-function.ts';

const HOUR_MS = 3_600_000;

/** Records of a pool: silences of 1…60 h, few different prices. */
const records = fc
  .array(fc.record({ silence: fc.integer({ min: 1, max: 60 }), price: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map(list => {
    let at = 0;
    return list.map(({ silence, price }) => {
      at += silence * HOUR_MS;
      return { at, price };
    });
  });

/** The price in force at a second, by what a drawing does: the last step, and nothing inside a hole. */
function priceAt({ atS, price }: Steps, holesS: readonly (readonly [number, number])[], second: number) {
  if (holesS.some(([from, to]) => second >= from && second < to)) return undefined;
  return price[atS.findLastIndex(at => at <= second)];
}

describe('steps of a price', () => {
  it('tell at every hour what the records tell, without their repeats', () => {
    fc.assert(
      fc.property(records, list => {
        const times = list.map(({ at }) => at);
        const values = list.map(({ price }) => price);
        const endMs = (times.at(-1) ?? 0) + 40 * HOUR_MS;
        const holes = holesBetween(times, endMs);
        const holesS = holes.map(({ fromMs, toMs }) => [fromMs / 1_000, toMs / 1_000] as const);
        const steps = withoutRepeats(times, values, holes);
        const whole = { atS: times.map(at => at / 1_000), price: values };
        for (let second = 0; second < endMs / 1_000; second += 1_800)
          expect(priceAt(steps, holesS, second)).toBe(priceAt(whole, holesS, second));
        for (let index = 1; index < steps.atS.length; index++) {
          const begins = holesS.some(([, to]) => to === steps.atS[index]);
          if (!begins) expect(steps.price[index]).not.toBe(steps.price[index - 1]);
        }
      }),
    );
  });

  it('keep the lowest, the highest, the first and the last of each bucket when they are thinned', () => {
    const atS = Array.from({ length: 1_000 }, (_, index) => index);
    const price = atS.map(at => (at === 250 ? 9_000 : at === 251 ? 1 : 500 + (at % 7)));
    const few = thinned({ atS, price }, 0, 1_000, 10);
    expect(few.atS.length).toBeLessThanOrEqual(40);
    expect([few.atS[0], few.atS.at(-1)]).toEqual([0, 999]);
    expect(few.price).toContain(9_000);
    expect(few.price).toContain(1);
    for (const [index, at] of few.atS.entries()) expect(few.price[index]).toBe(price[at]);
  });

  it('are sent as differences', () => {
    expect(asDifferences([100, 160, 161])).toEqual([100, 60, 1]);
    expect(asDifferences([])).toEqual([]);
  });
});
