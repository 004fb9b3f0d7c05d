import { describe, expect, it } from 'vitest';
import { MS_PER_HOUR, type PoolKey } from '../../common/units/index.ts';
import type { MadeRisk } from './made-prediction.ts';
import { randomSamples } from './random-samples.fixture.ts';
import {
  exposureOf,
  monthlyPercentOf,
  persistenceMs,
  probabilityOfMonthly,
  riskBaselines,
} from './risk-baselines.ts';
import { riskOutcomes } from './risk-outcomes.ts';
import { judgedStepMs } from './run-risk-forecast.ts';
import type { SpotNode } from './spot-node.ts';

const START_MS = Date.UTC(2026, 9, 1);
const POOL = 'us-east-1/us-east-1a/m5.large/Linux/UNIX' as PoolKey;
const OTHER = 'us-east-1/us-east-1a/c5.large/Linux/UNIX' as PoolKey;
const at = (hours: number) => START_MS + hours * MS_PER_HOUR;

function node(fromHours: number, untilHours: number, isInterrupted = false, pool = POOL): SpotNode {
  const uid = `${pool}-${fromHours}-${untilHours}`;
  const untilMs = at(untilHours);
  return {
    clusterId: 'c',
    uid,
    name: uid,
    pool,
    fromMs: at(fromHours),
    untilMs,
    interruptedMs: isInterrupted ? untilMs : undefined,
  };
}

const risk = (madeAtHours: number, probability = 0.5, pool = POOL): MadeRisk => ({
  pool,
  madeAt: at(madeAtHours),
  forMs: at(madeAtHours + 24),
  probability,
});

describe('what became of nodes', () => {
  it('counts those that ran when it was predicted, in the pool that it was predicted for', () => {
    const nodes = [
      node(0, 100),
      node(0, 20, true),
      node(11, 50, true),
      // Not there yet, gone before, of another pool.
      node(12, 50),
      node(0, 10, true),
      node(0, 15, true, OTHER),
    ];
    const { outcomes, ...counts } = riskOutcomes([risk(11)], nodes);
    expect(outcomes).toMatchObject([{ interrupted: 1, survived: 2, interruptedNodes: 1, survivedNodes: 2 }]);
    expect(counts).toEqual({ nodes: 3, interruptions: 1, censored: 0 });
  });

  it('knows nothing of a node that went for another reason before the horizon, and weighs those that stayed for it', () => {
    // One of four goes after 6 h; the other three each stand for 4/3. The interruption at 3 h was before that.
    const nodes = [node(0, 3, true), node(0, 6), node(0, 100), node(0, 99), node(0, 98)];
    const { outcomes, censored } = riskOutcomes([risk(0)], nodes);
    expect(censored).toBe(1);
    expect(outcomes[0]?.interrupted).toBe(1);
    expect(outcomes[0]?.survived).toBeCloseTo(3 * (4 / 3), 12);
  });

  it('is nothing without a node, or when all have gone for other reasons', () => {
    expect(riskOutcomes([risk(0)], []).outcomes).toEqual([]);
    expect(riskOutcomes([risk(0)], [node(0, 5), node(0, 7)])).toMatchObject({
      outcomes: [],
      censored: 2,
      nodes: 0,
    });
  });

  it('gives the true share under heavy censoring, where leaving censored nodes out does not', () => {
    const { uniform } = randomSamples(11);
    const nodes = Array.from({ length: 20_000 }, () => {
      const interruptedAfter = -Math.log(uniform()) / 0.02;
      const goneAfter = -Math.log(uniform()) / 0.05;
      return node(0, Math.min(interruptedAfter, goneAfter), interruptedAfter < goneAfter);
    });
    const [outcome] = riskOutcomes([risk(0)], nodes).outcomes;
    if (!outcome) throw new Error('There is no outcome.');
    const truth = 1 - Math.exp(-0.02 * 24);
    const share = outcome.interrupted / (outcome.interrupted + outcome.survived);
    expect(Math.abs(share - truth)).toBeLessThan(0.012);
    const naive = outcome.interruptedNodes / (outcome.interruptedNodes + outcome.survivedNodes);
    expect(naive - truth).toBeGreaterThan(0.08);
  });
});

describe('the time between predictions that are compared', () => {
  it('is three hours, and a multiple of it where very many nodes run', () => {
    const of = (count: number) =>
      judgedStepMs(
        Array.from({ length: count }, () => node(0, 720)),
        at(0),
        at(720),
      );
    expect([of(0), of(800), of(900), of(4_000)].map(ms => ms / MS_PER_HOUR)).toEqual([3, 3, 6, 15]);
  });
});

describe('the simple rules', () => {
  const nodes = [node(0, 200), node(0, 60, true), node(100, 150, true, OTHER), node(50, 200, false, OTHER)];

  it('take node hours and interruptions of what was known at the time', () => {
    expect(exposureOf(nodes, at(0), at(60))).toEqual({ nodeHours: 60 + 60 + 10, interruptions: 1 });
    expect(exposureOf(nodes, at(0), at(59))).toEqual({ nodeHours: 59 + 59 + 9, interruptions: 0 });
    const before = riskBaselines(nodes, 24)(POOL, at(59));
    const changed = nodes.map(known =>
      known.interruptedMs === at(60) ? { ...known, interruptedMs: undefined } : known,
    );
    expect(riskBaselines(changed, 24)(POOL, at(59))).toEqual(before);
  });

  it('are the rate of all pools, and what the pool itself did in the last day', () => {
    const { baseRate, persistence } = riskBaselines(nodes, 24)(POOL, at(70));
    // 70 + 60 + 20 hours, one interruption and half a one of the prior.
    expect(baseRate).toBeCloseTo(1 - Math.exp((-1.5 / 150) * 24), 12);
    // From hour 46 on: 24 + 14 hours and one interruption.
    expect(persistence).toBeCloseTo(1 - Math.exp((-1 / 38) * 24), 12);
    expect(riskBaselines(nodes, 24)(OTHER, at(70)).persistence).toBe(0);
  });

  it('say no base rate before enough was seen', () => {
    expect(riskBaselines(nodes, 24)(POOL, at(20)).baseRate).toBeUndefined();
    expect(persistenceMs(6)).toBe(24 * MS_PER_HOUR);
    expect(persistenceMs(48)).toBe(48 * MS_PER_HOUR);
  });

  it('turn a month into a horizon and back', () => {
    expect(probabilityOfMonthly(20, 720)).toBeCloseTo(0.2, 12);
    expect(probabilityOfMonthly(20, 24)).toBeCloseTo(1 - 0.8 ** (1 / 30), 12);
    expect(monthlyPercentOf(probabilityOfMonthly(13, 24), 24)).toBeCloseTo(13, 10);
    expect(monthlyPercentOf(1, 24)).toBe(100);
  });
});
