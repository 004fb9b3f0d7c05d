import { Text } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import type { BacktestReport } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { ErrorBars } from '../../components/error-bars.tsx';
import { Figures } from '../../components/figures.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import {
  counted,
  formatCount,
  formatPercent,
  formatShare,
  threeDigits,
} from '../../components/number-text.ts';
import { formatDay } from '../../components/time-text.ts';
import { BacktestPools } from './backtest-pools.tsx';
import { intervalWords, verdictWords } from './backtest-words.ts';
import { errorLine } from './error-line.ts';
import { PolicyTable } from './policy-table.tsx';

const TimelineChart = lazy(() => import('./timeline-chart.tsx').then(m => ({ default: m.TimelineChart })));

const usd = (value: number) => `$${threeDigits(value)}/h`;

/** What a backtest found out: the verdict, errors of all, time by time and pool by pool, and what it is worth. */
export function BacktestReportView({
  jobId,
  report,
}: {
  readonly jobId: string;
  readonly report: BacktestReport;
}) {
  const { mase, changed, moves, intervals, baselines, policy, quantiles, coverage, leftOut, embargo } =
    report;
  const verdict = verdictWords(report.verdict);
  const lines = useMemo(
    () => [
      errorLine('Persistence', report.timeline, ({ baselineMae }) => baselineMae, true),
      errorLine(report.model, report.timeline, ({ mae }) => mae),
    ],
    [report],
  );
  const facts = [
    `${counted(changed.points, 'point')} changed by the horizon: there the error is ${changed.mae === null ? 'unknown' : usd(changed.mae)}, that of persistence ${changed.baselineMae === null ? 'unknown' : usd(changed.baselineMae)}; the direction was right in ${changed.direction === null ? 'an unknown share' : formatShare(changed.direction)}.`,
    `Moves of more than ${formatPercent(moves.thresholdPercent)}: ${formatCount(moves.happened)} happened, ${formatCount(moves.foretold)} were foretold, ${formatCount(moves.right)} of them rightly.`,
    `MAPE of a pool: median ${formatPercent(report.mapeOfPools.median)}, 90th percentile ${formatPercent(report.mapeOfPools.p90)}, largest ${formatPercent(report.mapeOfPools.max)}.`,
    ...(quantiles && coverage !== undefined
      ? [
          `Between its outer quantiles lie ${formatShare(coverage)} of the prices; ${formatShare(quantiles.nominalCoverage)} should.`,
        ]
      : []),
    embargo.until === null
      ? 'It was not trained, so no time had to be left out.'
      : embargo.lifted
        ? `${counted(embargo.pointsBefore, 'point')} lie before ${embargo.until}, where the model may know the answer: that was asked for.`
        : `Nothing before ${embargo.until} was counted: the model may know what came.`,
    `Left out: ${counted(leftOut.pools, 'pool')} without a point, ${counted(leftOut.unknownPrice, 'time')} without a known price, ${counted(leftOut.noForecast, 'time')} without a forecast${leftOut.unknownFeatures[0] ? ` (mostly because ${leftOut.unknownFeatures[0].feature} was unknown)` : ''}.`,
    ...report.notes,
  ];
  return (
    <>
      <Figures
        figures={[
          {
            label: 'Verdict',
            value: verdict.text,
            tone: verdict.tone,
            below: `than “the last price stays”, ${report.horizonHours} h ahead`,
          },
          {
            label: 'Error against persistence',
            value: mase === null ? 'unknown' : threeDigits(mase),
            below: `MASE, ${intervalWords(intervals.mase, threeDigits)}`,
          },
          {
            label: 'Mean absolute error',
            value: usd(report.mae),
            below: `persistence ${usd(report.baseline.mae)}`,
          },
          {
            label: 'Compared',
            value: counted(report.points, 'point'),
            below: `of ${counted(report.pools, 'pool')}, ${formatDay(Date.parse(report.from))} to ${formatDay(Date.parse(report.to))}`,
          },
        ]}
      />
      <Card title="What was found">
        <div style={{ display: 'grid', gap: 14 }}>
          <Text>{report.sentence}</Text>
          <ErrorBars
            bars={[
              { label: report.model, valueUsd: report.mae, colour: '--co-spot' },
              ...baselines.map(({ name, mae }) => ({
                label: name.replace(/^./, letter => letter.toUpperCase()),
                valueUsd: mae,
                colour: '--co-unknown',
              })),
            ]}
          />
          <ul style={{ margin: 0, paddingLeft: 18, display: 'grid', gap: 4, color: 'var(--co-muted)' }}>
            {facts.map(fact => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </div>
      </Card>
      {report.timeline.length > 1 ? (
        <Card title="Error over time">
          <Suspense fallback={<LoadingRows rows={5} />}>
            <TimelineChart
              label="Mean absolute error of the model and of persistence over time"
              lines={lines}
              unit={{ before: '$', after: '/h' }}
            />
          </Suspense>
        </Card>
      ) : null}
      {policy ? <PolicyTable policy={policy} /> : null}
      <BacktestPools jobId={jobId} />
    </>
  );
}
