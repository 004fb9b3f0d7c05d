import { Text } from '@mantine/core';
import { api, type CatalogEntry } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorState } from '../../components/error-state.tsx';
import { LoadingRows } from '../../components/loading-rows.tsx';
import { MoneyText } from '../../components/money-text.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { UnknownText } from '../../components/unknown-text.tsx';
import { useRead } from '../../connection/use-call.ts';

const MIB = 2 ** 20;
const NOT_ALLOCATABLE = 'Nobody has published what a node of this type leaves to pods.';

const columns: readonly TableColumn<CatalogEntry>[] = [
  { id: 'type', header: 'Instance type', value: type => type.instanceType },
  { id: 'vcpu', header: 'vCPU', align: 'right', value: type => type.vcpu },
  {
    id: 'memory',
    header: 'Memory',
    align: 'right',
    value: type => type.memoryMib,
    cell: type => formatBytes(type.memoryMib * MIB),
  },
  { id: 'arch', header: 'Architecture', value: type => type.arch },
  { id: 'gpu', header: 'GPU', align: 'right', value: type => type.gpuCount },
  {
    id: 'pods',
    header: 'Pods',
    align: 'right',
    value: type => type.pods,
    cell: type => type.pods ?? <UnknownText reason={NOT_ALLOCATABLE} />,
  },
  {
    id: 'allocatable',
    header: 'Allocatable CPU',
    align: 'right',
    value: type => type.allocatableCpuMilli,
    cell: type =>
      type.allocatableCpuMilli === null ? (
        <UnknownText reason={NOT_ALLOCATABLE} />
      ) : (
        formatCpu(type.allocatableCpuMilli)
      ),
  },
  {
    id: 'allocatable-memory',
    header: 'Allocatable memory',
    align: 'right',
    value: type => type.allocatableMemoryMib,
    cell: type =>
      type.allocatableMemoryMib === null ? (
        <UnknownText reason={NOT_ALLOCATABLE} />
      ) : (
        formatBytes(type.allocatableMemoryMib * MIB)
      ),
  },
  {
    id: 'price',
    header: 'On-demand',
    align: 'right',
    value: type => type.onDemandMicroUsdPerHour,
    cell: type => (
      <MoneyText
        value={type.onDemandMicroUsdPerHour}
        per="hour"
        unknown="The catalog has no on-demand price for this type in this region."
      />
    ),
  },
  {
    id: 'risk',
    header: 'Interruptions a month',
    align: 'right',
    value: type => type.interruptionBand?.maxPercent ?? null,
    cell: type =>
      type.interruptionBand?.label ?? (
        <UnknownText reason="The Spot advisor does not list this type in this region." />
      ),
  },
];

/** Instance types with size, on-demand price and interruption band. */
export function Catalog() {
  const catalog = useRead(api.market.catalog, {});
  if (catalog.error) return <ErrorState error={catalog.error} onRetry={() => void catalog.refetch()} />;
  return (
    <Card
      title="Instance catalog"
      padded={false}
      aside={
        catalog.data ? (
          <Text size="sm" c="dimmed" component="div">
            {catalog.data.region}; {catalog.data.provenance.source},{' '}
            <RelativeTime at={catalog.data.provenance.asOf} />
          </Text>
        ) : null
      }
    >
      {catalog.data ? (
        <DataTable
          label="Instance types"
          rows={catalog.data.types}
          rowKey={({ instanceType }) => instanceType}
          columns={columns}
          initialSort={{ id: 'type', desc: false }}
          maxHeight="calc(100vh - 330px)"
        />
      ) : (
        <LoadingRows rows={8} />
      )}
    </Card>
  );
}
