import { SimpleGrid, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import type { RiskBacktestReport } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { Figures } from '../../components/figures.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { counted, formatCount, threeDigits } from '../../components/number-text.ts';
import { BaselineTable, CalibrationTable } from '../../components/risk/baseline-table.tsx';
import { CalibrationChart } from '../../components/risk/calibration-chart.tsx';
import { formatDay } from '../../components/time-text.ts';
import { BacktestPools } from './backtest-pools.tsx';
import { intervalWords, verdictWords } from './backtest-words.ts';
import { errorLine } from './error-line.ts';
import { PolicyTable } from './policy-table.tsx';

const TimelineChart = lazy(() => import('./timeline-chart.tsx').then(m => ({ default: m.TimelineChart })));

/** What a backtest of probabilities found out: the verdict, scores beside both baselines, calibration, time and pools. */
export function RiskReportView({
  jobId,
  report,
}: {
  readonly jobId: string;
  readonly report: RiskBacktestReport;
}) {
  const { baseRate, persistence, intervals, parts, timeline, model, verdict: judged } = report;
  const verdict = verdictWords(judged);
  const bins = useMemo(
    () => report.calibration.map(({ points, ...bin }) => ({ ...bin, count: points })),
    [report],
  );
  const lines = useMemo(
    () => [
      // Both grey, as baselines are everywhere; persistence is the dashed one.
      {
        ...errorLine('Base rate', timeline, ({ baseRateBrier }) => baseRateBrier, true),
        style: 'solid' as const,
      },
      errorLine('Persistence', timeline, ({ persistenceBrier }) => persistenceBrier, true),
      ...(judged === 'baseline' ? [] : [errorLine(model, timeline, ({ brier }) => brier)]),
    ],
    [timeline, model, judged],
  );
  const skill = (value: number | null) => (value === null ? 'unknown' : threeDigits(value));
  return (
    <>
      <Figures
        figures={[
          {
            label: 'Verdict',
            value: verdict.text,
            tone: verdict.tone,
            below: `than base rate and persistence, ${report.horizonHours} h ahead`,
          },
          {
            label: 'Skill against the base rate',
            value: skill(baseRate.skill),
            below: intervalWords(intervals.skillAgainstBaseRate, threeDigits),
          },
          {
            label: 'Skill against persistence',
            value: skill(persistence.skill),
            below: intervalWords(intervals.skillAgainstPersistence, threeDigits),
          },
          {
            label: 'Compared',
            value: counted(report.points, 'point'),
            below: `of ${counted(report.pools, 'pool')}, ${counted(report.interruptions, 'interruption')}, ${formatDay(Date.parse(report.from))} to ${formatDay(Date.parse(report.to))}`,
          },
        ]}
      />
      <Card title="What was found">
        <Stack gap="md">
          <Text>{report.sentence}</Text>
          <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
            <CalibrationChart bins={bins} what={['point', 'points']} />
            <Stack gap="lg" miw={0} style={{ overflowX: 'auto' }}>
              <BaselineTable risk={report} />
              <CalibrationTable bins={bins} />
            </Stack>
          </SimpleGrid>
          <ul style={{ margin: 0, paddingLeft: 18, display: 'grid', gap: 4, color: 'var(--co-muted)' }}>
            {factsOf(report).map(fact => (
              <li key={fact}>{fact}</li>
            ))}
            <li>
              Parts of the Brier score: reliability {threeDigits(parts.reliability)} (0 is calibrated),
              resolution {threeDigits(parts.resolution)} (0 tells nothing apart), uncertainty{' '}
              {threeDigits(parts.uncertainty)}.
            </li>
          </ul>
        </Stack>
      </Card>
      {timeline.length > 1 ? (
        <Card title="Brier score over time">
          <Suspense fallback={<LoadingRows rows={5} />}>
            <TimelineChart
              label="Brier score of the model, the base rate and persistence over time"
              lines={lines}
              unit={{ before: '', after: '' }}
            />
          </Suspense>
        </Card>
      ) : null}
      {report.policy ? <PolicyTable policy={report.policy} /> : null}
      <BacktestPools jobId={jobId} />
    </>
  );
}

function factsOf({ embargo, leftOut, origins, notes }: RiskBacktestReport): string[] {
  return [
    origins === 'all'
      ? 'All recorded pools are asked about, also those that could not be had when predicted.'
      : 'Only pools that could be had when predicted are asked about.',
    embargo.until === null
      ? 'It was not trained, so no time had to be left out.'
      : embargo.lifted
        ? `${counted(embargo.pointsBefore, 'point')} lie before ${embargo.until}, where the model may know the answer: that was asked for.`
        : `Nothing before ${embargo.until} was counted: the model may know what came.`,
    `Left out: ${counted(leftOut.pools, 'pool')} without a point; ${counted(leftOut.unknownState, 'time')} at which nobody looked, ${formatCount(leftOut.away)} without capacity, ${formatCount(leftOut.unknownOutcome)} whose horizon was not recorded to its end, ${formatCount(leftOut.unknownBaseRate)} before a base rate was known, ${formatCount(leftOut.noForecast)} without a forecast${leftOut.unknownFeatures[0] ? ` (mostly because ${leftOut.unknownFeatures[0].feature} was unknown)` : ''}.`,
    ...notes,
  ];
}
