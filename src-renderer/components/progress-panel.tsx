import { Group, Progress, Text } from '@mantine/core';
import type { FillProgress } from '../../common/contracts/index.ts';
import { api } from '../../common/contracts/index.ts';
import { formatDuration } from '../../common/units/index.ts';
import { useAct } from '../connection/use-call.ts';
import { counted, formatCount, formatPercent } from './number-text.ts';
import { RoleButton } from './role-button.tsx';

const STATES: Record<FillProgress['state'], string> = {
  queued: 'Waits for its turn',
  running: 'Filling',
  succeeded: 'Filled',
  failed: 'Failed',
  cancelled: 'Stopped; what is on disk stays',
};

/** A gap fill as it runs, with rows, rate, time left and Stop; or how it ended. */
export function FillProgressPanel({ fill }: { readonly fill: FillProgress }) {
  const stop = useAct(api.market.cancelFill);
  const isGoing = fill.state === 'running' || fill.state === 'queued';
  const facts = [
    counted(fill.rows, 'row'),
    `${formatCount(fill.newRows)} new`,
    ...(isGoing
      ? [
          `${formatCount(fill.rowsPerSecond)} rows/s`,
          fill.etaMs === null ? 'time left unknown' : `${formatDuration(fill.etaMs)} left`,
        ]
      : []),
    counted(fill.requests, 'request'),
    ...(fill.throttled > 0 ? [`EC2 slowed us down ${counted(fill.throttled, 'time')}`] : []),
  ];
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      <Group justify="space-between">
        <Text fw={560}>
          {STATES[fill.state]} {isGoing ? formatPercent(Math.floor(fill.percent)) : ''}
        </Text>
        {isGoing ? (
          <RoleButton
            needs="operator"
            size="xs"
            variant="default"
            label="Stop filling"
            loading={stop.isPending}
            onClick={() => stop.mutate({ params: { job: fill.jobId } })}
          />
        ) : null}
      </Group>
      {isGoing ? (
        <Progress.Root size="md">
          <Progress.Section value={fill.percent} aria-label="Gap fill progress" />
        </Progress.Root>
      ) : null}
      <Text size="sm" c="dimmed">
        {facts.join(' · ')}
      </Text>
      {fill.message === null ? null : (
        <Text size="sm" c={fill.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'}>
          {fill.message}
        </Text>
      )}
    </div>
  );
}
