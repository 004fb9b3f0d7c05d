import { Text } from '@mantine/core';
import { api, type DecisionRun } from '../../../common/contracts/index.ts';
import { BlockedTable } from '../../components/blocked-table.tsx';
import { Card } from '../../components/card.tsx';
import { counted, formatCount } from '../../components/number-text.ts';
import { RefusedMoves } from '../../components/refused-moves.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import { useRead } from '../../connection/use-call.ts';
import { useLive } from '../../connection/use-live.ts';

/** Why nodes stay, by the last run on a cluster. */
export function BlockedNodes({ run }: { readonly run: DecisionRun }) {
  const name = useLive('clusters').values?.get(run.clusterId)?.name ?? run.clusterId;
  const whole = useRead(
    api.decisions.getRun,
    { params: { id: run.id } },
    { enabled: run.moreBlocked !== undefined },
  );
  return (
    <Card
      title={`Why nodes of ${name} stay`}
      padded={false}
      aside={
        <Text size="sm" c="dimmed" component="div">
          {counted(run.nodesConsidered, 'node')} considered, {counted(run.proposals, 'proposal')},{' '}
          <RelativeTime at={run.endedAt ?? run.startedAt} />
        </Text>
      }
    >
      {run.message === null ? null : (
        <Text px="md" pt="sm" c={run.state === 'failed' ? 'var(--co-risk-text)' : 'dimmed'}>
          {run.message}
        </Text>
      )}
      {run.refused === undefined || run.refused.length === 0 ? null : (
        <>
          <Text px="md" pt="sm" fw={600}>
            What {run.engine} proposed and may not
          </Text>
          <RefusedMoves moves={run.refused} label={`Refused proposals for ${name}`} />
        </>
      )}
      {run.moreBlocked === undefined || whole.data ? null : (
        <Text px="md" pt="sm" size="sm" c="dimmed">
          {whole.error
            ? `${whole.error.message} These are the first ${formatCount(run.blocked.length)} of ${counted(run.blocked.length + run.moreBlocked, 'node')}.`
            : `Asking for ${counted(run.moreBlocked, 'more node', 'more nodes')}…`}
        </Text>
      )}
      <BlockedTable
        blocked={whole.data?.blocked ?? run.blocked}
        label={`Nodes of ${name} that stay`}
        empty={run.state === 'running' ? 'The engine is comparing nodes…' : 'No node has to stay.'}
      />
    </Card>
  );
}
