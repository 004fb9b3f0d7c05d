import type { RiskBacktestPoolRow, RiskBacktestReport } from '../../../../common/contracts/index.ts';
import { htmlList, htmlPage, htmlTable } from '../html-page.ts';
import { policiesSection } from '../policy/index.ts';
import { escapeHtml, svgChart } from '../svg-chart.ts';

const ROWS_SHOWN = 25;

/** The report of a backtest of probabilities as one page; see `htmlPage`. */
export function riskReportAsHtml(report: RiskBacktestReport, pools: readonly RiskBacktestPoolRow[]): string {
  const body = [
    `<p class="soft">Probabilities that ${report.nodes === 1 ? 'capacity' : `room for ${report.nodes} nodes`} is away at some time within ${report.horizonHours} h, made from ${report.from} to ${report.to}, every ${report.stepMinutes} min, ${count(report.pools)} pools, ${count(report.points)} points, ${count(report.interruptions)} interruptions.</p>`,
    `<p class="verdict ${report.verdict}">${escapeHtml(report.sentence)}</p>`,
    embargoOf(report),
    '<h2>Scores</h2>',
    scoresTable(report),
    factsTable(report),
    '<h2>Calibration</h2>',
    calibrationPart(report),
    '<h2>Over time</h2>',
    timeChart(report),
    '<h2>Over pools</h2>',
    poolsTables(pools),
    ...(report.policy ? ['<h2>In dollars</h2>', policiesSection(report.policy)] : []),
    '<h2>How it was measured</h2>',
    methodOf(report),
  ];
  return htmlPage(`Backtest of ${report.model}, ${report.horizonHours} h ahead`, body);
}

function embargoOf({ embargo }: RiskBacktestReport): string {
  if (embargo.trainedUntil === null) return '';
  if (embargo.lifted)
    return `<p class="warning">The embargo was lifted: ${count(embargo.pointsBefore)} points lie before ${embargo.until}, which the model may have seen when it was trained until ${embargo.trainedUntil}.</p>`;
  return `<p class="soft">Trained until ${embargo.trainedUntil}; no prediction made before ${embargo.until} is counted.</p>`;
}

function scoresTable({ model, brier, logLoss, baseRate, persistence, verdict }: RiskBacktestReport): string {
  const own = verdict === 'baseline' ? [] : [[model, score(brier), score(logLoss), '']];
  return htmlTable(
    ['', 'Brier score', 'log loss', 'skill of the model'],
    [
      ...own,
      [
        'base rate (as often as to all pools so far)',
        score(baseRate.brier),
        score(baseRate.logLoss),
        skill(baseRate.skill),
      ],
      [
        'persistence (what is away now, is away)',
        score(persistence.brier),
        score(persistence.logLoss),
        skill(persistence.skill),
      ],
    ],
  );
}

function factsTable(report: RiskBacktestReport): string {
  const { parts, intervals, dieboldMariano: test } = report;
  const interval = (value: RiskBacktestReport['intervals']['brier']) =>
    value === null ? 'unknown: too little time' : `${score(value.lower)} … ${score(value.upper)}`;
  return htmlTable(
    ['', ''],
    [
      ['It happened', `${count(report.happened)} of ${count(report.points)} points`],
      ['Reliability (0 is calibrated)', score(parts.reliability)],
      ['Resolution (0 tells nothing apart)', score(parts.resolution)],
      ['Uncertainty (base rate of these points)', score(parts.uncertainty)],
      ['Calibration error', score(report.calibrationError)],
      ['Brier score, 95 % interval', interval(intervals.brier)],
      ['Skill against the base rate, 95 % interval', interval(intervals.skillAgainstBaseRate)],
      ['Skill against persistence, 95 % interval', interval(intervals.skillAgainstPersistence)],
      [
        'Diebold-Mariano against the harder of both',
        test === null ? 'no answer' : `${test.statistic.toFixed(2)}, p = ${test.p.toPrecision(2)}`,
      ],
    ],
  );
}

