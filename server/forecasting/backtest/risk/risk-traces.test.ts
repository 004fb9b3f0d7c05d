import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../common/seeded-random.ts';
import { MS_PER_DAY, MS_PER_HOUR } from '../../../../common/units/index.ts';
import { policiesSection } from '../policy/index.ts';
import { backtestRisks, type RiskBacktestPlan } from './backtest-risks.ts';
import { readAvailability } from './read-availability.ts';
import { riskReportAsHtml } from './render-risk-html.ts';
import type { RiskForecaster } from './risk-forecaster.ts';

const quiet = new AbortController().signal;
const START_MS = Date.UTC(2026, 8, 1);
const DAYS = 40;
const facts = {
  vcpu: 2,
  memoryMib: 8_192,
  gpuCount: 0,
  arch: 'amd64' as const,
  onDemandMicroUsdPerHour: 300_000,
  interruption: undefined,
};

/** Zone a is a little cheaper, and away in one hour of four; b is hardly ever. */
function recording(price: (zone: string) => string): string {
  const random = seededRandom(5);
  const rows = ['a', 'b'].flatMap(zone =>
    Array.from({ length: DAYS * 24 }, (_, tick) => {
      const available = random() < (zone === 'a' ? 0.25 : 0.01) ? 0 : 1;
      return `m5-${zone},m5.large,us-east-1${zone},2026-09-01T00:00:00Z,3600,${tick},1,${available},${price(zone)}`;
    }),
  );
  return `trace,instance_type,zone,start_date,gap_seconds,tick_start,ticks,available,price_usd\n${rows.join('\n')}\n`;
}

const told = recording(zone => (zone === 'a' ? '0.1000' : '0.1010'));
const silent = recording(() => '');

/** Says the chance of each zone by its price; the other way round where it is `wrong`. */
function forecasterOf(wrong = false): RiskForecaster {
  return {
    name: 'Made',
    horizonMs: MS_PER_HOUR,
    features: ['last_price_usd'],
    isBaseline: false,
    unknownFeatures: new Map(),
    probabilities: async ({ places, values }) =>
      Float64Array.from(places, place => {
        const usd = values[place] ?? Number.NaN;
        return Number.isNaN(usd) ? Number.NaN : usd < 0.1005 !== wrong ? 0.25 : 0.01;
      }),
  };
}

function planOf(text: string, changes: Partial<RiskBacktestPlan> = {}): RiskBacktestPlan {
  const files = [{ name: 'made.csv', text }];
  const { availability, prices } = readAvailability(files, { product: 'Linux/UNIX', nodes: 1 });
  return {
    forecaster: forecasterOf(),
    availability,
    market: { pools: prices, neighbours: [], factsOf: () => facts },
    origins: 'all',
    nodes: 1,
    notes: [],
    stepMs: MS_PER_HOUR,
    fromMs: undefined,
    toMs: undefined,
    trainedUntilMs: START_MS + 4 * MS_PER_DAY,
    isEmbargoLifted: false,
    policy: {
      files,
      spot: undefined,
      onDemand: undefined,
      jobs: {
        job: { workMs: 24 * MS_PER_HOUR, deadlineMs: 36 * MS_PER_HOUR, changeoverMs: MS_PER_HOUR / 5 },
        everyMs: 24 * MS_PER_HOUR,
      },
    },
    ...changes,
  };
}

async function compared(plan: RiskBacktestPlan) {
  const { riskReport } = await backtestRisks(plan, quiet, () => undefined);
  const { policy } = riskReport;
  if (!policy) throw new Error('nothing was compared');
  const of = (name: string) => policy.policies.find(each => each.policy === name);
  return {
    riskReport,
    policy,
    model: of('model'),
    persistence: of('persistence'),
    optimum: of('hindsight-optimal'),
  };
}

describe('what a model of interruptions is worth', () => {
  it('is the dollars and interruptions that the riskier zone would have cost', async () => {
    const { riskReport, policy, model, persistence, optimum } = await compared(planOf(told));
    // Both of a trace, from the end of the embargo on: 36 days less the deadline of the last job.
    expect(policy).toMatchObject({ traces: 1, pools: 2, jobs: 35 });
    expect(model?.interruptions).toBeLessThan((persistence?.interruptions ?? 0) / 3);
    expect(policy.modelSavesUsd).toBeGreaterThan(0.3);
    expect(model?.costUsd).toBeGreaterThanOrEqual(optimum?.costUsd ?? Number.NaN);
    expect(riskReportAsHtml(riskReport, [])).toContain(policiesSection(policy));
  });

  it('is a loss where the model takes the steady zone for the riskier one', async () => {
    const { policy, model, persistence } = await compared(planOf(told, { forecaster: forecasterOf(true) }));
    // It stays in the cheaper zone as persistence does, and runs back to it.
    expect(policy.modelSavesUsd).toBeLessThanOrEqual(0);
    expect(model?.interruptions).toBeGreaterThanOrEqual(persistence?.interruptions ?? Number.NaN);
  });

  it('asks nothing of a baseline, which tells no zones apart', async () => {
    const baseline = { ...forecasterOf(), name: 'base-rate', isBaseline: true };
    const { policy, model } = await compared(planOf(told, { forecaster: baseline }));
    expect(model).toBeUndefined();
    expect(policy.modelSavesUsd).toBeNull();
  });

  it('takes prices from the market where the recording tells none, and guesses none', async () => {
    const { availability, market } = planOf(told);
    const priced = planOf(silent, { availability, market });
    expect((await compared(priced)).policy.modelSavesUsd).toBeGreaterThan(0.3);
    const unpriced = { ...priced, market: { ...market, pools: [] } };
    await expect(compared(unpriced)).rejects.toThrow('"made.csv" tells no price of m5.large.');
    const { policy } = planOf(silent);
    const said = { ...unpriced, policy: policy && { ...policy, spot: 100_000 } };
    // The model knows no price, and so says nothing; its policy goes by the price, as persistence does.
    await expect(compared(said)).rejects.toThrow(/its feature|No probability/);
  });
});
