import { beforeAll, describe, expect, it } from 'vitest';
import { riskBacktestReport } from '../../../../common/contracts/index.ts';
import { MS_PER_HOUR, poolKey } from '../../../../common/units/index.ts';
import { madeRecording, madeZones } from '../../../../tests/support/made-recording.ts';
import { evaluateRisk } from '../../evaluate-risk.ts';
import { randomSamples } from '../../random-samples.fixture.ts';
import { riskPoolsAsCsv } from '../render-csv.ts';
import { backtestRisks, type RiskBacktestPlan, type RiskBacktestResult } from './backtest-risks.ts';
import { baseRatesAt } from './base-rates.ts';
import { readAvailability } from './read-availability.ts';
import { riskReportAsHtml } from './render-risk-html.ts';
import type { RiskForecaster } from './risk-forecaster.ts';

const quiet = new AbortController().signal;
const START_MS = Date.UTC(2026, 8, 1);
const hour = (count: number) => START_MS + count * MS_PER_HOUR;
const facts = {
  vcpu: 2,
  memoryMib: 8_192,
  gpuCount: 0,
  arch: 'amd64' as const,
  onDemandMicroUsdPerHour: undefined,
  interruption: undefined,
};
const readFrom = (text: string) =>
  readAvailability([{ name: 'made.csv', text }], { product: 'Linux/UNIX', nodes: 1 });

/** A model that says what `say` makes of the price. */
function forecasterOf(say: (usd: number) => number): RiskForecaster {
  return {
    name: 'Made',
    horizonMs: MS_PER_HOUR,
    features: ['last_price_usd'],
    isBaseline: false,
    unknownFeatures: new Map(),
    probabilities: async ({ places, values }) =>
      Float64Array.from(places, place => say(values[place] ?? Number.NaN)),
  };
}
const truthOf = (usd: number) => madeZones.find(zone => Math.abs(zone.usd - usd) < 1e-9)?.truth ?? Number.NaN;

function test(
  forecaster: RiskForecaster,
  change: Partial<RiskBacktestPlan> = {},
): Promise<RiskBacktestResult> {
  const { availability, prices } = readFrom(madeRecording(30));
  const plan: RiskBacktestPlan = {
    ...{ forecaster, availability, origins: 'all', nodes: 1, notes: [] },
    market: { pools: prices, neighbours: [], factsOf: () => facts },
    ...{ stepMs: MS_PER_HOUR, fromMs: undefined, toMs: undefined },
    ...{ trainedUntilMs: undefined, isEmbargoLifted: false },
    ...change,
  };
  return backtestRisks(plan, quiet, () => undefined);
}

let honest: RiskBacktestResult;
beforeAll(async () => {
  honest = await test(forecasterOf(truthOf));
});

