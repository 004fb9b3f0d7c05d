import type { Command } from 'commander';
import type { BacktestReport } from '../../common/contracts/index.ts';
import { type BacktestResult, backtestPools, poolsAsCsv, reportAsHtml } from '../forecasting/index.ts';
import { asVerdict, EXIT_VERDICT_NO } from './as-verdict.ts';
import { describeReport } from './describe-report.ts';
import { type ForecasterFlags, openForecaster } from './open-forecaster.ts';
import { durationOf, timeOf } from './parse-values.ts';
import { describePolicies, type PolicyFlags, policyOrderOf, withPolicyFlags } from './policy-flags.ts';
import { ProgressLine } from './progress-line.ts';
import { type PriceFlags, readPools } from './read-pools.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { writeReport } from './write-report.ts';

interface EvaluateFlags extends PriceFlags, ForecasterFlags, PolicyFlags {
  readonly policy?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly step: string;
  readonly includeTrained?: boolean;
  readonly json?: boolean;
  readonly csv?: string;
  readonly html?: string;
}

/** `cloudoptim evaluate MODEL --prices FILE…`: a backtest on a laptop, without an engine, a database or a network. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate <model>')
    .description(
      'Test a model on past prices against "the last price stays"; exits 3 when it is no better. MODEL is a file, or persistence, seasonal or drift',
    )
    .requiredOption('--prices <files...>', 'Files of Spot prices, as "market import" reads them')
    .option('--horizon <time>', 'How far ahead; a model knows its own, baselines take 24h', '')
    .option('--from <time>', 'First time at which predictions are made: ISO 8601')
    .option('--to <time>', 'Last time that is looked at: ISO 8601')
    .option('--step <time>', 'Time between predictions', '1h')
    .option('--trained-until <time>', 'For a model that does not say until when it was trained')
    .option('--target <target>', 'For a model that does not say: price-usd-per-hour or log-return')
    .option('--quantiles <levels>', 'Quantiles that the model gives, e.g. 0.1,0.5,0.9')
    .option('--manifest <file>', 'Manifest of the model; NAME.manifest.json beside it when left out')
    .option(
      '--include-trained',
      'Count times that the model may have seen in training, too; the report says so',
    )
    .option('--product <name>', 'Product that is tested; also of rows that name none', 'Linux/UNIX')
    .option('--type <names...>', 'Instance types that are tested; all when left out')
    .option('--region <name>', 'Region of zones that do not tell theirs')
    .option('--zones <pairs>', 'Names of zone ids in this account: eu-west-1a=euw1-az1,…')
    .option('--up-to-damage', 'Take what comes before a damage of a file, instead of refusing it')
    .option('--data <folder>', 'Take list prices and types from the catalog of this folder, too')
    .option('--csv <file>', 'Write a table of all pools')
    .option('--html <file>', 'Write the report as one page')
    .option('--policy', 'Say what the model is worth in dollars, by jobs that may run in any zone')
    .option('--json', 'Print JSON');
  withPolicyFlags(command, '7d').action(async (model: string, flags: EvaluateFlags) => {
    const result = await asVerdict(evaluate(model, flags));
    if (!result) return;
    const { report, pools } = result;
    if (flags.csv !== undefined) writeReport('--csv', flags.csv, poolsAsCsv(pools));
    if (flags.html !== undefined) writeReport('--html', flags.html, reportAsHtml(report, pools));
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : describeReport(report));
    if (!flags.json && report.policy) process.stdout.write(`\n${describePolicies(report.policy)}`);
    if (saysNo(report)) process.exitCode = EXIT_VERDICT_NO;
  });
}

async function evaluate(model: string, flags: EvaluateFlags): Promise<BacktestResult> {
  const fromMs = flags.from === undefined ? undefined : timeOf('--from', flags.from);
  const toMs = flags.to === undefined ? undefined : timeOf('--to', flags.to);
  const stepMs = durationOf('--step', flags.step);
  const line = new ProgressLine();
  const interrupted = untilInterrupted();
  // Opened first: a model that is refused needs no prices.
  const opened = await openForecaster(model, flags);
  try {
    const { forecaster, trainedUntilMs } = opened;
    const { market, notes } = await readPools(flags, opened, interrupted.signal, line);
    const window = { market, stepMs, fromMs, toMs, trainedUntilMs };
    return await backtestPools(
      {
        ...window,
        forecaster,
        isEmbargoLifted: flags.includeTrained === true,
        notes,
        policy: flags.policy ? policyOrderOf(flags) : undefined,
      },
      interrupted.signal,
      (done, points) => {
        const percent = ((100 * done) / market.pools.length).toFixed(0);
        line.show(
          `${percent} %  ${done} of ${market.pools.length} pools, ${points.toLocaleString('en-US')} points`,
        );
      },
    );
  } finally {
    line.end();
    interrupted.end();
    await opened.close();
  }
}

/** Too few points are no "yes" either: persistence serves. A baseline that is looked at is no candidate when it is the bar. */
function saysNo({ verdict }: BacktestReport): boolean {
  return verdict === 'no-better' || verdict === 'too-few-points';
}
