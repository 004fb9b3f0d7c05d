/**
 * What a rolling backtest costs: 1,378 pools, 90 days, a prediction each hour by 300 trees of 22 features, from the file of
 * prices to the verdict, against the same in pandas and scikit-learn. Both must find the same errors. Where there is no
 * scikit-learn, a model of the same size is made here, and it says so.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BacktestReport } from '../common/contracts/index.ts';
import { features, trainedBefore, writePrices } from './evaluate/made-prices.ts';
import { backtestInPython, fitModel, type PythonBacktest, pythonVersions } from './evaluate/python-side.ts';
import { runCommand } from './evaluate/run-command.ts';
import { figureLine, ratioLine, spreadOf } from './figures.ts';
import { makeModels } from './models/made-models.ts';

const RUNS = 5;
/** Each takes a minute. */
const PYTHON_RUNS = 3;
const say = (line: string) => process.stdout.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-evaluate-'));
const place = (name: string) => join(folder, name);
try {
  const made = await writePrices(place('prices.csv.gz'));
  const versions = pythonVersions();
  if (versions === undefined) makeModels(folder, features.length);
  else fitModel(place('prices.csv.gz'), place('boosted.pkl'));
  writeFileSync(place('boosted.manifest.json'), JSON.stringify(manifest(trainedBefore(made.firstMs))));
  const count = (value: number) => value.toLocaleString('en-US');
  say(
    `${count(made.pools)} pools, ${count(made.records)} records ${made.isRecorded ? 'of eu-west-1' : 'that were made here'}, ${features.length} features, 300 trees`,
  );
  say(versions ?? 'no scikit-learn here: a LightGBM text of the same size, made by this benchmark');
  const theirs: PythonBacktest[] = [];
  const ours = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await runCommand([place('boosted.pkl'), '--prices', place('prices.csv.gz')]));
    if (versions !== undefined && run < PYTHON_RUNS) {
      theirs.push(backtestInPython(place('prices.csv.gz'), place('boosted.pkl')));
      check(ours[run]?.report, theirs[run]);
    }
  }
  const [first] = ours;
  say(`\n${first?.report.points.toLocaleString('en-US')} points, MASE ${first?.report.mase?.toFixed(3)}`);
  const seconds = spreadOf(ours.map(run => run.seconds));
  say(figureLine('cloudoptim evaluate, start to end', seconds, 's'));
  say(figureLine('most memory of all its processes', spreadOf(ours.map(run => run.peakMib)), 'MiB'));
  if (theirs.length > 0) {
    const python = spreadOf(theirs.map(run => run.seconds));
    say(figureLine('pandas and scikit-learn', python, 's'));
    say(figureLine('of which predict', spreadOf(theirs.map(run => run.predictSeconds)), 's'));
    say(figureLine('most memory of Python', spreadOf(theirs.map(run => run.peakMib)), 'MiB'));
    say(ratioLine('faster', python.median / seconds.median));
    say(ratioLine('the same, of the fastest runs', python.min / seconds.min));
  }
} finally {
  rmSync(folder, { recursive: true });
}

function manifest(trainedUntil: string) {
  return {
    name: 'Benchmark',
    version: '1',
    task: 'spot-price',
    trainedUntil,
    features: features.map(name => ({ name })),
    target: 'log-return',
    horizonHours: 24,
    scope: { regions: ['eu-west-1'] },
  };
}

/** @throws Error unless both found the same. */
function check(report: BacktestReport | undefined, python: PythonBacktest | undefined): void {
  if (!report || !python) throw new Error('nothing to compare');
  const baseline = (name: string) => report.baselines.find(each => each.name === name)?.mae ?? Number.NaN;
  const pairs: Record<string, [ours: number, theirs: number]> = {
    points: [report.points, python.points],
    'MAE of persistence': [report.baseline.mae, python.persistenceMae],
    'MAE of drift': [baseline('drift'), python.driftMae],
    'MAE of seasonal': [baseline('seasonal'), python.seasonalMae],
    'changed points': [report.changed.points, python.changedPoints],
    MAE: [report.mae, python.mae],
    MAPE: [report.mape, python.mape],
    'MAE of changed points': [report.changed.mae ?? Number.NaN, python.changedMae],
    'Diebold-Mariano': [report.dieboldMariano?.statistic ?? Number.NaN, python.statistic],
  };
  for (const [name, [got, wanted]] of Object.entries(pairs)) {
    // Features that differ in the last bit may fall on the other side of a split, for a few points of millions.
    if (!(Math.abs(got - wanted) <= 1e-4 * Math.abs(wanted)))
      throw new Error(`${name} is ${got} instead of ${wanted}.`);
  }
}
