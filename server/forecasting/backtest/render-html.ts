import type { BacktestPoolRow, BacktestReport } from '../../../common/contracts/index.ts';
import { htmlList, htmlPage, htmlTable } from './html-page.ts';
import { policiesSection } from './policy/index.ts';
import { type ChartLine, escapeHtml, svgChart } from './svg-chart.ts';

const ROWS_SHOWN = 25;
/** Points of the curve over pools: more would not be seen. */
const CURVE_POINTS = 200;

/**
 * The report as one page; see `htmlPage`.
 * @param pools as `poolRows` gives them
 */
export function reportAsHtml(report: BacktestReport, pools: readonly BacktestPoolRow[]): string {
  const title = `Backtest of ${report.model}, ${report.horizonHours} h ahead`;
  const body = [
    `<p class="soft">Predictions made from ${report.from} to ${report.to}, every ${report.stepMinutes} min, ${count(report.pools)} pools, ${count(report.points)} points.</p>`,
    `<p class="verdict ${report.verdict}">${escapeHtml(report.sentence)}</p>`,
    embargoOf(report),
    '<h2>Errors</h2>',
    errorsTable(report),
    factsList(report),
    '<h2>Over time</h2>',
    timeChart(report),
    ...(report.quantiles ? ['<h2>Quantiles</h2>', quantilesOf(report.quantiles)] : []),
    '<h2>Over pools</h2>',
    poolsChart(report, pools),
    poolsTables(pools),
    ...(report.policy ? ['<h2>What it is worth</h2>', policiesSection(report.policy)] : []),
    '<h2>How it was measured</h2>',
    methodOf(report),
  ];
  return htmlPage(title, body);
}

function embargoOf({ embargo }: BacktestReport): string {
  if (embargo.trainedUntil === null) return '';
  if (embargo.lifted)
    return `<p class="warning">The embargo was lifted: ${count(embargo.pointsBefore)} points lie before ${embargo.until}, which the model may have seen when it was trained until ${embargo.trainedUntil}.</p>`;
  return `<p class="soft">Trained until ${embargo.trainedUntil}; no prediction made before ${embargo.until} is counted.</p>`;
}

function errorsTable(report: BacktestReport): string {
  const own = report.baselines.some(({ name }) => name === report.model)
    ? []
    : [[report.model, usd(report.mae), usd(report.rmse), percent(report.mape)]];
  const baselines = report.baselines.map(({ name, sentence, mae, rmse, mape }) => [
    `${name} (${sentence})`,
    usd(mae),
    usd(rmse),
    percent(mape),
  ]);
  return htmlTable(['', 'MAE', 'RMSE', 'MAPE'], [...own, ...baselines]);
}

function factsList({ mase, intervals, dieboldMariano, changed, moves }: BacktestReport): string {
  const interval = (value: { lower: number; upper: number } | null, text: (value: number) => string) =>
    value === null ? 'unknown: too little time' : `${text(value.lower)} … ${text(value.upper)}`;
  const share = (value: number | null) => (value === null ? 'none' : percent(100 * value));
  const rows = [
    ['MASE (MAE / MAE of persistence)', mase === null ? 'unknown: nothing moved' : mase.toFixed(3)],
    ['MASE, 95 % interval', interval(intervals.mase, value => value.toFixed(3))],
    ['MAE, 95 % interval', interval(intervals.mae, usd)],
    [
      'Diebold-Mariano against persistence',
      dieboldMariano === null
        ? 'no answer'
        : `${dieboldMariano.statistic.toFixed(2)}, p = ${dieboldMariano.p.toPrecision(2)}`,
    ],
    ['Points whose price changed', count(changed.points)],
    [
      'MAE on changed points: model, persistence',
      changed.mae === null ? 'none' : `${usd(changed.mae)}, ${usd(changed.baselineMae ?? 0)}`,
    ],
    ['Direction right on changed points', share(changed.direction)],
    [
      `Moves of ${moves.thresholdPercent} % or more: happened, foretold, right`,
      `${count(moves.happened)}, ${count(moves.foretold)}, ${count(moves.right)}`,
    ],
    ['Precision, recall of moves', `${share(moves.precision)}, ${share(moves.recall)}`],
  ];
  return htmlTable(['', ''], rows);
}

