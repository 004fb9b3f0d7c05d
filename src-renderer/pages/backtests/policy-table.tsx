import { Text } from '@mantine/core';
import type { PolicyReport, PolicyStanding } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { counted, threeDigits } from '../../components/number-text.ts';
import type { TableColumn } from '../../components/table-columns.ts';

const dollars = (value: number) =>
  `$${value.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

/** What policies cost on the same jobs, beside the best that was possible in hindsight. */
export function PolicyTable({ policy }: { readonly policy: PolicyReport }) {
  const { job, modelSavesUsd, assumptions } = policy;
  return (
    <Card title="What it is worth in dollars" padded={false}>
      <div style={{ padding: '12px 16px', display: 'grid', gap: 6 }}>
        <Text>
          {counted(policy.jobs, 'job')} of {threeDigits(job.workHours)} h with{' '}
          {threeDigits(job.deadlineHours)} h until the deadline, on {counted(policy.traces, 'trace')}.{' '}
          {modelSavesUsd === null
            ? 'No model decided.'
            : modelSavesUsd >= 0
              ? `Deciding by the model saves ${dollars(modelSavesUsd)} against deciding by persistence.`
              : `Deciding by the model costs ${dollars(-modelSavesUsd)} more than deciding by persistence.`}
        </Text>
        <Text size="sm" c="dimmed">
          {assumptions.join(' ')}
        </Text>
      </div>
      <DataTable label="Policies" rows={policy.policies} rowKey={row => row.policy} columns={COLUMNS} />
    </Card>
  );
}

const COLUMNS: readonly TableColumn<PolicyStanding>[] = [
  { id: 'policy', header: 'Policy', value: row => row.policy },
  { id: 'what', header: 'What it does', grows: true, value: row => row.sentence },
  {
    id: 'cost',
    header: 'Cost',
    csvHeader: 'cost_usd',
    align: 'right',
    value: row => row.costUsd,
    cell: row => dollars(row.costUsd),
  },
  {
    id: 'of',
    header: 'Of the optimum',
    align: 'right',
    value: row => row.ofOptimum,
    cell: row => (row.ofOptimum === null ? 'unknown' : `${(100 * row.ofOptimum).toFixed(2)} %`),
  },
  { id: 'interruptions', header: 'Interruptions', align: 'right', value: row => row.interruptions },
  { id: 'late', header: 'Late', align: 'right', value: row => row.late },
  {
    id: 'demand',
    header: 'On demand, h',
    align: 'right',
    value: row => row.onDemandHours,
    cell: row => threeDigits(row.onDemandHours),
  },
  {
    id: 'spot',
    header: 'Spot, h',
    align: 'right',
    value: row => row.spotHours,
    cell: row => threeDigits(row.spotHours),
  },
];
