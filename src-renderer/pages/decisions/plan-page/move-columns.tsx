import { Text } from '@mantine/core';
import type { PlanPod } from '../../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../../common/units/index.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';

const notKept = <UnknownText reason="An older engine made this plan and did not keep it." />;

/** Columns of the pods that move. */
export const moveColumns: readonly TableColumn<PlanPod>[] = [
  {
    id: 'pod',
    header: 'Pod',
    grows: true,
    value: ({ namespace, name }) => `${namespace}/${name}`,
  },
  {
    id: 'owner',
    header: 'Workload',
    value: ({ owner }) => owner,
    cell: ({ owner }) =>
      owner ?? (
        <Text span inherit c="dimmed">
          none
        </Text>
      ),
  },
  {
    id: 'from',
    header: 'From',
    value: ({ from }) => from ?? 'waiting',
  },
  {
    id: 'to',
    header: 'To',
    hint: 'Where it is foreseen to run; the scheduler of the cluster has the last word',
    value: ({ to }) => to ?? 'wherever the scheduler puts it',
  },
  {
    id: 'cpu',
    header: 'CPU',
    csvHeader: 'CPU requested (milli)',
    align: 'right',
    value: ({ requests }) => requests?.cpuMilli ?? null,
    cell: ({ requests }) => (requests ? formatCpu(requests.cpuMilli) : notKept),
  },
  {
    id: 'memory',
    header: 'Memory',
    csvHeader: 'Memory requested (bytes)',
    align: 'right',
    value: ({ requests }) => requests?.memoryBytes ?? null,
    cell: ({ requests }) => (requests ? formatBytes(requests.memoryBytes) : notKept),
  },
];

/** Columns of the pods of a workload that is resized. */
export const replacedColumns = moveColumns
  .filter(({ id }) => id !== 'to' && id !== 'owner')
  .map(column => (column.id === 'from' ? { ...column, header: 'Node' } : column));