function calibrationPart({ calibration }: RiskBacktestReport): string {
  const ends = [0, 1].map(value => [value, value] as const);
  const chart = svgChart({
    label: 'Calibration: how often it happened, by what was foretold',
    lines: [
      {
        name: 'happened',
        style: 'one',
        points: calibration.map(({ predicted, observed }) => [predicted, observed] as const),
      },
      { name: 'perfect', style: 'three', points: ends },
    ],
    xText: percent,
    yText: percent,
    xRange: [0, 1],
    yRange: [0, 1],
  });
  const rows = calibration.map(bin => [
    `${percent(bin.from)} – ${percent(bin.to)}`,
    percent(bin.predicted),
    percent(bin.observed),
    count(bin.points),
    count(bin.happened),
  ]);
  return `${chart}${htmlTable(['foretold between', 'mean', 'happened', 'points', 'of them happened'], rows)}`;
}

function timeChart({ timeline, model, verdict }: RiskBacktestReport): string {
  const line = (name: string, style: string, pick: (stretch: (typeof timeline)[number]) => number) => ({
    name,
    style,
    points: timeline.map(stretch => [stretch.at, pick(stretch)] as const),
  });
  return svgChart({
    label: 'Brier score by made-at time',
    lines: [
      ...(verdict === 'baseline' ? [] : [line(model, 'one', ({ brier }) => brier)]),
      line('base rate', 'two', ({ baseRateBrier }) => baseRateBrier),
      line('persistence', 'three', ({ persistenceBrier }) => persistenceBrier),
    ],
    xText: at => new Date(at).toISOString().slice(0, 10),
    yText: score,
  });
}

function poolsTables(pools: readonly RiskBacktestPoolRow[]): string {
  const table = (rows: readonly RiskBacktestPoolRow[]) =>
    htmlTable(
      ['pool', 'points', 'foretold', 'happened', 'Brier', 'skill: base rate', 'skill: persistence'],
      rows.map(row => [
        row.pool,
        count(row.points),
        percent(row.predicted),
        percent(row.observed),
        score(row.brier),
        skill(row.skillAgainstBaseRate),
        skill(row.skillAgainstPersistence),
      ]),
    );
  if (pools.length <= 2 * ROWS_SHOWN) return table(pools);
  return `<h3>Farthest behind the base rate</h3>${table(pools.slice(0, ROWS_SHOWN))}<h3>Farthest ahead</h3>${table(pools.slice(-ROWS_SHOWN).reverse())}<p class="soft">The CSV file has all ${count(pools.length)} pools.</p>`;
}

function methodOf({ leftOut, notes, origins }: RiskBacktestReport): string {
  return htmlList([
    'Rolling origin in the order of time: each probability uses what was known when it was made, and is held against whether the pool could be had throughout the horizon, by the recording.',
    origins === 'all'
      ? 'All pools are asked about, also those that could not be had when predicted.'
      : 'Only pools that could be had when predicted are asked about.',
    'The model and both baselines are compared on the very same points. The base rate is of all pools, from horizons that were over when predicted.',
    'Better asks for a smaller Brier score than both, and a one-sided Diebold-Mariano test of the gain over the harder one (mean of pools at one time, Newey-West variance over the horizon) at 5 %. Intervals are of a circular block bootstrap over time.',
    `Left out: ${count(leftOut.pools)} pools without a point, and pool-times: ${count(leftOut.unknownState)} at which nobody looked, ${count(leftOut.away)} without capacity, ${count(leftOut.unknownOutcome)} whose horizon was not recorded to its end, ${count(leftOut.unknownBaseRate)} before a base rate was known, ${count(leftOut.noForecast)} without a forecast.`,
    ...notes,
  ]);
}

function score(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function skill(value: number | null): string {
  return value === null ? 'unknown: no error to compare with' : score(value);
}

function percent(value: number): string {
  return `${Number((100 * value).toPrecision(3))} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
