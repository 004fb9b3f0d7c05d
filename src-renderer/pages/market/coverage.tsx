import { Text, Tooltip } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { api, CallOutput, Interval } from '../../../common/contracts/index.ts';
import { formatDuration, MS_PER_DAY } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useNow } from '../../components/now.ts';
import { counted, formatShare } from '../../components/number-text.ts';
import { formatDay, formatExact } from '../../components/time-text.ts';
import type { ApiError } from '../../connection/api-error.ts';

const LEAST_DAYS_SHOWN = 100;

/** Which time of which region and product is on disk, as bars; holes stay holes. */
export function Coverage({
  coverage,
}: {
  readonly coverage: UseQueryResult<CallOutput<typeof api.market.coverage>, ApiError>;
}) {
  const nowMs = useNow(60_000);
  const lines = coverage.data?.coverage;
  const earliest = lines
    ?.flatMap(({ intervals }) => intervals)
    .reduce((min, { fromMs }) => Math.min(min, fromMs), nowMs);
  const fromMs = Math.min(earliest ?? nowMs, nowMs - LEAST_DAYS_SHOWN * MS_PER_DAY);
  return (
    <Card
      title="Coverage"
      aside={
        <Text size="sm" c="dimmed">
          {formatDay(fromMs)} to now
        </Text>
      }
    >
      {coverage.error ? (
        <ErrorState error={coverage.error} onRetry={() => void coverage.refetch()} />
      ) : lines === undefined ? (
        <LoadingRows rows={3} />
      ) : lines.length === 0 ? (
        <EmptyState
          title="No prices on disk"
          text="Once a gap is filled or an archive imported, this shows which days are there and which are missing."
          action={<Link href="/models">Fill the gap of a model</Link>}
        />
      ) : (
        <div style={{ display: 'grid', gap: 18 }}>
          {lines.map(line => (
            <div key={`${line.region}/${line.product}`}>
              <div style={{ display: 'flex', justifyContent: 'space-between', marginBottom: 6 }}>
                <Text fw={560}>
                  {line.region}, {line.product}
                </Text>
                <Text size="sm" c="dimmed">
                  {counted(line.pools, 'pool')}, {formatShare(coveredShare(line.intervals, fromMs, nowMs))} of
                  the time shown
                </Text>
              </div>
              <Bar intervals={line.intervals} fromMs={fromMs} toMs={nowMs} />
            </div>
          ))}
          <div className="co-legend">
            <span>
              Filled: on disk. Hatched: missing. The line marks the 90 days that EC2 keeps; older prices need
              an archive.
            </span>
          </div>
        </div>
      )}
    </Card>
  );
}

function Bar({ intervals, fromMs, toMs }: Interval & { readonly intervals: readonly Interval[] }) {
  const place = (at: number) => (100 * (at - fromMs)) / (toMs - fromMs);
  const words = intervals.map(each => `${formatExact(each.fromMs)} to ${formatExact(each.toMs)}`).join('; ');
  return (
    <div
      role="img"
      aria-label={`On disk: ${words || 'nothing'}`}
      style={{
        position: 'relative',
        height: 24,
        borderRadius: 5,
        overflow: 'hidden',
        background:
          'repeating-linear-gradient(135deg, var(--co-faint) 0 2px, transparent 2px 7px), var(--co-ground)',
      }}
    >
      {intervals.map(each => (
        <Tooltip
          key={each.fromMs}
          label={`${formatExact(each.fromMs)} to ${formatExact(each.toMs)}: ${formatDuration(each.toMs - each.fromMs)}`}
        >
          <div
            style={{
              position: 'absolute',
              top: 0,
              bottom: 0,
              left: `${place(each.fromMs)}%`,
              width: `${Math.max(0.2, place(each.toMs) - place(each.fromMs))}%`,
              background: 'var(--co-spot)',
            }}
          />
        </Tooltip>
      ))}
      <div
        style={{
          position: 'absolute',
          top: 0,
          bottom: 0,
          left: `${place(toMs - 90 * MS_PER_DAY)}%`,
          width: 2,
          background: 'var(--mantine-color-text)',
        }}
      />
    </div>
  );
}

function coveredShare(intervals: readonly Interval[], fromMs: number, toMs: number): number {
  const covered = intervals.reduce(
    (sum, each) => sum + Math.max(0, Math.min(each.toMs, toMs) - Math.max(each.fromMs, fromMs)),
    0,
  );
  return covered / (toMs - fromMs);
}
