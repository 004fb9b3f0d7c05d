/**
 * Plans for made clusters: how late they come at several limits, what they cost, and how long the event loop stands still while a thread plans.
 * `PLAN_RUNS` sets the runs of each (5).
 */
import type { PackingPlan } from '../common/contracts/index.ts';
import { defaultPolicy } from '../server/decisions/policy.ts';
import { planSnapshot } from '../server/decisions/snapshot/plan-snapshot.ts';
import { readSnapshot } from '../server/decisions/snapshot/read-snapshot.ts';
import { figureLine, ratioLine, spreadOf } from './figures.ts';
import { type Stalls, watchEventLoop } from './plan/event-loop-watch.ts';
import { catalogMarket, madeSnapshot } from './plan/made-snapshot.ts';

const RUNS = Number(process.env.PLAN_RUNS ?? 5);
/** Karpenter gives its search for several nodes a minute and the one for single nodes three. */
const KARPENTER_MS = 240_000;
/** A plan may be late by the larger of these: ms, and part of the limit. */
const MOST_LATE = { ms: 50, part: 0.1 };
const MOST_STALL_MS = 50;
const say = (line: string) => process.stdout.write(`${line}\n`);

for (const [nodes, pods, limits] of [
  [1_000, 10_000, [2_000, 200, 500, 1_000, 2_000]],
  [5_000, 50_000, [2_000, 10_000]],
] as const) {
  const text = madeSnapshot(nodes, pods);
  const readAt = performance.now();
  const snapshot = readSnapshot(text, 'the made snapshot');
  say(
    `${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods: ${(text.length / 2 ** 20).toFixed(0)} MiB of JSON read in ${(performance.now() - readAt).toFixed(0)} ms`,
  );
  for (const [place, timeLimitMs] of limits.entries()) {
    const times: number[] = [];
    const stalls: Stalls[] = [];
    const gaps: number[] = [];
    let plan: PackingPlan | undefined;
    // The first one of all starts a thread; it alone is shown.
    for (let run = 0; run < (place === 0 ? 1 : RUNS); run++) {
      const watched = await watchEventLoop(async () => {
        const startedAt = performance.now();
        const made = await planSnapshot(snapshot, catalogMarket, defaultPolicy, { seed: 1, timeLimitMs });
        times.push(performance.now() - startedAt);
        return made;
      });
      plan = watched.result;
      stalls.push(watched.stalls);
      verify(plan, pods);
      if (plan.gap !== null) gaps.push(1 + plan.gap);
    }
    if (!plan) continue;
    const limit = `limit ${(timeLimitMs / 1000).toFixed(1)} s${place === 0 ? ', fresh thread' : ''}`;
    const time = spreadOf(times);
    const own = spreadOf(stalls.map(({ longestOwnMs }) => longestOwnMs));
    say(figureLine(`  ${limit}: plan with waves and reasons`, time, 'ms'));
    say(figureLine('    late by', spreadOf(times.map(ms => Math.max(0, ms - timeLimitMs))), 'ms'));
    say(figureLine('    longest wait of the event loop', spreadOf(stalls.map(one => one.longestMs)), 'ms'));
    say(figureLine('    of that its own work', own, 'ms'));
    say(ratioLine("    Karpenter's limits / time", KARPENTER_MS / time.median));
    say(`    ${gaps.length} of ${times.length} plans change something`);
    if (gaps.length > 0) {
      say(figureLine('    cost after / bound', spreadOf(gaps), '×'));
      say(ratioLine('    cost after / before', plan.after.costUsdHour / plan.before.costUsdHour));
    }
    say(
      `    the last: ${plan.nodes.remove.length} nodes go, ${plan.nodes.add.length} come, ${plan.moves.length} moves in ${plan.waves.length} waves`,
    );
    miss(
      time.median - timeLimitMs > Math.max(MOST_LATE.ms, MOST_LATE.part * timeLimitMs),
      `comes later than ${MOST_LATE.ms} ms and ${100 * MOST_LATE.part} %`,
    );
    miss(own.median > MOST_STALL_MS, `holds the event loop longer than ${MOST_STALL_MS} ms`);
  }
}

function miss(isMissed: boolean, what: string): void {
  if (!isMissed) return;
  say(`    MISSED: ${what}`);
  process.exitCode = 1;
}

/** A plan never costs more, never beats its bound, and moves each pod once, in one wave, to a node that is there afterwards. */
function verify({ before, after, lowerBoundUsdHour, moves, nodes, waves }: PackingPlan, pods: number): void {
  if (after.costUsdHour > before.costUsdHour + 1e-6) throw new Error('the plan costs more than what runs');
  if (lowerBoundUsdHour > after.costUsdHour + 1e-6) throw new Error('the bound is above the cost');
  if (new Set(moves.map(({ pod }) => pod)).size !== moves.length) throw new Error('a pod moves twice');
  const gone = new Set(nodes.remove.map(({ name }) => name));
  const lost = moves.find(({ to }) => gone.has(to));
  if (lost) throw new Error(`${lost.pod} moves to ${lost.to}, which goes`);
  const drained = waves.reduce(
    (sum, { drain }) => sum + drain.reduce((all, one) => all + one.pods.length, 0),
    0,
  );
  if (drained !== moves.length || drained > pods)
    throw new Error(`${moves.length} pods move, and waves drain ${drained} of ${pods}`);
}
