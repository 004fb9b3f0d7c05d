import { Text } from '@mantine/core';
import type { BlockedNode, DecisionRun } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { counted } from '../../components/number-text.ts';
import { RefusedMoves } from '../../components/refused-moves.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { useLive } from '../../connection/use-live.ts';

type Line = BlockedNode['reasons'][number] & { readonly node: string };

const columns: readonly TableColumn<Line>[] = [
  { id: 'node', header: 'Node', value: line => line.node },
  {
    id: 'reason',
    header: 'Why it stays',
    grows: true,
    value: line => line.text,
    cell: line => <span style={{ whiteSpace: 'normal' }}>{line.text}</span>,
  },
  {
    id: 'unblock',
    header: 'What would free it',
    grows: true,
    value: line => line.unblock,
    cell: line => (
      <span style={{ whiteSpace: 'normal' }}>
        {line.unblock ?? (
          <Text span c="dimmed" inherit>
            nothing simple
          </Text>
        )}
      </span>
    ),
  },
  {
    id: 'saves',
    header: 'Would save',
    align: 'right',
    value: line => line.savesMicroUsdPerHour,
    cell: line => (
      <MoneyText
        value={line.savesMicroUsdPerHour}
        per="month"
        unknown="Not computed: no cheaper pool with a known price and risk was compared for this node."
      />
    ),
  },
];

/** Why nodes stay, by the last run on a cluster. */
export function BlockedNodes({ run }: { readonly run: DecisionRun }) {
  const name = useLive('clusters').values?.get(run.clusterId)?.name ?? run.clusterId;
  const lines = run.blocked.flatMap(({ node, reasons }) => reasons.map(reason => ({ ...reason, node })));
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
      <DataTable
        label={`Nodes of ${name} that stay`}
        rows={lines}
        rowKey={line => `${line.node}/${line.code}/${line.object ?? ''}`}
        columns={columns}
        initialSort={{ id: 'saves', desc: true }}
        maxHeight={360}
        empty={
          <Text c="dimmed" ta="center" py="lg">
            {run.state === 'running' ? 'The engine is comparing nodes…' : 'No node has to stay.'}
          </Text>
        }
      />
    </Card>
  );
}
