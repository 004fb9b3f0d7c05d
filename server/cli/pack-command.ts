import type { Command } from 'commander';
import {
  formatUsdPerHour,
  formatUsdPerMonth,
  MS_PER_SECOND,
  usdFromMicroUsd,
} from '../../common/units/index.ts';
import { type PackingAnswer, type PackingProblem, packInWorker, readPackingCsv } from '../decisions/index.ts';
import { readText } from './read-text.ts';
import { secondsOption } from './seconds-option.ts';

const DEFAULT_SECONDS = 5;
/** The same input always gives the same answer, unless time runs out. */
const SEED = 1;
const QUIET_MS = 2_000;

/** What `cloudoptim pack --json` prints. Fields may be added, not renamed. */
interface PackReport {
  readonly costUsdHour: number;
  readonly lowerBoundUsdHour: number;
  /** (cost − bound) / bound; `null` when the bound is 0. */
  readonly gap: number | null;
  readonly nodes: readonly { instanceType: string; count: number; pods: { name: string; count: number }[] }[];
  readonly unplaced: readonly { name: string; count: number; reason: string }[];
  readonly elapsedMs: number;
}

/** `cloudoptim pack`: the cheapest nodes for pods in two CSV files, with a proof of how good that is. */
export function addPackCommand(program: Command): void {
  program
    .command('pack')
    .description('Find the cheapest nodes for pods, and say how far from the cheapest possible that may be')
    .requiredOption('--pods <csv>', 'name,cpu_milli,memory_mib,gpu,count[,arch]; may be gzipped')
    .requiredOption('--types <csv>', 'instance_type,cpu_milli,memory_mib,gpu,pods,price_usd_hour[,arch]')
    .option(
      '--time-limit <seconds>',
      'Answer with the best so far after this time',
      secondsOption,
      DEFAULT_SECONDS,
    )
    .option('--json', 'Print JSON')
    .action(async (options: { pods: string; types: string; timeLimit: number; json?: boolean }) => {
      const startedAt = performance.now();
      const problem = readPackingCsv(
        readText(options.pods),
        readText(options.types),
        options.pods,
        options.types,
      );
      const interrupt = new AbortController();
      const onInterrupt = () => interrupt.abort();
      process.once('SIGINT', onInterrupt);
      const answer = await packInWorker(problem, {
        seed: SEED,
        timeLimitMs: options.timeLimit * MS_PER_SECOND,
        signal: interrupt.signal,
        report: progressTo(process.stderr, startedAt),
      });
      process.off('SIGINT', onInterrupt);
      const report = reportOf(problem, answer, performance.now() - startedAt);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : tableOf(report));
    });
}

/** Nothing for a short run: an answer within two seconds needs no company. */
function progressTo(stream: NodeJS.WritableStream, startedAt: number): (costMicroUsdPerHour: number) => void {
  return cost => {
    const elapsedMs = performance.now() - startedAt;
    if (elapsedMs < QUIET_MS) return;
    stream.write(
      `${(elapsedMs / MS_PER_SECOND).toFixed(1)} s: ${formatUsdPerHour(cost)}; Ctrl-C takes the best so far\n`,
    );
  };
}

function reportOf(problem: PackingProblem, answer: PackingAnswer, elapsedMs: number): PackReport {
  const { costMicroUsdPerHour: cost, lowerBoundMicroUsdPerHour: bound } = answer;
  const nameOf = (podClass: number) => problem.pods[podClass]?.name ?? '';
  return {
    costUsdHour: usdFromMicroUsd(cost),
    // Rounded down: a bound may only ever be too low.
    lowerBoundUsdHour: usdFromMicroUsd(Math.floor(bound)),
    gap: bound > 0 ? Math.max(0, cost / bound - 1) : null,
    // One line for each node: then nobody has to wonder whether pods are counted for one node or for all of a group.
    nodes: answer.nodes.flatMap(({ source, count, pods }) => {
      const instanceType = source.kind === 'offer' ? (problem.offers[source.offer]?.instanceType ?? '') : '';
      const each = pods.map(({ podClass, count: of }) => ({ name: nameOf(podClass), count: of }));
      return Array.from({ length: count }, () => ({ instanceType, count: 1, pods: each }));
    }),
    unplaced: answer.unplaced.map(({ podClass, count, reason }) => ({
      name: nameOf(podClass),
      count,
      reason,
    })),
    elapsedMs: Math.round(elapsedMs),
  };
}

function tableOf({ costUsdHour, lowerBoundUsdHour, gap, nodes, unplaced, elapsedMs }: PackReport): string {
  const byType = new Map<string, { nodes: number; pods: number }>();
  for (const { instanceType, count, pods } of nodes) {
    const sum = byType.get(instanceType) ?? { nodes: 0, pods: 0 };
    sum.nodes += count;
    sum.pods += count * pods.reduce((all, { count: each }) => all + each, 0);
    byType.set(instanceType, sum);
  }
  const cost = costUsdHour * 1e6;
  const lines = [
    `cost         ${formatUsdPerHour(cost)}, ${formatUsdPerMonth(cost)}`,
    `at least     ${formatUsdPerHour(lowerBoundUsdHour * 1e6)}${gap === null ? '' : `, so at most ${(gap * 100).toFixed(2)} % above the cheapest`}`,
    `found in     ${(elapsedMs / MS_PER_SECOND).toFixed(2)} s`,
    '',
    `${'type'.padEnd(24)}${'nodes'.padStart(8)}${'pods'.padStart(10)}`,
    ...[...byType]
      .sort(([a, x], [b, y]) => y.nodes - x.nodes || (a < b ? -1 : 1))
      .map(
        ([type, sum]) => `${type.padEnd(24)}${String(sum.nodes).padStart(8)}${String(sum.pods).padStart(10)}`,
      ),
    ...unplaced.map(({ name, count, reason }) => `not placed: ${count} × ${name}. ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}
