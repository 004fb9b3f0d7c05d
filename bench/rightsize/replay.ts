import { blockOf, type WrittenBlock, writeBlock } from '../../server/clusters/usage/day-block.ts';
import { dayOf, UsageDay } from '../../server/clusters/usage/usage-day.ts';
import { profileOf } from '../../server/clusters/usage/usage-profile.ts';
import { containerTarget } from '../../server/decisions/rightsizing/container-target.ts';
import { defaultSizingPolicy, type SizingPolicy } from '../../server/decisions/rightsizing/sizing-policy.ts';
import { krrCpu, krrMemory, type Sample, vpaCpu, vpaMemory } from './peer-formulas.ts';
import { dayOfSample, STEP_MS, type UsageSeries } from './usage-series.ts';

/** Recommends from what was used before, and from the kills so far. */
type Formula = (history: readonly Sample[], kills: readonly Sample[]) => number;

/** What following a formula came to, all series together. */
export interface ReplayResult {
  readonly name: string;
  /** Minutes in which more was wanted than was asked for … */
  readonly shortMinutes: number;
  /** … and what went beyond it, as a share of all that was used. */
  readonly shortShare: number;
  /** What is paid for: the larger of request and use (OpenCost), over time; in units × hours. */
  readonly paid: number;
  readonly minutes: number;
}

/** Days before the first recommendation: none of the formulas says anything sensible of less. */
const LEAD_DAYS = 3;

/** Each midnight a request for the day to come, from the days before it alone. */
export function replay(name: string, formula: Formula, all: readonly UsageSeries[]): ReplayResult {
  let short = 0;
  let beyond = 0;
  let used = 0;
  let paid = 0;
  let steps = 0;
  for (const { samples } of all) {
    const firstDay = dayOfSample(samples[0] ?? { at: 0, value: 0 });
    const kills: Sample[] = [];
    let request = 0;
    let day = firstDay;
    samples.forEach((sample, index) => {
      const today = dayOfSample(sample);
      if (today !== day) {
        day = today;
        if (today - firstDay >= LEAD_DAYS) request = formula(samples.slice(0, index), kills);
      }
      if (request === 0) return;
      steps++;
      used += sample.value;
      paid += Math.max(request, sample.value);
      if (sample.value > request) {
        short++;
        beyond += sample.value - request;
        kills.push({ at: sample.at, value: request });
      }
    });
  }
  return {
    name,
    shortMinutes: (short * STEP_MS) / 60_000,
    shortShare: used === 0 ? 0 : beyond / used,
    paid: (paid * STEP_MS) / 3_600_000,
    minutes: (steps * STEP_MS) / 60_000,
  };
}

/** The formulas for CPU side by side; ours is the code that serves clusters, sketches and all. */
export function cpuFormulas(): [string, Formula][] {
  return [
    ['VPA: p90 decayed × 1.15', vpaCpu],
    ['KRR: p95', krrCpu],
    ['CloudOptim: p95, growth, + 15 %', ours('cpu', {})],
    ['CloudOptim: p95, growth, + 2 %', ours('cpu', { cpuHeadroom: 0.02 })],
    ['CloudOptim: p99, growth, + 2 %', ours('cpu', { cpuPercentile: 0.99, cpuHeadroom: 0.02 })],
  ];
}

/**
 * Ours with the largest percentile at which it costs no more than `paid`. It is chosen with hindsight, and only says what the same
 * money buys.
 */
export function atCostOf(paid: number, all: readonly UsageSeries[]): ReplayResult | undefined {
  let best: ReplayResult | undefined;
  for (let percent = 80; percent < 100; percent++) {
    const formula = ours('cpu', { cpuPercentile: percent / 100, cpuHeadroom: 0.02 });
    const result = replay(`CloudOptim: p${percent} + 2 %, by hindsight`, formula, all);
    if (result.paid > paid) break;
    best = result;
  }
  return best;
}

/** The formulas for memory side by side. */
export function memoryFormulas(): [string, Formula][] {
  return [
    ['VPA: p90 of daily peaks × 1.15, kills', vpaMemory],
    ['KRR: max × 1.15', (history, _kills) => krrMemory(history, [])],
    ['KRR: max × 1.15, kills × 1.25', krrMemory],
    ['CloudOptim: max + 15 %, kills', ours('memory', {})],
  ];
}

/** Sketches of each day, merged and sized by the engine. Days that are over are kept, as the product keeps them. */
function ours(resource: 'cpu' | 'memory', change: Partial<SizingPolicy>): Formula {
  const policy = { ...defaultSizingPolicy, ...change };
  const kept = new WeakMap<Sample, WrittenBlock>();
  return (history, kills) => {
    const lastDay = dayOf(history.at(-1)?.at ?? 0);
    const days = [...Map.groupBy(history, dayOfSample)]
      .filter(([day]) => day > lastDay - policy.windowDays)
      .map(([day, samples]) => {
        const [first] = samples;
        const known = first && kept.get(first);
        if (known) return known;
        const usage = new UsageDay();
        for (const { at, value } of samples) {
          const whole = Math.ceil(value);
          usage.add([
            {
              at,
              cpuMilli: resource === 'cpu' ? whole : 0,
              memoryBytes: resource === 'memory' ? whole : 0,
              isStartUp: false,
            },
          ]);
        }
        const written = { block: blockOf(day), body: writeBlock([{ day, body: usage.write() }]) };
        if (first) kept.set(first, written);
        return written;
      });
    const series = { workload: 'Deployment/shop/web', container: 'app' };
    const { cpuPercentile, memoryPercentile, recentDays } = policy;
    const usage = profileOf(series, days, {
      cpuPercentile,
      memoryPercentile,
      recentDays,
      firstDay: 0,
      lastDay,
    });
    const target = containerTarget(
      {
        name: 'app',
        requests: {},
        limits: {},
        usage,
        kills: kills.map(({ at, value }) => ({ ...series, podUid: 'p', at, memoryBytes: value })),
      },
      policy,
    );
    return (resource === 'cpu' ? target.cpuMilli : target.memoryBytes) ?? 0;
  };
}
