import type { Command } from 'commander';
import type { BacktestReport, RiskBacktestReport } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import {
  backtestPools,
  poolsAsCsv,
  reportAsHtml,
  riskPoolsAsCsv,
  riskReportAsHtml,
} from '../forecasting/index.ts';
import { asVerdict, EXIT_VERDICT_NO } from './as-verdict.ts';
import { describeReport } from './describe-report.ts';
import { describeRiskReport } from './describe-risk-report.ts';
import { evaluateRisks, type RiskFlags } from './evaluate-risks.ts';
import { type ForecasterFlags, type OpenForecaster, openForecaster } from './open-forecaster.ts';
import { durationOf, timeOf } from './parse-values.ts';
import { describePolicies, type PolicyFlags, policyOrderOf, withPolicyFlags } from './policy-flags.ts';
import { ProgressLine } from './progress-line.ts';
import { type PriceFlags, poolsOf, readPrices } from './read-pools.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { writeReport } from './write-report.ts';

interface EvaluateFlags extends Omit<PriceFlags, 'prices'>, RiskFlags, ForecasterFlags, PolicyFlags {
  readonly prices?: readonly string[];
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
      'Test a model on past prices against "the last price stays", or one of interruptions on recordings of availability; exits 3 when it is no better. MODEL is a file, or persistence, seasonal or drift (of prices), persistence or base-rate (of interruptions)',
    )
    .option('--prices <files...>', 'Files of Spot prices, as "market import" reads them')
    .option(
      '--availability <files...>',
      'Recordings of Spot availability with zone and start_date: tests a model of interruptions',
    )
    .option('--nodes <number>', 'Nodes that must be there at once in a recording', '1')
    .option('--only-available', 'Ask only about pools that could be had when predicted, as live')
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
    .option(
      '--policy',
      'Say what the model is worth in dollars and interruptions, by jobs that may run in any zone',
    )
    .option('--spot-price <usd>', 'With --policy: USD per hour of Spot capacity that nothing else tells')
    .option('--on-demand-price <usd>', 'With --policy on recordings: USD per hour; the catalog when left out')
    .option('--json', 'Print JSON');
  withPolicyFlags(command, '7d').action(async (model: string, flags: EvaluateFlags) => {
    const result = await asVerdict(evaluate(model, flags));
    if (!result) return;
    if (flags.csv !== undefined) writeReport('--csv', flags.csv, result.csv());
    if (flags.html !== undefined) writeReport('--html', flags.html, result.html());
    process.stdout.write(flags.json ? `${JSON.stringify(result.report, null, 2)}\n` : result.text());
    if (saysNo(result.report)) process.exitCode = EXIT_VERDICT_NO;
  });
}

/** What a test found out, in all the forms in which it may be asked for. */
interface Evaluated {
  readonly report: BacktestReport | RiskBacktestReport;
  text(): string;
  csv(): string;
  html(): string;
}

async function evaluate(model: string, flags: EvaluateFlags): Promise<Evaluated> {
  const fromMs = flags.from === undefined ? undefined : timeOf('--from', flags.from);
  const toMs = flags.to === undefined ? undefined : timeOf('--to', flags.to);
  const stepMs = durationOf('--step', flags.step);
  const isEmbargoLifted = flags.includeTrained === true;
  const line = new ProgressLine();
  const interrupted = untilInterrupted();
  const { signal } = interrupted;
  const { prices, availability } = flags;
  let opened: OpenForecaster | undefined;
  // Read while the model is opened in processes of its own; one that is refused says no more than that.
  const ended = new AbortController();
  let howFar = '';
  const quiet = {
    show: (text: string) => {
      howFar = text;
      if (opened) line.show(text);
    },
  };
  const reading =
    prices === undefined || availability !== undefined
      ? undefined
      : readPrices({ ...flags, prices }, AbortSignal.any([signal, ended.signal]), quiet);
  reading?.catch(() => undefined);
  try {
    opened = await openForecaster(model, flags, availability ? 'interruption' : 'spot-price');
    if (howFar !== '') line.show(howFar);
    const times = { fromMs, toMs, stepMs, trainedUntilMs: opened.trainedUntilMs, isEmbargoLifted };
    const show = (done: number, pools: number, points: number) =>
      line.show(
        `${((100 * done) / pools).toFixed(0)} %  ${done} of ${pools} pools, ${points.toLocaleString('en-US')} points`,
      );
    if (opened.task === 'interruption') {
      const { riskReport: report, riskPools } = await evaluateRisks(opened, flags, times, {
        signal,
        line,
        show,
      });
      return {
        report,
        text: () =>
          `${describeRiskReport(report)}${report.policy ? `\n${describePolicies(report.policy)}` : ''}`,
        csv: () => riskPoolsAsCsv(riskPools),
        html: () => riskReportAsHtml(report, riskPools),
      };
    }
    if (prices === undefined || !reading) {
      throw new AppError('input.invalid', `"${model}" is to be tested, but --prices names no file.`, {
        hint: 'Give files of Spot prices with --prices; recordings for a model of interruptions with --availability.',
      });
    }
    const { forecaster } = opened;
    const { market, notes } = await poolsOf(await reading, { ...flags, prices }, opened);
    const policy = flags.policy ? policyOrderOf(flags) : undefined;
    const { report, pools } = await backtestPools(
      { ...times, market, forecaster, notes, policy },
      signal,
      (done, points) => show(done, market.pools.length, points),
    );
    return {
      report,
      text: () => `${describeReport(report)}${report.policy ? `\n${describePolicies(report.policy)}` : ''}`,
      csv: () => poolsAsCsv(pools),
      html: () => reportAsHtml(report, pools),
    };
  } finally {
    ended.abort();
    await reading?.catch(() => undefined);
    line.end();
    interrupted.end();
    await opened?.close();
  }
}

/** Too few points are no "yes" either: persistence serves. A baseline that is looked at is no candidate when it is the bar. */
function saysNo({ verdict }: Evaluated['report']): boolean {
  return verdict === 'no-better' || verdict === 'too-few-points';
}
