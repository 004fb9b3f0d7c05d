import { describe, expect, it } from 'vitest';
import { api } from '../../common/contracts/index.ts';
import { type DriftWindows, driftOf } from './drift.ts';
import type { ShiftTest } from './shift-test.ts';

const DAY = 86_400_000;
const windows: DriftWindows = {
  referenceFromMs: 0,
  referenceToMs: 28 * DAY,
  recentFromMs: 40 * DAY,
  recentToMs: 54 * DAY,
  referenceKind: 'before-trained-until',
};
const test = (p: number | undefined, effect = 0.3): ShiftTest => ({
  p,
  effect: p === undefined ? undefined : effect,
  referenceN: 224,
  recentN: 112,
});
const inputs = (...tests: ShiftTest[]) =>
  tests.map((of, place) => ({ feature: ['return_1h', 'return_6h', 'vcpu'][place] ?? '', ...of }));
const judged = (tests: Parameters<typeof driftOf>[0], among = windows) => driftOf(tests, among, 54 * DAY);

describe('drift', () => {
  it('names what is certain and large enough to matter', () => {
    const drift = judged({ inputs: inputs(test(0.001), test(0.4), test(0.9)), residuals: null });
    expect(drift).toMatchObject({ state: 'drifting', residuals: null });
    expect(drift.inputs.map(input => input.drifting)).toEqual([true, false, false]);
    expect(drift.inputs[0]?.pAdjusted).toBeCloseTo(0.003, 12);
    expect(drift.sentence).toBe(
      'Over the last 14 d return_1h is distributed otherwise than before "trained until".',
    );
  });

  it('is none when a shift is certain but negligible, and when it is large but may be chance', () => {
    expect(judged({ inputs: inputs(test(0.0005, 0.09)), residuals: null }).state).toBe('none');
    // 0.02 · 3 is above 5 %.
    expect(judged({ inputs: inputs(test(0.02), test(0.5), test(0.5)), residuals: null }).state).toBe('none');
  });

  it('shows errors that changed, and counts them among the tests', () => {
    const drift = judged({
      inputs: inputs(test(0.5)),
      residuals: { signed: test(0.001), absolute: test(0.03) },
    });
    expect(drift.state).toBe('drifting');
    expect(drift.residuals?.signed.pAdjusted).toBeCloseTo(0.003, 12);
    expect(drift.residuals?.absolute.drifting).toBe(false);
    expect(drift.sentence).toMatch(/its errors are not what they were/);
  });

  it('is unknown where nothing can be tested, and says how much could be', () => {
    const none = judged({ inputs: inputs(test(undefined)), residuals: null });
    expect(none).toMatchObject({ state: 'unknown', inputs: [{ pAdjusted: null, effect: null }] });
    expect(none.sentence).toMatch(/too few independent stretches/);
    const partly = judged({ inputs: inputs(test(undefined), test(0.6)), residuals: null });
    expect(partly.sentence).toMatch(/nothing is distributed otherwise .*\(1 of 2 could be tested\)/);
    const without = { ...windows, referenceKind: null, referenceFromMs: null, referenceToMs: null };
    const nothing = judged({ inputs: [], residuals: null }, without);
    expect(nothing.sentence).toMatch(/no earlier days on disk/);
    const { drift } = api.forecasts.evaluateModel.response.shape;
    for (const each of [none, partly, nothing]) expect(drift.parse(each)).toEqual(each);
  });
});