describe('a backtest of probabilities on recordings', () => {
  it('finds true probabilities better than base rate and persistence, calibrated and resolved', () => {
    const { riskReport: report } = honest;
    expect(riskBacktestReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report).toMatchObject({ verdict: 'better', pools: 4, stepMinutes: 60, horizonHours: 1 });
    expect(report.baseRate.skill).toBeGreaterThan(0.1);
    expect(report.persistence.skill).toBeGreaterThan(0.3);
    expect(report.parts.resolution).toBeGreaterThan(0.01);
    for (const { predicted, observed, points } of report.calibration) {
      expect(Math.abs(observed - predicted)).toBeLessThan(
        4 * Math.sqrt((predicted * (1 - predicted)) / points),
      );
    }
    const { lower, upper } = report.intervals.skillAgainstBaseRate ?? { lower: Number.NaN, upper: 0 };
    expect(lower).toBeLessThan(report.baseRate.skill ?? 0);
    expect(upper).toBeGreaterThan(report.baseRate.skill ?? 1);
    // 720 hours: no price in the first, no horizon in the last, and 26 until the base rate of 4 pools has its 100 outcomes.
    expect(report.leftOut).toMatchObject({
      unknownState: 0,
      away: 0,
      unknownBaseRate: 4 * 25,
      noForecast: 0,
    });
    expect(report.points + report.leftOut.unknownBaseRate + report.leftOut.unknownOutcome).toBe(4 * 720);
    expect(report.happened).toBe(report.calibration.reduce((sum, bin) => sum + bin.happened, 0));
  });

  it.each([
    ['repeat one number', () => 0.2, /no better than the base rate/],
    ['are turned around', (usd: number) => 1 - truthOf(usd), /no better than the base rate/],
  ])('says no to probabilities that %s', async (_, say, reason) => {
    const { riskReport: report } = await test(forecasterOf(say));
    expect(report.verdict).toBe('no-better');
    expect(report.sentence).toMatch(reason);
  });

  it('says no to noise around the base rate, but for the share that chance allows', async () => {
    const { uniform } = randomSamples(7);
    const verdicts: string[] = [];
    const rate = honest.riskReport.happened / honest.riskReport.points;
    for (let run = 0; run < 20; run++) {
      const noise = await test(forecasterOf(() => rate * (0.95 + 0.1 * uniform())));
      verdicts.push(noise.riskReport.verdict);
    }
    expect(verdicts.filter(verdict => verdict === 'better').length).toBeLessThanOrEqual(3);
  });

  it('says what the live evaluation says of the very same points', async () => {
    const { availability } = readFrom(madeRecording(30));
    const timesMs = Float64Array.from({ length: 719 }, (_, index) => hour(index));
    const grid = { availability, horizonMs: MS_PER_HOUR, stepMs: MS_PER_HOUR, origins: 'all' as const };
    const baseRates = baseRatesAt(timesMs, grid);
    const points = availability.flatMap((pool, place) => {
      const { isAway, happened } = pool.outcomes(timesMs, MS_PER_HOUR);
      return [...timesMs].flatMap((madeAt, index) => {
        const baseRate = baseRates[index] ?? Number.NaN;
        if (Number.isNaN(baseRate) || happened[index] === -1) return [];
        const [interrupted, survived] = happened[index] === 1 ? [1, 0] : [0, 1];
        const prediction = {
          pool: poolKey(pool.pool),
          madeAt,
          forMs: madeAt + MS_PER_HOUR,
          probability: madeZones[place]?.truth ?? 0,
        };
        const nodes = { interruptedNodes: interrupted, survivedNodes: survived };
        const persistence = isAway[index] === 1 ? 1 : 0;
        return { prediction, interrupted, survived, ...nodes, baseRate, persistence, advisor: undefined };
      });
    });
    const live = evaluateRisk(points, { nodes: 4, interruptions: 99, censored: 0 }, 1, 1);
    const { riskReport: report } = honest;
    expect(live?.points).toBe(report.points);
    for (const [ours, theirs] of [
      [report.brier, live?.brier],
      [report.logLoss, live?.logLoss],
      [report.baseRate.skill, live?.baseRate.skill],
      [report.persistence.skill, live?.persistence.skill],
    ]) {
      expect(ours).toBeCloseTo(theirs ?? Number.NaN, 12);
    }
    expect(live?.calibration.map(bin => [bin.from, bin.nodes, bin.interrupted])).toEqual(
      report.calibration.map(bin => [bin.from, bin.points, bin.happened]),
    );
  });

  it('asks only about what could be had when told to, and counts the rest', async () => {
    const { riskReport: report } = await test(forecasterOf(truthOf), { origins: 'available' });
    expect(report.origins).toBe('available');
    expect(report.leftOut.away).toBeGreaterThan(100);
    // Persistence can only say no.
    expect(report.persistence.brier).toBeCloseTo(report.happened / report.points, 12);
  });

  it('counts nothing within a horizon after the training, and says when that is lifted', async () => {
    const trainedUntilMs = hour(400);
    const { riskReport: kept } = await test(forecasterOf(truthOf), { trainedUntilMs });
    expect(kept.from).toBe(new Date(hour(401)).toISOString().replace('.000Z', 'Z'));
    expect(kept.embargo).toMatchObject({ lifted: false, pointsBefore: 0 });
    const lifted = await test(forecasterOf(truthOf), { trainedUntilMs, isEmbargoLifted: true });
    expect(lifted.riskReport.embargo.pointsBefore).toBeGreaterThan(1_000);
  });

  it('learns the base rate from horizons that were over, and from nothing later', () => {
    // There for fifteen days; then for good, or not any more.
    const [stays, goes] = [1, 0].map(later => {
      const rows = madeRecording(30).replace(
        /,3600,(\d+),1,[01],/g,
        (_, tick) => `,3600,${tick},1,${Number(tick) < 360 ? 1 : later},`,
      );
      return readFrom(rows).availability;
    });
    const timesMs = Float64Array.from({ length: 719 }, (_, index) => hour(index));
    const grid = { horizonMs: 6 * MS_PER_HOUR, stepMs: MS_PER_HOUR, origins: 'all' as const };
    const [one, two] = [stays, goes].map(availability =>
      baseRatesAt(timesMs, { availability: availability ?? [], ...grid }),
    );
    expect(one?.subarray(0, 360)).toEqual(two?.subarray(0, 360));
    // The first horizon that reached the 360th hour is over by then.
    expect(two?.[360]).toBeGreaterThan(one?.[360] ?? 1);
  });

  it('cannot judge little, and says why nothing can be compared', async () => {
    const { riskReport: short } = await test(forecasterOf(truthOf), { toMs: hour(38) });
    expect(short.verdict).toBe('too-few-points');
    await expect(test(forecasterOf(truthOf), { toMs: hour(20) })).rejects.toThrow(
      /at 8\d pool-times? too little had happened|too little had happened to know a base rate/,
    );
    await expect(test(forecasterOf(truthOf), { fromMs: hour(10_000) })).rejects.toThrow(
      /No time is left to test: recordings from/,
    );
  });

  it('is one page with its calibration, and a row for each pool', () => {
    const { riskReport, riskPools } = honest;
    const page = riskReportAsHtml({ ...riskReport, model: '<b>x</b>' }, riskPools);
    expect(page).toContain('Calibration: how often it happened');
    expect(page).toContain('&#60;b&#62;x');
    expect(page).not.toMatch(/<b>x|NaN|undefined|src=/);
    const lines = riskPoolsAsCsv(riskPools).trim().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toBe(
      'pool,points,happened,interruptions,predicted,observed,brier,baseRateBrier,persistenceBrier,skillAgainstBaseRate,skillAgainstPersistence',
    );
  });
});
