import { Group, Progress, Text } from '@mantine/core';
import { Link, useParams } from 'wouter';
import { api, type Backtest } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { formatPercent } from '../../components/number-text.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { RoleButton } from '../../components/role-button.tsx';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { useAct, useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';
import { BacktestFiles } from './backtest-files.tsx';
import { BacktestReportView } from './backtest-report.tsx';
import { backtestBadge, progressWords } from './backtest-words.ts';
import { RiskReportView } from './risk-report.tsx';

/** One backtest: how far it is, and what it found out. */
export function BacktestPage() {
  const { job = '' } = useParams<{ job: string }>();
  const jobId = decodeURIComponent(job);
  const live = useLive(`backtest/${jobId}`).values?.get('progress');
  // Read again when its state changes: the live topic carries no report.
  const read = useRead(
    api.backtests.getBacktest,
    { params: { job: jobId } },
    { refetchMs: live?.state === 'running' ? 0 : 5_000, keepLast: true },
  );
  const backtest = merged(live, read.data);
  if (backtest === undefined) {
    if (read.error === null) return <LoadingRows />;
    return (
      <>
        <PageHeader title="Evaluation" sentence={<Link href="/forecasts/backtests">All evaluations</Link>} />
        <ErrorState error={read.error} onRetry={() => void read.refetch()} />
      </>
    );
  }
  const { tone, text } = backtestBadge(backtest);
  return (
    <>
      <PageHeader
        title={`${backtest.model} on ${backtest.order.recording?.name ?? 'past prices'}`}
        sentence={
          <>
            Started <RelativeTime at={backtest.queuedAt} />.{' '}
            <Link href="/forecasts/backtests">All evaluations</Link>
          </>
        }
        actions={
          isDone(backtest) ? <BacktestFiles jobId={jobId} /> : <ToneBadge tone={tone}>{text}</ToneBadge>
        }
      />
      {backtest.report ? (
        <BacktestReportView jobId={jobId} report={backtest.report} />
      ) : backtest.riskReport ? (
        <RiskReportView jobId={jobId} report={backtest.riskReport} />
      ) : backtest.state === 'queued' || backtest.state === 'running' ? (
        <Running backtest={backtest} />
      ) : (
        <div className="co-card">
          <EmptyState
            title={backtest.state === 'cancelled' ? 'It was stopped' : 'It failed'}
            text={backtest.message ?? 'Nothing of it was kept.'}
            action={<Link href="/forecasts/backtests?new=1">Test again</Link>}
          />
        </div>
      )}
    </>
  );
}

function Running({ backtest }: { readonly backtest: Backtest }) {
  const stop = useAct(api.backtests.cancelBacktest, { refresh: [api.backtests.getBacktest] });
  return (
    <Card title="It runs">
      <div style={{ display: 'grid', gap: 8 }}>
        <Group justify="space-between">
          <Text fw={560}>
            {formatPercent(Math.floor(backtest.percent))}: {progressWords(backtest)}
          </Text>
          <RoleButton
            needs="operator"
            size="xs"
            variant="default"
            label="Stop the test"
            loading={stop.isPending}
            onClick={() => stop.mutate({ params: { job: backtest.jobId } })}
          />
        </Group>
        <Progress.Root size="md">
          <Progress.Section value={backtest.percent} aria-label="Progress of the test" />
        </Progress.Root>
      </div>
    </Card>
  );
}

/** The live word is the newer one; only the answer of the call has the report. */
function merged(live: Backtest | undefined, read: Backtest | undefined): Backtest | undefined {
  if (!live) return read;
  return { ...live, report: read?.report ?? null, riskReport: read?.riskReport ?? null };
}

function isDone({ report, riskReport }: Backtest): boolean {
  return report !== null || riskReport !== null;
}
