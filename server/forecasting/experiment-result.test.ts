import { describe, expect, it } from 'vitest';
import { experimentResult as contract } from '../../common/contracts/index.ts';
import { type ExperimentToJudge, experimentResult } from './experiment-result.ts';
import type { PairedBlock } from './paired-errors.ts';
import { randomSamples } from './random-samples.fixture.ts';

const DAY = 86_400_000;
const experiment: ExperimentToJudge = {
  id: 'x1',
  championId: 'old',
  challengerId: 'new',
  startedAt: 0,
  endedAt: null,
  alpha: 0.05,
  guardrails: { worstRelative: 0.1, missingShare: 0.05, failures: 3 },
};
const counts = { championPredictions: 1_000, missingPredictions: 0, failures: 0 };

/** Blocks in which the champion is off by about 2 % of the price, and the challenger by that times a factor. */
function blocksOf(count: number, factor: number): PairedBlock[] {
  const { normal } = randomSamples(count);
  const error = (relative: number) => ({ relative, maeUsd: relative * 0.1 });
  return Array.from({ length: count }, (_, index) => ({
    startMs: index * DAY,
    endMs: (index + 2) * DAY,
    points: 48,
    pools: 2,
    first: error(0.02 + 0.002 * normal()),
    second: error(factor * 0.02 + 0.002 * normal()),
    persistence: error(0.03),
  }));
}
const judged = (blocks: readonly PairedBlock[], change = {}) =>
  experimentResult(experiment, blocks, { ...counts, ...change }, DAY, 100 * DAY);

describe('an experiment', () => {
  it('says nothing before there are enough stretches, and when there will be', () => {
    const result = judged(blocksOf(5, 0.5));
    expect(result).toMatchObject({
      verdict: 'too-few',
      blocks: 5,
      lower: null,
      blocksLeft: null,
      etaMs: null,
    });
    expect(result.sentence).toBe(
      '5 stretches of 1 d are over; from 20 on, in 15 d at the earliest, there is something to say.',
    );
    expect(contract.parse(result)).toEqual(result);
  });

  it('finds the better challenger, with a chart of how that became known', () => {
    const result = judged(blocksOf(40, 0.8));
    expect(result).toMatchObject({ verdict: 'challenger-better', points: 1_920, pools: 2, blocksLeft: 0 });
    expect(result.meanDifference).toBeCloseTo(0.004, 2);
    expect(result.series).toHaveLength(40);
    expect(result.series[18]).toMatchObject({ lower: null, atMs: 20 * DAY });
    expect(result.series.at(-1)?.lower).toBe(result.lower);
    expect(result.sentence).toMatch(
      /^Over 40 stretches of 1 d the challenger is off by 1\.\d+ % of the price/,
    );
    expect(contract.parse(result)).toEqual(result);
  });

  it('finds the better champion without stopping while the loss is within the margin', () => {
    const result = judged(blocksOf(200, 1.05));
    expect(result.verdict).toBe('champion-better');
    expect(result.guardrails.map(guardrail => guardrail.breached)).toEqual([false, false, false]);
  });

  it('says how much longer it may take while it is undecided', () => {
    const result = judged(blocksOf(20, 0.97));
    expect(result.verdict).toBe('undecided');
    expect(result.etaMs).toBe((result.blocksLeft ?? 0) * DAY);
    expect(result.blocksLeft).toBeGreaterThan(0);
    expect(result.sentence).toMatch(/undecided so far; it may take \d+ d more/);
  });

  it('is undecided between two models that are the same', () => {
    const same = blocksOf(40, 1).map(block => ({ ...block, second: block.first }));
    expect(judged(same)).toMatchObject({ verdict: 'undecided', meanDifference: 0, blocksLeft: null });
  });
});

describe('a guardrail', () => {
  it('stops a challenger that is surely worse by more than the margin', () => {
    const result = judged(blocksOf(40, 1.5));
    const [worse] = result.guardrails;
    expect(worse).toMatchObject({ name: 'worse-than-champion', breached: true, limit: 0.1 });
    expect(worse?.value).toBeGreaterThan(0.3);
    expect(result.sentence).toBe(worse?.sentence);
  });

  it('stops a challenger that cannot predict what the champion can, not on a few predictions', () => {
    const blocks = blocksOf(5, 1);
    expect(judged(blocks, { missingPredictions: 51 }).guardrails[1]).toMatchObject({
      breached: true,
      value: 0.051,
    });
    expect(judged(blocks, { missingPredictions: 50 }).guardrails[1]?.breached).toBe(false);
    const few = { championPredictions: 99, missingPredictions: 99 };
    expect(judged(blocks, few).guardrails[1]?.breached).toBe(false);
    expect(judged(blocks, { championPredictions: 0 }).guardrails[1]?.value).toBeNull();
  });

  it('stops a challenger whose process fails too often', () => {
    expect(judged([], { failures: 2 }).guardrails[2]?.breached).toBe(false);
    const result = judged([], { failures: 3 });
    expect(result.guardrails[2]?.breached).toBe(true);
    expect(result.sentence).toBe(
      'The challenger has failed 3 times since the start; at 3 the experiment ends.',
    );
  });
});
