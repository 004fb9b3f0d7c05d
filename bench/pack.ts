/**
 * Packing: cost against the lower bound and against first-fit-decreasing as Karpenter and cluster-autoscaler order it, and time, over recorded and
 * generated clusters. Every answer is added up again. `PACK_RUNS` sets the runs for each timing (5).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { loadLinearSolver } from '../server/decisions/packing/linear-solver.ts';
import { packProblem } from '../server/decisions/packing/pack-problem.ts';
import type { PackingAnswer } from '../server/decisions/packing/packing-answer.ts';
import { anywhere, type PackingProblem, ZONE_LABEL } from '../server/decisions/packing/problem.ts';
import { figureLine, ratioLine, spreadOf } from './figures.ts';
import { benchCases, recordedCase } from './packing/cases.ts';
import { baselineCosts, Comparison } from './packing/compare.ts';
import { firstFitDecreasing } from './packing/first-fit-decreasing.ts';
import { verifyAnswer } from './packing/verify-answer.ts';

const RUNS = Number(process.env.PACK_RUNS ?? 5);
/** Beyond this the baselines take minutes. */
const MOST_BASELINE_PODS = 25_000;
/** What `cloudoptim pack` and the planner allow when nobody says otherwise. */
const IMPROVE_MS = 3_000;
/** Costs of Karpenter v1.13.0 on the recorded instances, USD an hour, on the same kind of machine (packing-classes/README.md). */
const KARPENTER_RECORDED: Record<string, number> = {
  'cmr-5k': 102.29,
  'cmr-20k': 402.23,
  'ondemand-5k': 143.58,
  'spot-5k': 45.78,
};

const solve = await loadLinearSolver();
const say = (line: string) => process.stdout.write(`${line}\n`);
const usd = (micro: number) => (micro / 1e6).toFixed(3);

function pack(problem: PackingProblem, forMs: number): { answer: PackingAnswer; ms: number } {
  const startedAt = performance.now();
  const answer = packProblem(problem, {
    solve,
    seed: 1,
    // The first answer is complete; only the search for a better one is cut.
    shouldStop: () => forMs > 0 && performance.now() - startedAt > forMs,
    patience: forMs > 0 ? 40 : 0,
  });
  const ms = performance.now() - startedAt;
  verifyAnswer(problem, answer);
  return { answer, ms };
}

say(
  `${'case'.padEnd(15)}${['pods', 'bound', 'first', 'gap', 'ms', `${IMPROVE_MS} ms`, 'gap', 'karpenter', 'autoscaler'].map(text => text.padStart(11)).join('')}`,
);
const comparison = new Comparison();
for (const one of benchCases()) {
  const { name, problem } = one;
  const pods = problem.pods.reduce((sum, { count }) => sum + count, 0);
  const times: number[] = [];
  let first = pack(problem, 0);
  for (let run = 0; run < RUNS; run++) {
    first = pack(problem, 0);
    times.push(first.ms);
  }
  const { answer } = pack(problem, IMPROVE_MS);
  const cost = Math.min(answer.costMicroUsdPerHour, first.answer.costMicroUsdPerHour);
  const bound = answer.lowerBoundMicroUsdPerHour;
  const baselines = pods <= MOST_BASELINE_PODS ? baselineCosts(one) : undefined;
  if (baselines) comparison.add(name, cost, baselines);
  const gap = (of: number) => (of / bound).toFixed(4);
  const cells = [
    String(pods),
    usd(bound),
    usd(first.answer.costMicroUsdPerHour),
    gap(first.answer.costMicroUsdPerHour),
    spreadOf(times).median.toFixed(0),
    usd(cost),
    gap(cost),
    baselines ? usd(baselines.karpenter) : '–',
    baselines ? usd(baselines.autoscaler) : '–',
  ];
  say(name.padEnd(15) + cells.map(cell => cell.padStart(11)).join(''));
  const recorded = KARPENTER_RECORDED[name];
  if (recorded !== undefined)
    say(
      ratioLine(
        `  ${name}: first answer / Karpenter v1.13 as recorded`,
        first.answer.costMicroUsdPerHour / 1e6 / recorded,
      ),
    );
}
const { cases, below, dearer } = comparison;
say(
  `${cases - dearer.length} of ${cases} cases cost no more than both baselines, ${below} less${dearer.length > 0 ? `; dearer: ${dearer.join(', ')}` : ''}`,
);
if (!comparison.holds) {
  say('MISSED: no case may cost more than the cheaper baseline, and half of them must cost less');
  process.exitCode = 1;
}

timeOfConstraints();
timeOfSizes();
besideFirstFit();
coldStart();

