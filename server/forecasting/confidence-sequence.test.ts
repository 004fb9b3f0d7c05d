import { describe, expect, it } from 'vitest';
import { ConfidenceSequence, usualConfidence } from './confidence-sequence.ts';
import { randomSamples } from './random-samples.fixture.ts';

const STREAMS = 2_000;
const OBSERVATIONS = 2_000;
/** Three standard errors of a share of 5 % in 2,000 streams. */
const MONTE_CARLO_ERROR = 3 * Math.sqrt((0.05 * 0.95) / STREAMS);

/** Share of streams whose interval ever excludes 0. */
function shareEverExcluding(streamOf: () => () => number, streams = STREAMS): number {
  let excluding = 0;
  for (let stream = 0; stream < streams; stream++) {
    const next = streamOf();
    const sequence = new ConfidenceSequence(usualConfidence);
    for (let count = 0; count < OBSERVATIONS; count++) {
      const { lower, upper } = sequence.add(next());
      if (lower > 0 || upper < 0) {
        excluding++;
        break;
      }
    }
  }
  return excluding / streams;
}

describe('a confidence sequence, looked at after each of 2,000 observations', () => {
  const { normal, lognormal, exponential, heavyTailed, overlapping } = randomSamples(20_260);

  it.each([
    { name: 'normal', streamOf: () => normal },
    { name: 'lognormal', streamOf: () => lognormal },
    { name: 'lognormal, skewed to the left', streamOf: () => () => -lognormal() },
    { name: 'exponential', streamOf: () => exponential },
    { name: 'heavy-tailed', streamOf: () => heavyTailed },
    { name: 'overlapping', streamOf: overlapping },
  ])('excludes a true mean of 0 in no more than five of a hundred streams of $name data', ({ streamOf }) => {
    expect(shareEverExcluding(streamOf)).toBeLessThan(usualConfidence.alpha + MONTE_CARLO_ERROR);
  });

  it('stays silent where a t test that is looked at each time cries wolf', () => {
    let alarms = 0;
    for (let stream = 0; stream < 500; stream++) {
      let sum = 0;
      let squares = 0;
      for (let count = 1; count <= OBSERVATIONS; count++) {
        const value = normal();
        sum += value;
        squares += value * value;
        const deviation = Math.sqrt((squares - (sum * sum) / count) / (count - 1));
        if (count >= usualConfidence.fewest && Math.abs(sum / count) > (2.0 * deviation) / Math.sqrt(count)) {
          alarms++;
          break;
        }
      }
    }
    expect(alarms / 500).toBeGreaterThan(0.3);
  });

  it('finds an effect of 0.3 standard deviations in all but few streams', () => {
    expect(shareEverExcluding(() => () => normal() + 0.3, 500)).toBeGreaterThan(0.95);
  });
});

describe('a confidence sequence', () => {
  it('has the width of the formula', () => {
    const sequence = new ConfidenceSequence({ alpha: 0.05, tightestAt: 100, fewest: 4 });
    // Alternating ±1: mean 0, variance 4 / 3, no skewness, neighbours that move apart.
    for (const value of [1, -1, 1]) sequence.add(value);
    const { lower, upper } = sequence.add(-1);
    // ρ² = (5.991465 + ln 6.991465) / 100 = 0.0793616; 4 ρ² + 1 = 1.3174462; the long-run variance is 4/3 · 4/(4 − 3);
    // √(16/3) · √(2 · 1.3174462 / (16 · 0.0793616) · ln(√1.3174462 / 0.05)) = 5.888927.
    const expected = 5.888927;
    expect(upper).toBeCloseTo(expected, 5);
    expect(lower).toBeCloseTo(-expected, 5);
  });

  it('knows nothing before the fewest observations', () => {
    const sequence = new ConfidenceSequence({ ...usualConfidence, fewest: 5 });
    for (const value of [1, 2, 3, 4]) {
      expect(sequence.add(value)).toMatchObject({ lower: -Infinity, upper: Infinity });
    }
    expect(sequence.observationsLeft()).toBeUndefined();
    expect(sequence.add(5).lower).toBeGreaterThan(-Infinity);
  });

  it('foresees when 0 will be excluded if mean and spread stay', () => {
    const { normal } = randomSamples(7);
    const sequence = new ConfidenceSequence(usualConfidence);
    const cycle = Array.from({ length: 30 }, () => normal() + 0.5);
    for (const value of cycle) sequence.add(value);
    const left = sequence.observationsLeft();
    expect(left).toBeGreaterThan(0);
    // The same thirty values again and again have the same mean and nearly the same spread.
    let waited = 0;
    while (sequence.now().lower <= 0) sequence.add(cycle[waited++ % 30] ?? 0);
    expect(Math.abs(waited - (left ?? 0))).toBeLessThan(0.35 * waited + 3);
    expect(sequence.observationsLeft()).toBe(0);
  });

  it('does not foresee an end where there is no effect', () => {
    const sequence = new ConfidenceSequence(usualConfidence);
    for (let pair = 0; pair < 50; pair++) for (const value of [1, -1]) sequence.add(value);
    expect(sequence.observationsLeft()).toBeUndefined();
  });
});
