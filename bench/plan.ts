/**
 * Plans for made clusters: time at several limits against the one asked for, and how long the event loop of the engine stands still while a thread plans.
 * `PLAN_RUNS` sets the runs of each (3).
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { PackingPlan } from '../common/contracts/index.ts';
import { defaultPolicy } from '../server/decisions/policy.ts';
import { planSnapshot } from '../server/decisions/snapshot/plan-snapshot.ts';
import { readSnapshot } from '../server/decisions/snapshot/read-snapshot.ts';
import { figureLine, ratioLine, spreadOf } from './figures.ts';
import { catalogMarket, madeSnapshot } from './plan/made-snapshot.ts';

const RUNS = Number(process.env.PLAN_RUNS ?? 3);
/** Karpenter gives its search for several nodes a minute and the one for single nodes three. */
const KARPENTER_MS = 240_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

for (const [nodes, pods, limits] of [
  [1_000, 10_000, [200, 2_000]],
  [5_000, 50_000, [2_000, 10_000]],
] as const) {
  const text = madeSnapshot(nodes, pods);
  const readAt = performance.now();
  const snapshot = readSnapshot(text, 'the made snapshot');
  say(
    `${nodes.toLocaleString('en-US')} nodes, ${pods.toLocaleString('en-US')} pods: ${(text.length / 2 ** 20).toFixed(0)} MiB of JSON read in ${(performance.now() - readAt).toFixed(0)} ms`,
  );
  for (const timeLimitMs of limits) {
    const times: number[] = [];
    const stalls: number[] = [];
    let plan: PackingPlan | undefined;
    for (let run = 0; run < RUNS; run++) {
      const delay = monitorEventLoopDelay({ resolution: 5 });
      delay.enable();
      // The watch starts with the next turn; without one it would miss what is done before the thread starts.
      await setTimeout(20);
      const startedAt = performance.now();
      plan = await planSnapshot(snapshot, catalogMarket, defaultPolicy, { seed: 1, timeLimitMs });
      times.push(performance.now() - startedAt);
      await setTimeout(20);
      delay.disable();
      stalls.push(delay.max / 1e6);
      verify(plan);
    }
    if (!plan) continue;
    const limit = `limit ${(timeLimitMs / 1000).toFixed(1)} s`;
    say(figureLine(`  ${limit}: plan with waves and reasons`, spreadOf(times), 'ms'));
    say(figureLine(`  ${limit}: longest stall of the event loop`, spreadOf(stalls), 'ms'));
    say(ratioLine(`  ${limit}: time / limit`, spreadOf(times).median / timeLimitMs));
    say(ratioLine("  Karpenter's limits / time", KARPENTER_MS / spreadOf(times).median));
    say(ratioLine('  cost after / before', plan.after.costUsdHour / plan.before.costUsdHour));
    say(ratioLine('  cost after / bound', plan.after.costUsdHour / plan.lowerBoundUsdHour));
    say(
      `  ${plan.nodes.remove.length} nodes go, ${plan.nodes.add.length} come, ${plan.moves.length} moves in ${plan.waves.length} waves`,
    );
  }
}

/** A plan never costs more, never beats its bound, and moves each pod once, to a node that is there afterwards. */
function verify({ before, after, lowerBoundUsdHour, moves, nodes }: PackingPlan): void {
  if (after.costUsdHour > before.costUsdHour + 1e-6) throw new Error('the plan costs more than what runs');
  if (lowerBoundUsdHour > after.costUsdHour + 1e-6) throw new Error('the bound is above the cost');
  if (new Set(moves.map(({ pod }) => pod)).size !== moves.length) throw new Error('a pod moves twice');
  const gone = new Set(nodes.remove.map(({ name }) => name));
  const lost = moves.find(({ to }) => gone.has(to));
  if (lost) throw new Error(`${lost.pod} moves to ${lost.to}, which goes`);
}
