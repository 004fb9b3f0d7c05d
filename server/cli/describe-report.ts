import type { BacktestReport } from '../../common/contracts/index.ts';

/** A report as lines for people. */
export function describeReport(report: BacktestReport): string {
  const { changed, moves, embargo, intervals, dieboldMariano: test } = report;
  const model = report.baselines.some(({ name }) => name === report.model)
    ? []
    : [{ name: report.model, mae: report.mae, rmse: report.rmse, mape: report.mape }];
  const width = Math.max(...[...model, ...report.baselines].map(({ name }) => name.length), 12) + 2;
  const row = (name: string, cells: readonly string[]) =>
    `${name.padEnd(width)}${cells.map(cell => cell.padStart(14)).join('')}`;
  const lines = [
    report.sentence,
    '',
    `${report.horizonHours} h ahead, made from ${report.from} to ${report.to} every ${report.stepMinutes} min`,
    ...(embargo.trainedUntil === null
      ? []
      : [
          embargo.lifted
            ? `EMBARGO LIFTED: ${count(embargo.pointsBefore)} points before ${embargo.until} that the model may have seen are counted`
            : `trained until ${embargo.trainedUntil}; nothing made before ${embargo.until} is counted`,
        ]),
    '',
    row('', ['MAE $/h', 'RMSE $/h', 'MAPE %']),
    ...[...model, ...report.baselines].map(({ name, mae, rmse, mape }) =>
      row(name, [figure(mae), figure(rmse), figure(mape)]),
    ),
    '',
    `MASE              ${report.mase === null ? 'unknown, nothing moved' : report.mase.toFixed(3)}${between(intervals.mase)}`,
    ...(test === null
      ? []
      : [`Diebold-Mariano   ${test.statistic.toFixed(2)}, p = ${test.p.toPrecision(2)}`]),
    ...(report.pinball === undefined
      ? []
      : [
          `quantiles         pinball ${figure(report.pinball)}, ${share(report.coverage ?? 0)} inside of ${share(report.quantiles?.nominalCoverage ?? 0)}`,
        ]),
    `changed points    ${count(changed.points)}${changed.mae === null ? '' : `: MAE ${figure(changed.mae)}, persistence ${figure(changed.baselineMae ?? 0)}, direction right ${share(changed.direction ?? 0)}`}`,
    `moves of ${moves.thresholdPercent} %       ${count(moves.happened)} happened, ${count(moves.foretold)} foretold, ${count(moves.right)} right`,
    `MAPE of pools     median ${figure(report.mapeOfPools.median)} %, 90th percentile ${figure(report.mapeOfPools.p90)} %, largest ${figure(report.mapeOfPools.max)} %`,
    `left out          ${count(report.leftOut.pools)} pools without a point, ${count(report.leftOut.unknownPrice)} times without a known price, ${count(report.leftOut.noForecast)} without a forecast`,
    ...report.notes,
  ];
  return `${lines.join('\n')}\n`;
}

function between(interval: BacktestReport['intervals']['mase']): string {
  return interval === null ? '' : ` (95 %: ${interval.lower.toFixed(3)} … ${interval.upper.toFixed(3)})`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
