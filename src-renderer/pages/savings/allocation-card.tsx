import { Button, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconChartPie } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { type AllocationRow, api } from '../../../common/contracts/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { useRead } from '../../connection/use-call.ts';
import { AllocationBar } from './allocation-bar.tsx';
import { type AllocatedRow, allocationColumns } from './allocation-columns.tsx';
import type { SavingsRange } from './savings-range.ts';

const GROUPS = ['namespace', 'workload', 'cluster', 'label', 'day'] as const;
type Group = (typeof GROUPS)[number];

/** Who held what the clusters cost in the time shown, and what nobody held. */
export function AllocationCard({
  range,
  nameOfCluster,
}: {
  readonly range: SavingsRange;
  readonly nameOfCluster: (id: string) => string;
}) {
  const [groupBy, setGroupBy] = useState<Group>('namespace');
  const [namespace, setNamespace] = useState<string>();
  const [label, setLabel] = useState('app.kubernetes.io/name');
  const [asked] = useDebouncedValue(label.trim(), 400);
  const { data, error, refetch } = useRead(
    api.savings.allocation,
    {
      query: {
        ...range.query,
        groupBy,
        ...(namespace === undefined ? {} : { namespace }),
        ...(groupBy === 'label' ? { label: asked } : {}),
      },
    },
    { keepLast: true, refetchMs: 60_000, enabled: groupBy !== 'label' || asked !== '' },
  );
  const rows = useMemo<AllocatedRow[] | undefined>(
    () =>
      data?.rows.map(row => ({
        ...row,
        clusterName: row.clusterId === null ? null : nameOfCluster(row.clusterId),
        share:
          row.costMicroUsd === null || data.totalMicroUsd === 0
            ? null
            : row.costMicroUsd / data.totalMicroUsd,
      })),
    [data, nameOfCluster],
  );
  const choose = (group: Group): void => {
    setGroupBy(group);
    setNamespace(undefined);
  };
  const open = (row: AllocationRow): void => {
    setNamespace(row.key);
    setGroupBy('workload');
  };
  return (
    <Card
      title="What clusters cost, and who held it"
      padded={false}
      aside={
        <>
          {groupBy === 'label' ? (
            <TextInput
              size="xs"
              w={220}
              aria-label="Name of the label"
              placeholder="team"
              value={label}
              onChange={event => setLabel(event.currentTarget.value)}
            />
          ) : null}
          <SegmentedControl
            size="xs"
            aria-label="Cost by"
            value={groupBy}
            onChange={value => choose(value as Group)}
            data={GROUPS.map(value => ({ value, label: value[0]?.toUpperCase() + value.slice(1) }))}
          />
        </>
      }
    >
      <AllocationBar range={range} />
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined || rows === undefined ? (
        <LoadingRows />
      ) : (
        <DataTable
          key={data.groupBy}
          label={`Cost by ${data.groupBy}`}
          rows={rows}
          rowKey={row => `${row.clusterId ?? ''}/${row.key}`}
          columns={allocationColumns(data.groupBy)}
          initialSort={data.groupBy === 'day' ? { id: 'name', desc: true } : { id: 'cost', desc: true }}
          maxHeight={480}
          isDense
          {...(data.groupBy === 'namespace' ? { onOpen: open } : {})}
          before={
            namespace === undefined ? undefined : (
              <Text size="sm" component="span">
                Of namespace <b>{namespace}</b>{' '}
                <Button size="compact-xs" variant="default" onClick={() => choose('namespace')}>
                  All namespaces
                </Button>
              </Text>
            )
          }
          empty={
            <EmptyState
              icon={<IconChartPie size={34} stroke={1.4} />}
              title="Nothing is recorded in this time"
              text="While a cluster is connected, what its nodes cost is shared out among the pods on them, minute by minute: by the larger of what each container asks for and what it uses."
              action={<Link href="/clusters">See the clusters</Link>}
            />
          }
        />
      )}
    </Card>
  );
}
