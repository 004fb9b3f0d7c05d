import { SegmentedControl } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import { api, type SavingsEntry } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useRemembered } from '../../components/remembered.ts';
import { pagePart } from '../../connection/api-path.ts';
import { useRead } from '../../connection/use-call.ts';
import { groupColumns, planColumns, type SavedRow } from './savings-columns.tsx';
import type { SavingsRange } from './savings-range.ts';

const GROUPS = ['plan', 'cluster', 'engine', 'namespace', 'workload'] as const;
type Group = (typeof GROUPS)[number];

/** Predicted and realized savings of the time, plan by plan or put together. */
export function SavedBy({
  range,
  entries,
  nameOfCluster,
  currentId,
}: {
  readonly range: SavingsRange;
  /** By plan. */
  readonly entries: ReadonlyMap<string, SavingsEntry>;
  readonly nameOfCluster: (id: string) => string;
  readonly currentId: string | undefined;
}) {
  const [, go] = useLocation();
  const [remembered, setGroupBy] = useRemembered<Group>('savings.by', 'plan');
  const groupBy = GROUPS.includes(remembered) ? remembered : 'plan';
  const { data, error, refetch } = useRead(
    api.savings.report,
    { query: { ...range.query, groupBy } },
    { keepLast: true, refetchMs: 15_000 },
  );
  const rows = useMemo<SavedRow[] | undefined>(
    () =>
      data?.rows.map(row => ({
        ...row,
        entry: data.groupBy === 'plan' ? entries.get(row.key) : undefined,
        clusterName: row.clusterId === null ? null : nameOfCluster(row.clusterId),
      })),
    [data, entries, nameOfCluster],
  );
  const isPlans = data?.groupBy === 'plan';
  return (
    <Card
      title="What saved it"
      padded={false}
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Savings by"
          value={groupBy}
          onChange={value => setGroupBy(value as Group)}
          data={GROUPS.map(value => ({ value, label: value[0]?.toUpperCase() + value.slice(1) }))}
        />
      }
    >
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined || rows === undefined ? (
        <LoadingRows />
      ) : (
        <DataTable
          key={data.groupBy}
          label={isPlans ? 'Savings' : `Savings by ${data.groupBy}`}
          rows={rows}
          rowKey={row => (isPlans ? (row.entry?.id ?? row.key) : `${row.clusterId ?? ''}/${row.key}`)}
          columns={isPlans ? planColumns : groupColumns(data.groupBy)}
          initialSort={{ id: 'realized', desc: true }}
          maxHeight={420}
          {...(isPlans
            ? {
                currentKey: currentId,
                onOpen: (row: SavedRow) => {
                  if (row.entry) go(`/savings/${pagePart(row.entry.id)}`);
                },
              }
            : {})}
          empty={
            <EmptyState
              icon={<IconCoins size={34} stroke={1.4} />}
              title={entries.size === 0 ? 'Nothing saved yet' : 'Nothing was saved in this time'}
              text="When an approved plan is carried out, what it saves is booked here: the price of the nodes that went, frozen at the decision, less the price of what runs now, hour by hour."
              action={<Link href="/decisions">See the decisions</Link>}
            />
          }
        />
      )}
    </Card>
  );
}
