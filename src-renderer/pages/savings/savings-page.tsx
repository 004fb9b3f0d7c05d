import { SegmentedControl, Text } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { lazy, Suspense, useMemo, useState } from 'react';
import { Link } from 'wouter';
import { api, type SavingsEntry, type SavingsSummary } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../../common/units/index.ts';
import { useScope } from '../../app/scope.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { Figures } from '../../components/figures.tsx';
import { LiveProblem } from '../../components/live-problem.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { moneyText } from '../../components/money-text.tsx';
import { useNow } from '../../components/now.ts';
import { counted } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { valuesUnder } from '../../connection/topic-values.ts';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { savingsColumns } from './savings-columns.tsx';

const CostChart = lazy(() =>
  import('../../components/charts/cost-chart.tsx').then(m => ({ default: m.CostChart })),
);

/** What was really saved, beside what was promised, entry by entry. */
export function SavingsPage() {
  const { values, problem } = useLive('savings');
  const { clusterId } = useScope();
  const summary = values?.get('summary') as SavingsSummary | undefined;
  const entries = useMemo(() => values && valuesUnder<SavingsEntry>(values, 'entry/'), [values])?.filter(
    entry => clusterId === undefined || entry.clusterId === clusterId,
  );
  return (
    <>
      <PageHeader
        title="Savings"
        sentence={
          summary === undefined ? (
            'Asking…'
          ) : summary.plans === 0 ? (
            'Nothing is booked yet.'
          ) : (
            <>
              {moneyText(summary.realizedMicroUsd)} realized of {moneyText(summary.predictedMicroUsd)}{' '}
              predicted, by {counted(summary.plans, 'plan')}; booked <RelativeTime at={summary.asOf} />.
            </>
          )
        }
      />
      <LiveProblem problem={problem} />
      <Figures
        figures={[
          {
            label: 'Realized savings',
            value: summary && moneyText(summary.realizedMicroUsd),
            below: summary && `${moneyText(summary.realizedThisMonthMicroUsd)} this month`,
            tone: summary && summary.realizedMicroUsd > 0 ? 'saving' : undefined,
          },
          {
            label: 'Predicted until now',
            value: summary && moneyText(summary.predictedMicroUsd),
            below: 'what the plans promised',
          },
          {
            label: 'Rate now',
            value: summary && moneyText(summary.realizedMicroUsdPerHour, 'hour'),
            below: summary && moneyText(summary.realizedMicroUsdPerHour, 'month'),
          },
          {
            label: 'Left out',
            value: summary && (summary.unknownMs === 0 ? 'Nothing' : formatDuration(summary.unknownMs)),
            below: 'time with an unknown price is not booked',
          },
        ]}
      />
      <CostOverTime />
      <Card title="Entry by entry" padded={false}>
        {entries === undefined ? (
          <LoadingRows />
        ) : (
          <DataTable
            label="Savings"
            rows={entries}
            rowKey={({ id }) => id}
            columns={savingsColumns}
            initialSort={{ id: 'started', desc: true }}
            empty={
              <EmptyState
                icon={<IconCoins size={34} stroke={1.4} />}
                title="Nothing saved yet"
                text="When an approved plan has replaced a node, what it saves is booked here: the price of the replaced node, frozen at the decision, less what runs now, hour by hour."
                action={<Link href="/decisions">See the decisions</Link>}
              />
            }
          />
        )}
      </Card>
    </>
  );
}

const SPANS: Record<string, number> = { '24 h': 1, '7 days': 7, '30 days': 30 };

function CostOverTime() {
  const minute = useNow(60_000);
  const [span, setSpan] = useState('7 days');
  // To the end of this minute: the newest sample lies in it.
  const query = { fromMs: minute - (SPANS[span] ?? 7) * MS_PER_DAY, toMs: minute + 60_000 };
  const history = useRead(api.savings.costHistory, { query }, { keepLast: true });
  const points = history.data?.points;
  return (
    <Card
      title="Cost over time"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Time shown"
          value={span}
          onChange={setSpan}
          data={Object.keys(SPANS)}
        />
      }
    >
      {history.error ? (
        <ErrorState error={history.error} onRetry={() => void history.refetch()} />
      ) : points === undefined ? (
        <LoadingRows rows={6} />
      ) : points.length < 2 ? (
        <Text c="dimmed" ta="center" py="xl">
          No history in this time yet; it grows while clusters are connected.
        </Text>
      ) : (
        <Suspense fallback={<LoadingRows rows={6} />}>
          <CostChart points={points} height={240} />
        </Suspense>
      )}
    </Card>
  );
}
