/**
 * Rightsizing: recommendations for 50,000 containers from 14 days of sketches, bytes stored, and what is recommended against VPA's and
 * KRR's formulas on recorded usage. `RIGHTSIZE_RUNS` sets the runs of each timing (5), `RIGHTSIZE_CONTAINERS` how many.
 */
import { measureSpeed } from './rightsize/measure-speed.ts';
import { atCostOf, cpuFormulas, memoryFormulas, type ReplayResult, replay } from './rightsize/replay.ts';
import {
  madeCpu,
  madeMemory,
  recordedMachines,
  recordedSlices,
  type UsageSeries,
} from './rightsize/usage-series.ts';

/** Enough for stable shares; all of them take minutes. */
const SLICES = 60;
const MADE = 40;
const say = (line: string) => process.stdout.write(`${line}\n`);

function compare(
  title: string,
  all: readonly UsageSeries[],
  formulas: ReturnType<typeof cpuFormulas>,
  isCpu = true,
): void {
  if (all.length === 0) {
    say(`\n${title}: the recording is not there`);
    return;
  }
  const results = formulas.map(([name, formula]) => replay(name, formula, all));
  const reference = results.find(({ name }) => name.startsWith('KRR')) as ReplayResult;
  say(`\n${title}, ${all.length} series: each midnight a request for the next day, from the days before it`);
  say(
    `${''.padEnd(42)}${['short min', 'of 1,000', 'short of use', 'paid / KRR'].map(text => text.padStart(14)).join('')}`,
  );
  const asDear = isCpu ? atCostOf(reference.paid, all) : undefined;
  for (const { name, shortMinutes, shortShare, paid, minutes } of [...results, ...(asDear ? [asDear] : [])]) {
    const cells = [
      shortMinutes.toLocaleString('en-US'),
      ((1000 * shortMinutes) / minutes).toFixed(2),
      `${(100 * shortShare).toFixed(2)} %`,
      (paid / reference.paid).toFixed(3),
    ];
    say(name.padEnd(42) + cells.map(text => text.padStart(14)).join(''));
  }
}

compare('CPU of EC2 machines (recorded, 2014)', recordedMachines(), cpuFormulas());
compare('CPU of PlanetLab machines (recorded, 2011)', recordedSlices(SLICES), cpuFormulas());
compare('CPU of services (made)', madeCpu(MADE), cpuFormulas());
compare('Memory of services (made); short = killed', madeMemory(MADE), memoryFormulas(), false);
say('');
await measureSpeed();
