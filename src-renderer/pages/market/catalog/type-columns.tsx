import { Text } from '@mantine/core';
import type { CatalogEntry, CatalogLayerView } from '../../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../../common/units/index.ts';
import { MoneyText } from '../../../components/money-text.tsx';
import { formatPercent } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { formatDay } from '../../../components/time-text.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';

const MIB = 2 ** 20;
const NOT_ALLOCATABLE = 'Nobody has published what a node of this type leaves to pods.';
const NO_PRICE =
  'No source has an on-demand price of this type in this region. Refresh the list prices above.';
const NO_ADVICE = 'The Spot advisor does not list this type in this region.';

/** Columns of instance types; each figure says on hover which source it is from. */
export function typeColumns(layers: readonly CatalogLayerView[]): readonly TableColumn<CatalogEntry>[] {
  const sourceOf = (place: number | null) => {
    const layer = place === null ? undefined : layers[place];
    return layer ? `${layer.source}, as of ${formatDay(layer.asOf)}` : undefined;
  };
  return [
    { id: 'type', header: 'Instance type', value: type => type.instanceType },
    { id: 'vcpu', header: 'vCPU', align: 'right', value: type => type.vcpu },
    {
      id: 'memory',
      header: 'Memory',
      csvHeader: 'Memory, MiB',
      align: 'right',
      value: type => type.memoryMib,
      cell: type => <From source={sourceOf(type.from.size)}>{formatBytes(type.memoryMib * MIB)}</From>,
    },
    {
      id: 'arch',
      header: 'Architecture',
      value: type => type.arch,
      cell: type => (type.arch === 'arm64' ? 'ARM64' : 'x86-64'),
    },
    {
      id: 'gpu',
      header: 'GPU',
      align: 'right',
      value: type => type.gpuCount,
      cell: type =>
        type.gpuCount === 0 ? (
          <Text span inherit c="dimmed">
            none
          </Text>
        ) : (
          `${type.gpuCount} ${type.gpuModel ?? ''}`
        ),
    },
    {
      id: 'pods',
      header: 'Pods',
      align: 'right',
      value: type => type.pods,
      cell: type => type.pods ?? <UnknownText reason={NOT_ALLOCATABLE} />,
    },
    {
      id: 'allocatable',
      header: 'Left to pods',
      csvHeader: 'Allocatable CPU, milli',
      align: 'right',
      value: type => type.allocatableCpuMilli,
      cell: type =>
        type.allocatableCpuMilli === null || type.allocatableMemoryMib === null ? (
          <UnknownText reason={NOT_ALLOCATABLE} />
        ) : (
          <From source={sourceOf(type.from.allocatable)}>
            {formatCpu(type.allocatableCpuMilli)}, {formatBytes(type.allocatableMemoryMib * MIB)}
          </From>
        ),
    },
    {
      id: 'price',
      header: 'On-demand',
      csvHeader: 'On-demand, USD/h',
      align: 'right',
      value: type => (type.onDemandMicroUsdPerHour === null ? null : type.onDemandMicroUsdPerHour / 1e6),
      cell: type => (
        <MoneyText
          value={type.onDemandMicroUsdPerHour}
          per="hour"
          unknown={NO_PRICE}
          provenance={type.from.onDemand === null ? null : (layers[type.from.onDemand] ?? null)}
        />
      ),
    },
    {
      id: 'saving',
      header: 'Spot saving',
      csvHeader: 'Spot saving of the advisor, percent',
      hint: 'Average of 30 days before the date of the Spot advisor; the table of pools has the saving now.',
      align: 'right',
      value: type => type.savingsPercent,
      cell: type =>
        type.savingsPercent === null ? (
          <UnknownText reason={NO_ADVICE} />
        ) : (
          formatPercent(type.savingsPercent)
        ),
    },
    {
      id: 'risk',
      header: 'Interrupted',
      csvHeader: 'Interrupted in 30 days, percent at most',
      hint: 'Of the Spot advisor: how many of 100 instances were interrupted within 30 days.',
      align: 'right',
      value: type => type.interruptionBand?.maxPercent ?? null,
      cell: type =>
        type.interruptionBand ? (
          <From source={sourceOf(type.from.advisor)}>{type.interruptionBand.label.replace('%', ' %')}</From>
        ) : (
          <UnknownText reason={NO_ADVICE} />
        ),
    },
    {
      id: 'zones',
      header: 'Offered in',
      value: type => type.zones?.join(', ') ?? null,
      hidden: true,
    },
    { id: 'network', header: 'Network', value: type => type.networkPerformance, hidden: true },
  ];
}

function From({
  source,
  children,
}: {
  readonly source: string | undefined;
  readonly children: React.ReactNode;
}) {
  if (source === undefined) return children;
  return <span data-tip={source}>{children}</span>;
}
