import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../common/units/index.ts';
import { type DecisionPolicy, defaultPolicy } from '../policy.ts';
import { forecastsOf, nodeAt, stateOf } from '../small-cluster.fixture.ts';
import { type PoolNotice, withStanding } from './pool-standing.ts';
import { spotEngine } from './spot/spot-engine.ts';

const NOW = 1_800_000_000_000;
const KEY = 'us-east-1/us-east-1a/m5.large/Linux/UNIX' as never;
const forecasts = forecastsOf({ 'm5.large/us-east-1a': 30_000, 'm6i.xlarge/us-east-1a': 60_000 });
const at = (kind: PoolNotice['kind'], ...hoursAgo: number[]): PoolNotice[] =>
  hoursAgo.map(hours => ({ kind, atMs: NOW - hours * MS_PER_HOUR }));
const standing = (notices: readonly PoolNotice[], policy: DecisionPolicy = defaultPolicy, nowMs = NOW) =>
  withStanding(forecasts, new Map([[KEY, notices]]), policy, nowMs);

describe('a pool', () => {
  it('is avoided after two interruptions within a day, until it was quiet for twelve hours', () => {
    expect(standing(at('interruption', 5)).avoided?.size).toBe(0);
    expect(standing(at('interruption', 30, 5)).avoided?.size).toBe(0);
    const { avoided, pools } = standing(at('interruption', 20, 5));
    expect(avoided?.get(KEY)).toMatchObject({ interruptions: 2, returnsInMs: 7 * MS_PER_HOUR });
    expect(pools.has(KEY)).toBe(false);
    expect(pools.size).toBe(1);
    expect(standing(at('interruption', 24, 12)).avoided?.size).toBe(0);
    // One alone would not have begun it, but it prolongs it.
    expect(standing(at('interruption', 40, 30, 20, 10, 1)).avoided?.get(KEY)).toMatchObject({
      interruptions: 5,
      returnsInMs: 11 * MS_PER_HOUR,
    });
  });

  it('counts as risky for two hours after a recommendation or an interruption, where its risk is known', () => {
    const riskOf = (notices: readonly PoolNotice[]) => standing(notices).pools.get(KEY);
    expect(riskOf(at('rebalance', 1))).toMatchObject({
      interruptionMaxPercentPerMonth: 100,
      interruptionSource: 'notice',
    });
    expect(riskOf(at('interruption', 1))?.interruptionMaxPercentPerMonth).toBe(100);
    expect(riskOf(at('rebalance', 2))?.interruptionMaxPercentPerMonth).toBe(5);
    const unknown = new Map(
      [...forecasts.pools].map(([key, pool]) => [
        key,
        { ...pool, interruptionMaxPercentPerMonth: undefined },
      ]),
    );
    const told = withStanding(
      { ...forecasts, pools: unknown },
      new Map([[KEY, at('rebalance', 1)]]),
      defaultPolicy,
      NOW,
    );
    expect(told.pools.get(KEY)?.interruptionMaxPercentPerMonth).toBeUndefined();
  });

  it('is avoided exactly where some run of interruptions without a long pause has enough of them close together', () => {
    const times = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 12 });
    const rules = fc.record({
      interruptionsUntilAvoided: fc.integer({ min: 1, max: 4 }),
      interruptionSpanMs: fc.integer({ min: 1, max: 30 }),
      poolReturnMs: fc.integer({ min: 1, max: 30 }),
    });
    fc.assert(
      fc.property(times, rules, (ago, rule) => {
        const policy = { ...defaultPolicy, ...rule };
        const notices = ago.map(one => ({ kind: 'interruption', atMs: NOW - one }) as const);
        const past = notices.map(({ atMs }) => atMs).sort((a, b) => a - b);
        // Literally: the last run of interruptions with shorter pauses than the return, up to now.
        let run: number[] = [];
        for (const time of past) {
          if (run.length > 0 && time - (run.at(-1) ?? 0) >= rule.poolReturnMs) run = [];
          run.push(time);
        }
        const isQuiet = NOW - (run.at(-1) ?? 0) >= rule.poolReturnMs;
        const isDense = run.some(
          end =>
            past.filter(time => time <= end && time > end - rule.interruptionSpanMs).length >=
            rule.interruptionsUntilAvoided,
        );
        expect(standing(notices, policy).avoided?.has(KEY)).toBe(!isQuiet && isDense);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

it('keeps a node where it is while the pool that pays is avoided, and says until when', () => {
  const one = forecastsOf({ 'm5.large/us-east-1a': 30_000 });
  const state = stateOf(
    ['a', 'b', 'c', 'd'].map(name => nodeAt(name)),
    [],
  );
  const ask = (notices: readonly PoolNotice[], nowMs = NOW) =>
    spotEngine.decide(
      state,
      withStanding(one, new Map([[KEY, notices]]), defaultPolicy, nowMs),
      defaultPolicy,
    );
  expect(ask([]).proposals.length).toBeGreaterThan(0);
  const kept = ask(at('interruption', 3, 1));
  expect(kept.proposals).toEqual([]);
  expect(kept.blocked[0]?.reasons.find(({ code }) => code === 'pool-avoided')).toMatchObject({
    text: expect.stringMatching(
      /^m5\.large Spot in us-east-1a would save \$0\.16.*AWS took 2 nodes there away.*in 11 h,/,
    ),
    savesMicroUsdPerHour: expect.any(Number),
  });
  expect(ask(at('interruption', 3, 1), NOW + MS_PER_DAY).proposals.length).toBeGreaterThan(0);
});
