import { describe, expect, it } from 'vitest';
import { driftOf } from './drift.ts';
import { randomSamples } from './random-samples.fixture.ts';
import { testShift } from './shift-test.ts';
import type { TimedValues } from './step-shares.ts';

const { normal, uniform } = randomSamples(2_026);

interface Process {
  readonly steps: number;
  readonly pools?: number;
  /** Autocorrelation of one step. */
  readonly memory?: number;
  /** Part of the variance that pools share. */
  readonly common?: number;
}

/** Normal values of variance 1 and the given dependence, changed afterwards. */
function valuesOf(process: Process, change = (value: number) => value): TimedValues {
  const { steps, pools = 1, memory = 0, common = 0 } = process;
  const fresh = Math.sqrt(1 - memory * memory);
  const own = Array.from({ length: pools }, normal);
  let shared = normal();
  const timesMs: number[] = [];
  const values: number[] = [];
  for (let step = 0; step < steps; step++) {
    shared = memory * shared + fresh * normal();
    for (const [pool, before] of own.entries()) {
      own[pool] = memory * before + fresh * normal();
      timesMs.push(step);
      values.push(change(Math.sqrt(common) * shared + Math.sqrt(1 - common) * (own[pool] ?? 0)));
    }
  }
  return { timesMs: Float64Array.from(timesMs), values: Float64Array.from(values) };
}

/** Share of checks of so many features that find drift. */
function shareDrifting(
  checks: number,
  features: number,
  reference: Process,
  recent: Process,
  change?: (value: number) => number,
) {
  let alarms = 0;
  let certain = 0;
  let unknown = 0;
  let single = 0;
  const windows = { referenceFromMs: 0, referenceToMs: 1, recentFromMs: 2, recentToMs: 3 };
  for (let check = 0; check < checks; check++) {
    const inputs = Array.from({ length: features }, (_, feature) => ({
      feature: `${feature}`,
      // The first feature alone is changed.
      ...testShift(valuesOf(reference), valuesOf(recent, feature === 0 ? change : undefined), 1, uniform),
    }));
    const drift = driftOf({ inputs, residuals: null }, { ...windows, referenceKind: null }, 0);
    if (drift.state === 'drifting') alarms++;
    if (drift.inputs.some(input => input.pAdjusted !== null && input.pAdjusted < 0.05)) certain++;
    if (drift.state === 'unknown') unknown++;
    single += inputs.filter(input => input.p !== undefined && input.p <= 0.05).length;
  }
  return {
    alarms: alarms / checks,
    certain: certain / checks,
    unknown: unknown / checks,
    /** Of single tests, before Holm. */
    single: single / checks / features,
  };
}

/** 5 % and three standard errors. */
const limit = (checks: number) => 0.05 + 3 * Math.sqrt((0.05 * 0.95) / checks);

describe('a test of drift without a shift', () => {
  it.each([
    { n: 100, features: 1, checks: 400 },
    { n: 100, features: 5, checks: 200 },
    { n: 100, features: 22, checks: 60 },
    { n: 1_000, features: 1, checks: 200 },
    { n: 1_000, features: 5, checks: 40 },
    { n: 1_000, features: 22, checks: 12 },
    { n: 10_000, features: 1, checks: 40 },
    { n: 10_000, features: 5, checks: 10 },
    { n: 10_000, features: 22, checks: 3 },
  ])(
    'raises no more than 5 % false alarms with $features features of $n values',
    ({ n, features, checks }) => {
      // Without the threshold of the effect, so that p values alone keep the level.
      const { certain } = shareDrifting(checks, features, { steps: n }, { steps: n });
      expect(certain).toBeLessThan(limit(checks));
    },
    60_000,
  );

  it.each([
    {
      name: 'that remember half',
      reference: { steps: 1_000, memory: 0.5 },
      recent: { steps: 1_000, memory: 0.5 },
    },
    {
      name: 'that remember most',
      reference: { steps: 1_000, memory: 0.9 },
      recent: { steps: 1_000, memory: 0.9 },
    },
    { name: 'of few steps', reference: { steps: 224, memory: 0.5 }, recent: { steps: 112, memory: 0.5 } },
    {
      name: 'of pools that move together',
      reference: { steps: 200, pools: 20, common: 0.5 },
      recent: { steps: 100, pools: 20, common: 0.5 },
    },
    {
      name: 'of pools that move together and remember',
      reference: { steps: 224, pools: 20, common: 0.3, memory: 0.8 },
      recent: { steps: 112, pools: 20, common: 0.3, memory: 0.8 },
    },
  ])(
    'raises no more than 5 % false alarms on values $name',
    ({ reference, recent }) => {
      const { certain } = shareDrifting(300, 1, reference, recent);
      expect(certain).toBeLessThan(limit(300));
    },
    60_000,
  );

  it('says that it does not know where memory leaves too few independent stretches', () => {
    const slow = { pools: 5, common: 0.5, memory: 0.99 };
    const { unknown } = shareDrifting(30, 1, { steps: 224, ...slow }, { steps: 112, ...slow });
    expect(unknown).toBeGreaterThan(0.9);
  });

  it('is silent on a feature that never changes', () => {
    const constant = valuesOf({ steps: 100 }, () => 4);
    expect(testShift(constant, constant, 1, uniform)).toMatchObject({ p: 1, effect: 0 });
  });
});

describe('a test of drift finds, among 22 features of 1,000 values,', () => {
  it.each([
    { name: 'a mean that moved by half a standard deviation', change: (value: number) => value + 0.5 },
    { name: 'a variance that doubled', change: (value: number) => value * Math.SQRT2 },
    { name: 'a feature that is stuck', change: () => 0.3 },
    { name: 'a tenth that went missing', change: (value: number) => (uniform() < 0.1 ? Number.NaN : value) },
  ])(
    '$name',
    ({ change }) => {
      const process = { steps: 1_000 };
      expect(shareDrifting(10, 22, process, process, change).alarms).toBeGreaterThan(0.8);
    },
    60_000,
  );
});

it('a huge sample does not make a negligible shift an alarm', () => {
  const process = { steps: 10_000 };
  const { alarms, certain } = shareDrifting(10, 1, process, process, value => value + 0.1);
  expect(certain).toBe(1);
  expect(alarms).toBe(0);
});
