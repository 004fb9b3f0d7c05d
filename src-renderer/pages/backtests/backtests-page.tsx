import { Button } from '@mantine/core';
import { IconReportAnalytics } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { Link, useLocation, useSearchParams } from 'wouter';
import { api, type Backtest } from '../../../common/contracts/index.ts';
import { MS_PER_SECOND } from '../../../common/units/index.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { formatPercent } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { backtestBadge, progressWords } from './backtest-words.ts';

const StartBacktest = lazy(() => import('./start-backtest.tsx').then(m => ({ default: m.StartBacktest })));

/** Backtests of models on the prices on disk, newest first. */
export function BacktestsPage() {
  const [, go] = useLocation();
  const [search] = useSearchParams();
  const read = useRead(api.backtests.listBacktests, {}, { refetchMs: 3 * MS_PER_SECOND });
  const backtests = read.data?.backtests;
  const start = (
    <Button component={Link} href="/forecasts/backtests?new=1">
      Test a model…
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Evaluation"
        sentence={
          <>
            How models would have done on the prices on disk, beside what needs no model.{' '}
            <Link href="/forecasts">Live forecasts</Link>
          </>
        }
        actions={start}
      />
      {read.error ? <ErrorState error={read.error} onRetry={() => void read.refetch()} /> : null}
      <div className="co-card">
        {backtests === undefined ? (
          <LoadingRows rows={6} />
        ) : backtests.length === 0 ? (
          <EmptyState
            icon={<IconReportAnalytics size={34} stroke={1.4} />}
            title="Nothing was tested yet"
            text="A test walks through past prices in time, lets a model predict from what was known then, and holds it against “the last price stays” on the very same points."
            action={start}
          />
        ) : (
          <DataTable
            label="Backtests"
            rows={backtests}
            rowKey={({ jobId }) => jobId}
            columns={COLUMNS}
            initialSort={{ id: 'queued', desc: true }}
            onOpen={({ jobId }) => go(`/forecasts/backtests/${pagePart(jobId)}`)}
          />
        )}
      </div>
      <Suspense fallback={null}>
        {search.get('new') === null ? null : (
          <StartBacktest modelId={search.get('model')} onClose={() => go('/forecasts/backtests')} />
        )}
      </Suspense>
    </>
  );
}

const COLUMNS: readonly TableColumn<Backtest>[] = [
  {
    id: 'state',
    header: 'State',
    value: backtest => backtestBadge(backtest).text,
    cell: backtest => {
      const { tone, text } = backtestBadge(backtest);
      return <ToneBadge tone={tone}>{text}</ToneBadge>;
    },
  },
  {
    id: 'model',
    header: 'Model',
    value: ({ model }) => model,
    cell: ({ jobId, model }) => (
      <Link href={`/forecasts/backtests/${pagePart(jobId)}`} style={{ fontWeight: 600 }}>
        {model}
      </Link>
    ),
  },
  {
    id: 'outcome',
    header: 'Outcome',
    grows: true,
    value: backtest => backtest.message ?? progressWords(backtest),
    cell: backtest =>
      backtest.state === 'running'
        ? `${formatPercent(Math.floor(backtest.percent))}, ${progressWords(backtest)}`
        : (backtest.message ?? ''),
  },
  { id: 'pools', header: 'Pools', value: ({ poolsTotal }) => poolsTotal, align: 'right' },
  {
    id: 'queued',
    header: 'Started',
    value: ({ queuedAt }) => queuedAt,
    cell: ({ queuedAt }) => <RelativeTime at={queuedAt} />,
  },
];