function timeChart({ timeline, model }: BacktestReport): string {
  const line = (name: string, style: string, pick: (stretch: (typeof timeline)[number]) => number) => ({
    name,
    style,
    points: timeline.map(stretch => [stretch.at, pick(stretch)] as const),
  });
  return svgChart({
    label: 'Mean absolute error by made-at time',
    lines: [
      line(model, 'one', ({ mae }) => mae),
      ...(model === 'persistence' ? [] : [line('persistence', 'two', ({ baselineMae }) => baselineMae)]),
    ],
    xText: at => new Date(at).toISOString().slice(0, 10),
    yText: usd,
  });
}

function quantilesOf({
  levels,
  nominalCoverage,
  meanWidth,
}: NonNullable<BacktestReport['quantiles']>): string {
  const ends = [0, 1].map(value => [value, value] as const);
  const chart = svgChart({
    label: 'Calibration: share of prices at or below each quantile',
    lines: [
      {
        name: 'observed',
        style: 'one',
        points: levels.map(({ level, observed }) => [level, observed] as const),
      },
      { name: 'perfect', style: 'three', points: ends },
    ],
    xText: value => percent(100 * value),
    yText: value => percent(100 * value),
    xRange: [0, 1],
    yRange: [0, 1],
  });
  const rows = levels.map(({ level, observed, pinball }) => [
    percent(100 * level),
    percent(100 * observed),
    usd(pinball),
  ]);
  return `${chart}${htmlTable(['quantile', 'observed', 'pinball loss'], rows)}<p class="soft">The outer quantiles should hold ${percent(100 * nominalCoverage)}; they are ${usd(meanWidth)} apart on average.</p>`;
}

function poolsChart({ model }: BacktestReport, pools: readonly BacktestPoolRow[]): string {
  const curve = (name: string, style: string, pick: (row: BacktestPoolRow) => number): ChartLine => {
    const sorted = pools.map(pick).sort((a, b) => a - b);
    const every = Math.max(1, Math.ceil(sorted.length / CURVE_POINTS));
    const places = [...sorted.keys()].filter(place => place % every === 0 || place === sorted.length - 1);
    return {
      name,
      style,
      points: places.map(place => [(100 * (place + 1)) / sorted.length, sorted[place] ?? 0] as const),
    };
  };
  return svgChart({
    label: 'MAPE of pools, from the easiest to the hardest',
    lines: [
      curve(model, 'one', row => row.mape),
      ...(model === 'persistence' ? [] : [curve('persistence', 'two', row => row.baselineMape)]),
    ],
    xText: value => `${Math.round(value)} % of pools`,
    yText: percent,
  });
}

function poolsTables(pools: readonly BacktestPoolRow[]): string {
  const table = (rows: readonly BacktestPoolRow[]) =>
    htmlTable(
      ['pool', 'points', 'MAE', 'persistence', 'MASE', 'MAPE', 'changed'],
      rows.map(row => [
        row.pool,
        count(row.points),
        usd(row.mae),
        usd(row.baselineMae),
        row.mase === null ? '' : row.mase.toFixed(3),
        percent(row.mape),
        count(row.changedPoints),
      ]),
    );
  if (pools.length <= 2 * ROWS_SHOWN) return table(pools);
  return `<h3>Farthest behind persistence</h3>${table(pools.slice(0, ROWS_SHOWN))}<h3>Farthest ahead</h3>${table(pools.slice(-ROWS_SHOWN).reverse())}<p class="soft">The CSV file has all ${count(pools.length)} pools.</p>`;
}

function methodOf({ leftOut, notes }: BacktestReport): string {
  const items = [
    'Rolling origin in the order of time: each prediction uses what was known when it was made, and is held against the price in force at the horizon.',
    'All forecasters are compared on the very same points. A pool that has been silent for more than 24.5 h has no price; nothing is filled in.',
    'MAPE is the mean over pools, so that each counts the same; MAE and RMSE are over points, in USD per hour.',
    'The Diebold-Mariano test takes the mean over pools at each time as one observation, with Newey-West variance over the horizon and the small-sample factor of Harvey, Leybourne and Newbold; it is one-sided. Intervals are of a circular block bootstrap over time.',
    `Left out: ${count(leftOut.pools)} pools without a point, ${count(leftOut.unknownPrice)} pool-times without a known price then, in the week before or at the horizon, ${count(leftOut.noForecast)} without a forecast.`,
    ...notes,
  ];
  return htmlList(items);
}

function usd(value: number): string {
  return value === 0 ? '$0' : `$${Number(value.toPrecision(3))}`;
}

function percent(value: number): string {
  return `${Number(value.toPrecision(3))} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
