import { basename } from 'node:path';
import type { Command } from 'commander';
import { availabilitySkill, comparePolicies, policiesAsHtml, readTraces } from '../forecasting/index.ts';
import { nodesOf, usdOf } from './parse-values.ts';
import { describePolicies, type PolicyFlags, policyOrderOf, withPolicyFlags } from './policy-flags.ts';
import { ProgressLine } from './progress-line.ts';
import { openProgramCatalog } from './read-pools.ts';
import { readText } from './read-text.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { writeReport } from './write-report.ts';

interface BacktestFlags extends PolicyFlags {
  readonly traces: readonly string[];
  readonly spotPrice?: string;
  readonly onDemandPrice?: string;
  readonly nodes: string;
  readonly data?: string;
  readonly json?: boolean;
  readonly html?: string;
}

/** `cloudoptim backtest --traces FILE…`: what policies cost on recordings of Spot availability, offline. */
export function addBacktestCommand(program: Command): void {
  const command = program
    .command('backtest')
    .description(
      'Hold policies (on demand, Spot, greedy, Uniform Progress, …) against the hindsight optimum on recordings of Spot availability',
    )
    .requiredOption(
      '--traces <files...>',
      'Recordings of availability: run lengths, counts or events as CSV; gz too',
    )
    .option('--spot-price <usd>', 'USD per hour of Spot capacity, for recordings that tell no price')
    .option('--on-demand-price <usd>', 'USD per hour on demand; the catalog when left out')
    .option('--nodes <number>', 'Nodes that must be there at once', '1')
    .option('--data <folder>', 'Take list prices from the catalog of this folder, too')
    .option('--html <file>', 'Write the report as one page')
    .option('--json', 'Print JSON');
  withPolicyFlags(command, '24h').action(async (flags: BacktestFlags) => {
    const spot = usdOf('--spot-price', flags.spotPrice);
    const onDemand = usdOf('--on-demand-price', flags.onDemandPrice);
    const catalog = await openProgramCatalog(flags.data);
    const traces = flags.traces.flatMap(path =>
      readTraces(readText(path), basename(path), {
        nodes: nodesOf(flags.nodes),
        spotOf: () => spot,
        onDemandOf: (region, type) => onDemand ?? catalog.onDemandMicroUsdPerHour(region, type),
      }),
    );
    const assumptions = [
      'A recording tells when capacity could be had, not how long a running instance would have lived; zones of one region stand in for each other.',
      ...(spot === undefined
        ? []
        : [
            `Where a recording tells no price, Spot capacity costs $${flags.spotPrice} an hour at all times.`,
          ]),
      'Ticks shorter than 2 min are put together: capacity that was away for a moment was away.',
    ];
    const line = new ProgressLine();
    const interrupted = untilInterrupted();
    try {
      const compared = await comparePolicies(
        traces,
        { ...policyOrderOf(flags), assumptions },
        interrupted.signal,
        (done, jobs) => line.show(`${done} of ${traces.length} traces, ${jobs.toLocaleString('en-US')} jobs`),
      );
      line.end();
      const report = { ...compared, availability: availabilitySkill(traces) };
      if (flags.html !== undefined) writeReport('--html', flags.html, policiesAsHtml(report));
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : describePolicies(report));
    } finally {
      line.end();
      interrupted.end();
    }
  });
}
