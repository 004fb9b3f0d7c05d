import type { RiskBacktestReport } from '../../common/contracts/index.ts';

/** A report on probabilities of interruption as lines for people. */
export function describeRiskReport(report: RiskBacktestReport): string {
  const { embargo, intervals, parts, leftOut, dieboldMariano: test, baseRate, persistence } = report;
  const width = Math.max(report.model.length, 'persistence'.length) + 2;
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map(cell => cell.padStart(14)).join('')}`;
  const bin = (cells: readonly string[]) => cells.map(cell => cell.padStart(12)).join('');
  const lines = [
    report.sentence,
    '',
    `${report.horizonHours} h ahead, made from ${report.from} to ${report.to} every ${report.stepMinutes} min; it happened at ${count(report.happened)} of ${count(report.points)} points`,
    ...(report.origins === 'available'
      ? ['only pools that could be had when predicted are asked about']
      : []),
    ...(embargo.trainedUntil === null
      ? []
      : [
          embargo.lifted
            ? `EMBARGO LIFTED: ${count(embargo.pointsBefore)} points before ${embargo.until} that the model may have seen are counted`
            : `trained until ${embargo.trainedUntil}; nothing made before ${embargo.until} is counted`,
        ]),
    '',
    row('', ['Brier', 'log loss', 'skill']),
    ...(report.verdict === 'baseline'
      ? []
      : [row(report.model, [figure(report.brier), figure(report.logLoss), ''])]),
    row('base rate', [figure(baseRate.brier), figure(baseRate.logLoss), skill(baseRate.skill)]),
    row('persistence', [figure(persistence.brier), figure(persistence.logLoss), skill(persistence.skill)]),
    '',
    `skill against base rate     ${skill(baseRate.skill)}${between(intervals.skillAgainstBaseRate)}`,
    `skill against persistence   ${skill(persistence.skill)}${between(intervals.skillAgainstPersistence)}`,
    ...(test === null
      ? []
      : [`Diebold-Mariano             ${test.statistic.toFixed(2)}, p = ${test.p.toPrecision(2)}`]),
    `reliability, resolution     ${figure(parts.reliability)}, ${figure(parts.resolution)}; uncertainty ${figure(parts.uncertainty)}`,
    '',
    bin(['foretold %', 'mean %', 'happened %', 'points', 'happened']),
    ...report.calibration.map(each =>
      bin([
        `${figure(100 * each.from)}–${figure(100 * each.to)}`,
        figure(100 * each.predicted),
        figure(100 * each.observed),
        count(each.points),
        count(each.happened),
      ]),
    ),
    '',
    `left out: ${count(leftOut.pools)} pools without a point; times: ${count(leftOut.unknownState)} at which nobody looked, ${count(leftOut.away)} without capacity, ${count(leftOut.unknownOutcome)} whose horizon was not recorded to its end, ${count(leftOut.unknownBaseRate)} before a base rate was known, ${count(leftOut.noForecast)} without a forecast`,
    ...report.notes,
  ];
  return `${lines.join('\n')}\n`;
}

function between(interval: RiskBacktestReport['intervals']['brier']): string {
  return interval === null ? '' : ` (95 %: ${figure(interval.lower)} … ${figure(interval.upper)})`;
}

function skill(value: number | null): string {
  return value === null ? 'unknown' : figure(value);
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
