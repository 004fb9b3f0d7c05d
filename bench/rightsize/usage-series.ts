import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { seededRandom } from '../../common/seeded-random.ts';
import type { Sample } from './peer-formulas.ts';

/** What one container used over time, every five minutes: milli-cores or bytes. */
export interface UsageSeries {
  readonly name: string;
  readonly samples: readonly Sample[];
}

const DAY_MS = 86_400_000;
export const STEP_MS = 300_000;
const data = join(import.meta.dirname, '../../../shared/data');

/** CPU of EC2 machines over two weeks of 2014 (Numenta Anomaly Benchmark), a machine as a container of one core. */
export function recordedMachines(): UsageSeries[] {
  const bySeries = new Map<string, Sample[]>();
  for (const line of linesOf('usage-nab-ec2.csv.gz')) {
    const [name = '', metric, at = '', value] = line.split(',');
    if (metric !== 'cpu_percent') continue;
    const list = bySeries.get(name) ?? [];
    bySeries.set(name, list);
    list.push({ at: Date.parse(at), value: Number(value) * 10 });
  }
  return [...bySeries].map(([name, samples]) => ({ name, samples: samples.toSorted((a, b) => a.at - b.at) }));
}

/** CPU of PlanetLab machines in March 2011 that were recorded on all five days, put one after the other. */
export function recordedSlices(limit: number): UsageSeries[] {
  const byMachine = new Map<string, number[][]>();
  for (const line of linesOf('nolicence/usage-planetlab-2011-03.csv.gz')) {
    const [, machine = '', , values = ''] = line.split(',');
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), values.split(' ').map(Number)]);
  }
  return [...byMachine]
    .filter(([, days]) => days.length === 5)
    .slice(0, limit)
    .map(([name, days]) => ({
      name,
      samples: days.flat().map((value, index) => ({ at: index * STEP_MS, value: value * 10 })),
    }));
}

/** Services with days, weeks, growth and bursts: CPU over four weeks. */
export function madeCpu(count: number): UsageSeries[] {
  return Array.from({ length: count }, (_, index) => {
    const random = seededRandom(index + 1);
    const level = 50 + 500 * random();
    const growth = random() < 0.3 ? 0.03 * random() : 0;
    const bursts = random() < 0.4 ? 0.01 : 0;
    const weekend = 0.3 + 0.7 * random();
    const samples = Array.from({ length: 28 * 288 }, (__, step) => {
      const day = Math.floor(step / 288);
      const wave = 1 + 0.5 * Math.sin((2 * Math.PI * (step % 288)) / 288);
      const burst = random() < bursts ? 3 : 1;
      const isWeekend = day % 7 >= 5;
      const value =
        level * (1 + growth * day) * wave * (isWeekend ? weekend : 1) * burst * (0.9 + 0.2 * random());
      return { at: step * STEP_MS, value };
    });
    return { name: `made-${index}`, samples };
  });
}

/** Memory over four weeks: steady, growing, leaking until the nightly restart, with weekly jobs. Bytes. */
export function madeMemory(count: number): UsageSeries[] {
  return Array.from({ length: count }, (_, index) => {
    const random = seededRandom(1000 + index);
    const level = 2 ** (27 + 4 * random());
    const kind = index % 4;
    const samples = Array.from({ length: 28 * 288 }, (__, step) => {
      const day = Math.floor(step / 288);
      let share = 1 + 0.05 * random();
      if (kind === 1) share *= 1 + 0.02 * day;
      if (kind === 2) share *= 1 + (0.4 * (step % 288)) / 288;
      if (kind === 3 && day % 7 === 6 && step % 288 < 6) share *= 1.6;
      return { at: step * STEP_MS, value: Math.ceil(level * share) };
    });
    return { name: `made-${index}`, samples };
  });
}

function linesOf(name: string): string[] {
  const path = join(data, name);
  if (!existsSync(path)) return [];
  return gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(1);
}

/** The day of a sample. */
export function dayOfSample({ at }: Sample): number {
  return Math.floor(at / DAY_MS);
}