/** The same pods with and without rules: half spread over zones. */
function timeOfConstraints(): void {
  const plain = recordedCase('ondemand-5k');
  if (!plain) return;
  const offers = plain.problem.offers.flatMap(offer =>
    ['a', 'b', 'c'].map(zone => ({ ...offer, zone, labels: { ...offer.labels, [ZONE_LABEL]: zone } })),
  );
  const free = { ...plain.problem, offers };
  const ruled: PackingProblem = {
    ...free,
    pods: free.pods.map((pod, i) => {
      if (i % 2 === 1) return pod;
      const labels = { app: pod.name };
      const spread = {
        topologyKey: ZONE_LABEL,
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
        minDomains: 1,
        selector: { matchLabels: labels, matchExpressions: [] },
        matchLabelKeys: [],
        nodeAffinityPolicy: 'Honor',
        nodeTaintsPolicy: 'Ignore',
      } as const;
      return { ...pod, rules: { ...anywhere, ...pod.rules, labels, topologySpread: [spread] } };
    }),
  };
  const times = [free, ruled].map(problem =>
    spreadOf(Array.from({ length: RUNS }, () => pack(problem, 0).ms)),
  );
  const [without, within] = times;
  if (!without || !within) return;
  say(figureLine('5k pods, 2,100 offers in 3 zones, no rules', without, 'ms'));
  say(figureLine('the same, half of the classes spread over zones', within, 'ms'));
  say(ratioLine('with rules / without', within.median / without.median));
}

/** 100,000 pods in few, many and only distinct classes. */
function timeOfSizes(): void {
  const base = recordedCase('ondemand-100k');
  if (!base) return;
  const { pods } = base.problem;
  const all = pods.reduce((sum, { count }) => sum + count, 0);
  for (const classes of [200, 2_000, 10_000, all]) {
    const problem = { ...base.problem, pods: regrouped(pods, classes, all) };
    const runs = Array.from({ length: RUNS }, () => pack(problem, 0));
    const last = runs.at(-1);
    if (!last) continue;
    say(figureLine(`${all} pods in ${classes} classes`, spreadOf(runs.map(({ ms }) => ms)), 'ms'));
    const { costMicroUsdPerHour: cost, lowerBoundMicroUsdPerHour: bound } = last.answer;
    say(`${'  cost / bound'.padEnd(44)} ${(cost / bound).toFixed(4).padStart(9)} ×`);
  }
}

/** The textbook's way on the same pods, one after the other and class after class; runs of all take turns. */
function besideFirstFit(): void {
  const base = recordedCase('ondemand-100k');
  if (!base) return;
  const ours: number[] = [];
  const theirs = { pod: [] as number[], class: [] as number[] };
  let share = Number.NaN;
  for (let run = 0; run < RUNS; run++) {
    const { answer, ms } = pack(base.problem, 0);
    ours.push(ms);
    for (const by of ['pod', 'class'] as const) {
      const startedAt = performance.now();
      const { cost, unplaced } = firstFitDecreasing(base.problem, by === 'class');
      theirs[by].push(performance.now() - startedAt);
      if (unplaced > answer.unplaced.length) throw new Error(`First fit left out ${unplaced} pods.`);
      share = answer.costMicroUsdPerHour / cost;
    }
  }
  const own = spreadOf(ours);
  for (const by of ['pod', 'class'] as const) {
    const their = spreadOf(theirs[by]);
    say(figureLine(`100k pods, first-fit-decreasing, ${by} after ${by}`, their, 'ms'));
    say(ratioLine('  first answer / that, clock', own.median / their.median));
  }
  say(ratioLine('  cost of the first answer / that', share));
}

/** Classes that share the recorded sizes, each slightly off so that none is like another. */
function regrouped(pods: PackingProblem['pods'], classes: number, all: number): PackingProblem['pods'] {
  return Array.from({ length: classes }, (_, i) => {
    const pod = pods[i % pods.length] as PackingProblem['pods'][number];
    const count = Math.floor(all / classes) + (i < all % classes ? 1 : 0);
    const more = Math.floor(i / pods.length);
    const requests = {
      ...pod.requests,
      cpuMilli: pod.requests.cpuMilli + more,
      memoryBytes: pod.requests.memoryBytes + more * 2 ** 20,
    };
    return { ...pod, name: `class-${i}`, count, requests };
  });
}

/** A fresh process: loading, compiling and all. */
function coldStart(): void {
  if (!recordedCase('ondemand-100k')) return;
  const script = `
    const { recordedCase } = await import(${JSON.stringify(join(import.meta.dirname, 'packing/cases.ts'))});
    const { problem } = recordedCase('ondemand-100k');
    const at = performance.now();
    const { loadLinearSolver } = await import(${JSON.stringify(join(import.meta.dirname, '../server/decisions/packing/linear-solver.ts'))});
    const { packProblem } = await import(${JSON.stringify(join(import.meta.dirname, '../server/decisions/packing/pack-problem.ts'))});
    packProblem(problem, { solve: await loadLinearSolver(), seed: 1, shouldStop: () => false, patience: 0 });
    console.log(performance.now() - at);`;
  const times = Array.from({ length: RUNS }, () =>
    Number(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout),
  );
  say(figureLine('100k pods, cold: HiGHS loaded, nothing compiled', spreadOf(times), 'ms'));
}
