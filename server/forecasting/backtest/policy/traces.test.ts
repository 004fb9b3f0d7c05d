import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { policyReport } from '../../../../common/contracts/index.ts';
import { seededRandom } from '../../../../common/seeded-random.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { availabilitySkill } from './availability-skill.ts';
import type { CapacityTrace } from './capacity-trace.ts';
import { comparePolicies } from './compare-policies.ts';
import { readTraces, type TraceOptions } from './read-traces.ts';
import { policiesAsHtml } from './render-policies.ts';

const quiet = new AbortController().signal;
const options: TraceOptions = { nodes: 1, spotOf: () => 900_000, onDemandOf: () => 3_000_000 };
const RUNS_HEAD = 'trace,instance_type,zone,start_date,gap_seconds,tick_start,ticks,available,price_usd';
const pattern = (trace: CapacityTrace | undefined, pool = 0) =>
  [...(trace?.spot[pool] ?? [])].map(price => (Number.isNaN(price) ? '-' : String(price / 1e6))).join(' ');

describe('readTraces', () => {
  it('reads run lengths; zones of a region stand in for each other', () => {
    const text = [
      RUNS_HEAD,
      'a,p3.2xlarge,us-east-1a,2023-02-15,600,0,2,1,',
      'a,p3.2xlarge,us-east-1a,2023-02-15,600,2,2,0,',
      'b,p3.2xlarge,us-east-1b,2023-02-15,600,0,1,0,',
      'b,p3.2xlarge,us-east-1b,2023-02-15,600,1,3,4,1.25',
      'c,p3.2xlarge,us-west-2a,2023-02-15,600,0,4,1,',
    ].join('\n');
    const traces = readTraces(text, 'traces.csv', options);
    expect(traces.map(({ pools }) => pools)).toEqual([
      ['us-east-1a p3.2xlarge', 'us-east-1b p3.2xlarge'],
      ['us-west-2a p3.2xlarge'],
    ]);
    expect(pattern(traces[0])).toBe('0.9 0.9 - -');
    expect(pattern(traces[0], 1)).toBe('- 1.25 1.25 1.25');
    expect(traces[0]).toMatchObject({ startMs: Date.UTC(2023, 1, 15), stepMs: 600_000, onDemand: 3_000_000 });
    const [four] = readTraces(text, 'traces.csv', { ...options, nodes: 4 });
    expect(pattern(four, 1)).toBe('- 1.25 1.25 1.25');
    expect(pattern(four)).toBe('- - - -');
  });

  it('puts short ticks together: away for a moment is away', () => {
    const text = `${RUNS_HEAD}\na,r5.large,us-east-1a,2023-02-15,40,0,5,1,1\na,r5.large,us-east-1a,2023-02-15,40,5,1,0,1\na,r5.large,us-east-1a,2023-02-15,40,6,3,1,2\n`;
    const [trace] = readTraces(text, 'traces.csv', options);
    expect(trace?.stepMs).toBe(2 * MS_PER_MINUTE);
    expect(pattern(trace)).toBe('1 - 2');
  });

  it('reads counts and events', () => {
    const counts =
      'trace,provider,instance_type,zone,t_seconds,running\nx,aws,g4dn.xlarge,us-east-1c,0,0\nx,aws,g4dn.xlarge,us-east-1c,130,2\nx,aws,g4dn.xlarge,us-east-1c,400,0\n';
    expect(pattern(readTraces(counts, 'counts.csv', options)[0])).toBe('- - 0.9 -');
    const events =
      'trace,instance_type,t_seconds,event,node\ny,p3.2xlarge,0,add,n1\ny,p3.2xlarge,250,remove,n1\ny,p3.2xlarge,260,add,n2\ny,p3.2xlarge,600,add,n3\n';
    // Away for ten seconds within the third tick.
    expect(pattern(readTraces(events, 'events.csv', options)[0])).toBe('0.9 0.9 - 0.9 0.9 0.9');
  });

  it.each([
    ['another file', 'a,b\n1,2\n', /"t.csv" is no recording of availability: its columns are a, b/],
    [
      'a word for a number',
      `${RUNS_HEAD}\na,p3,us-east-1a,2023-02-15,600,0,two,1,\n`,
      /has "two" in the column ticks/,
    ],
  ])('refuses %s', (_, text, sentence) => {
    expect(() => readTraces(text, 't.csv', options)).toThrow(sentence);
  });

  it('guesses no price', () => {
    const text = `${RUNS_HEAD}\na,p3,us-east-1a,2023-02-15,600,0,2,1,\n`;
    expect(() => readTraces(text, 't.csv', { ...options, spotOf: () => undefined })).toThrow(
      /tells no price of p3/,
    );
  });
});

/** Two zones for ten days, each away now and then. */
function madeTrace(seed: number): CapacityTrace {
  const random = seededRandom(seed);
  const pool = (price: number) => {
    let isThere = true;
    return Float64Array.from({ length: 240 }, () => {
      if (random() < (isThere ? 0.1 : 0.3)) isThere = !isThere;
      return isThere ? price : Number.NaN;
    });
  };
  return {
    name: `made ${seed}`,
    startMs: 0,
    stepMs: MS_PER_HOUR,
    pools: ['a', 'b'],
    spot: [pool(90_000), pool(100_000)],
    onDemand: 300_000,
    horizonMs: MS_PER_HOUR,
  };
}
const job = { workMs: 20 * MS_PER_HOUR, deadlineMs: 26 * MS_PER_HOUR, changeoverMs: 12 * MS_PER_MINUTE };
const order = { job, everyMs: 24 * MS_PER_HOUR, assumptions: [] };

