import { Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import type { api, CallOutput, Plan } from '../../../common/contracts/index.ts';
import { BlockedTable } from '../../components/blocked-table.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { SavingText } from '../../components/money-text.tsx';
import { counted } from '../../components/number-text.ts';
import { RefusedMoves } from '../../components/refused-moves.tsx';
import type { TableColumn } from '../../components/table-columns.ts';

/** Without links and states: a preview is no plan. */
const columns: readonly TableColumn<Plan>[] = [
  { id: 'title', header: 'Would propose', grows: true, value: plan => plan.title },
  {
    id: 'saving',
    header: 'Saves',
    align: 'right',
    value: plan => plan.cost.savingMicroUsdPerHour,
    cell: plan => <SavingText perHour={plan.cost.savingMicroUsdPerHour} />,
  },
  {
    id: 'why',
    header: 'Why',
    grows: true,
    value: plan => plan.reasons.at(-1)?.text ?? '',
  },
];

/** What an engine would do with a cluster now; nothing of it is stored and nothing acts. */
export function EnginePreview({
  preview: { run, plans },
  clusterName,
}: {
  readonly preview: CallOutput<typeof api.engines.decide>;
  readonly clusterName: string;
}) {
  const refused = useMemo(() => run.refused ?? [], [run]);
  return (
    <Stack gap="sm" role="region" aria-label={`Preview for ${clusterName}`}>
      <Text size="sm" c="dimmed" role="status">
        {run.engine} looked at {counted(run.nodesConsidered, 'node')} of {clusterName}:{' '}
        {counted(run.proposals, 'proposal')}, {refused.length} refused, {counted(run.blocked.length, 'node')}{' '}
        would stay. Nothing was stored.
      </Text>
      <DataTable
        label={`Proposals of ${run.engine} for ${clusterName}`}
        rows={plans}
        rowKey={plan => plan.id}
        columns={columns}
        initialSort={{ id: 'saving', desc: true }}
        maxHeight={320}
        tools={plans.length > 0}
        empty={
          <Text c="dimmed" ta="center" py="lg">
            It proposes nothing.
          </Text>
        }
      />
      {run.blocked.length === 0 ? null : (
        <details open={plans.length === 0}>
          <summary style={{ cursor: 'pointer', color: 'var(--mantine-color-anchor)' }}>
            Why nodes would stay
          </summary>
          <BlockedTable
            blocked={run.blocked}
            label={`Nodes of ${clusterName} that would stay`}
            empty="No node has to stay."
          />
        </details>
      )}
      {refused.length === 0 ? null : (
        <RefusedMoves moves={refused} label={`Refused proposals of ${run.engine} for ${clusterName}`} />
      )}
    </Stack>
  );
}