describe('comparePolicies', () => {
  it('runs the same jobs by all, the optimum first and never dearer than who is in time', async () => {
    const report = await comparePolicies([madeTrace(1), madeTrace(2)], order, quiet, () => undefined);
    expect(policyReport.parse(report)).toEqual(report);
    expect(report.policies.map(({ policy }) => policy)).toEqual([
      ...['hindsight-optimal', 'on-demand', 'spot-cheapest', 'greedy', 'uniform-progress', 'persistence'],
    ]);
    expect(report.jobs).toBe(18);
    for (const standing of report.policies) {
      expect(standing.jobs).toBe(18);
      if (standing.late === 0) expect(standing.ofOptimum).toBeGreaterThanOrEqual(1);
    }
    const costOf = (name: string) => report.policies.find(({ policy }) => policy === name)?.costUsd ?? 0;
    expect(costOf('on-demand')).toBeCloseTo(18 * 20.2 * 0.3, 6);
    expect(costOf('uniform-progress')).toBeLessThan(costOf('on-demand'));
    expect(report.modelSavesUsd).toBeNull();
  });

  it('says what a model is worth beside persistence', async () => {
    // The zones change places every 12 hours, and the model knows it 6 hours ahead.
    const price = (pool: number, tick: number) => (Math.floor(tick / 12) % 2 === pool ? 50_000 : 150_000);
    const at = (ahead: number) =>
      [0, 1].map(pool => Float64Array.from({ length: 240 }, (_, tick) => price(pool, tick + ahead)));
    const trace = { ...madeTrace(1), spot: at(0), predicted: at(6), horizonMs: 6 * MS_PER_HOUR };
    const report = await comparePolicies([trace], order, quiet, () => undefined);
    expect(report.policies.map(({ policy }) => policy)).toContain('model');
    const model = report.policies.find(({ policy }) => policy === 'model');
    const persistence = report.policies.find(({ policy }) => policy === 'persistence');
    expect(report.modelSavesUsd).toBeCloseTo((persistence?.costUsd ?? 0) - (model?.costUsd ?? 0), 9);
  });

  it('leaves out what cannot be compared, and says why nothing is left', async () => {
    const unknown = { ...madeTrace(3), onDemand: Number.NaN };
    const report = await comparePolicies([madeTrace(1), unknown], order, quiet, () => undefined);
    expect(report.policies.map(({ policy }) => policy)).not.toContain('on-demand');
    const short = { ...order, job: { ...job, deadlineMs: 24 * 100 * MS_PER_HOUR } };
    await expect(comparePolicies([unknown], short, quiet, () => undefined)).rejects.toThrow(
      /of 1 traces 1 are shorter than the deadline/,
    );
    const hasty = { ...order, job: { ...job, deadlineMs: job.workMs } };
    await expect(comparePolicies([unknown], hasty, quiet, () => undefined)).rejects.toThrow(
      /cannot be done in 20 h/,
    );
  });

  it('becomes a page', async () => {
    const traces = [madeTrace(1)];
    const report = await comparePolicies(
      traces,
      { ...order, assumptions: ['<script>'] },
      quiet,
      () => undefined,
    );
    const html = policiesAsHtml({ ...report, availability: availabilitySkill(traces) });
    expect(html).toContain('hindsight-optimal');
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('NaN');
  });
});

describe('availabilitySkill', () => {
  it('finds the rate of transitions better than persistence where capacity flickers, on the same points', () => {
    const [persistence, base, transition] = availabilitySkill([1, 2, 3, 4].map(madeTrace));
    expect(persistence?.skillAgainstPersistence).toBe(0);
    expect(transition?.skillAgainstPersistence).toBeGreaterThan(0.1);
    expect(transition?.skillAgainstBaseRate).toBeGreaterThan(0);
    expect(base?.skillAgainstBaseRate).toBe(0);
    expect(transition?.calibrationError).toBeLessThan(persistence?.calibrationError ?? 0);
  });

  it('says nothing of what never changes', () => {
    const always = { ...madeTrace(1), spot: [new Float64Array(50).fill(1)] };
    expect(availabilitySkill([always])).toEqual([]);
  });
});

const recording = join(
  import.meta.dirname,
  '../../../../../shared/data/nolicence/interruptions-spot-traces-2023.csv.gz',
);

describe.skipIf(!existsSync(recording))('policies on recorded availability', { timeout: 300_000 }, () => {
  it('come out in the order of the paper: optimum, Uniform Progress, greedy, on demand', async () => {
    const text = gunzipSync(readFileSync(recording)).toString('utf8');
    const traces = readTraces(text, 'traces', { ...options, onDemandOf: () => 3_060_000 }).filter(
      ({ pools }) => pools.every(pool => pool.endsWith('p3.2xlarge')),
    );
    const report = await comparePolicies(
      traces,
      {
        // Four fifths of the deadline, as in their table 3.
        job: { ...job, workMs: 24 * MS_PER_HOUR, deadlineMs: 30 * MS_PER_HOUR },
        everyMs: 24 * MS_PER_HOUR,
        assumptions: [],
      },
      quiet,
      () => undefined,
    );
    const costs = ['hindsight-optimal', 'uniform-progress', 'greedy', 'on-demand'].map(
      name => report.policies.find(({ policy }) => policy === name)?.costUsd ?? Number.NaN,
    );
    expect(costs.toSorted((a, b) => a - b)).toEqual(costs);
    // How often it is the same an hour later, measured independently: .77 to .93 by zone.
    const [persistence] = availabilitySkill(traces);
    expect(1 - (persistence?.brier ?? 1)).toBeGreaterThan(0.77);
    expect(1 - (persistence?.brier ?? 1)).toBeLessThan(0.93);
  });
});
