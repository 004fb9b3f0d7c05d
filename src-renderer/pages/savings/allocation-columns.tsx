import type { AllocationRow } from '../../../common/contracts/index.ts';
import { usdFromMicroUsd } from '../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import { formatShare, threeDigits } from '../../components/number-text.ts';
import type { TableColumn } from '../../components/table-columns.ts';
import { formatDay } from '../../components/time-text.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';

/** What a group cost, with its part of the whole. */
export interface AllocatedRow extends AllocationRow {
  readonly clusterName: string | null;
  /** 0…1 of what the clusters cost; `null` where that is unknown. */
  readonly share: number | null;
}

const UNPRICED = 'It ran on nodes without a known price only.';
const KINDS = { workload: 'Workload', daemonset: 'DaemonSet', system: 'System', mixed: 'Several' } as const;
const TITLES: Readonly<Record<string, string>> = {
  namespace: 'Namespace',
  workload: 'Workload',
  cluster: 'Cluster',
  label: 'Value of the label',
  day: 'Day (UTC)',
};

function money(
  id: string,
  header: string,
  hint: string,
  of: (row: AllocatedRow) => number | null,
): TableColumn<AllocatedRow> {
  return {
    id,
    header,
    csvHeader: `${header.toLowerCase()} USD`,
    hint,
    align: 'right',
    value: row => {
      const value = of(row);
      return value === null ? null : usdFromMicroUsd(value);
    },
    cell: row => <MoneyText value={of(row)} unknown={UNPRICED} />,
  };
}

function hours(
  id: string,
  header: string,
  hint: string,
  of: (row: AllocatedRow) => number,
): TableColumn<AllocatedRow> {
  return { id, header, hint, align: 'right', value: of, cell: row => threeDigits(of(row)) };
}

/** Columns of cost in groups. */
export function allocationColumns(groupBy: string): readonly TableColumn<AllocatedRow>[] {
  const known = (row: AllocatedRow, figure: number) => (row.costMicroUsd === null ? null : figure);
  return [
    {
      id: 'name',
      header: TITLES[groupBy] ?? 'Group',
      grows: true,
      value: row => row.name,
      cell: row => (groupBy === 'day' ? formatDay(Number(row.key)) : row.name),
    },
    ...(groupBy === 'namespace' || groupBy === 'workload'
      ? [
          { id: 'cluster', header: 'Cluster', value: (row: AllocatedRow) => row.clusterName },
          {
            id: 'kind',
            header: 'Serves',
            hint: 'DaemonSets run on every node; system namespaces belong to Kubernetes',
            value: (row: AllocatedRow) => KINDS[row.kind],
            cell: (row: AllocatedRow) => (
              <ToneBadge tone={row.kind === 'workload' ? 'busy' : 'neutral'}>{KINDS[row.kind]}</ToneBadge>
            ),
          },
        ]
      : []),
    money('cost', 'Cost', 'CPU and memory held, at the prices of the nodes', row => row.costMicroUsd),
    {
      id: 'share',
      header: 'Share',
      hint: 'Of what the clusters cost, idle among it',
      align: 'right',
      value: row => row.share,
      cell: row => (row.share === null ? '' : formatShare(row.share)),
    },
    ...(groupBy === 'cluster' || groupBy === 'day'
      ? [money('idle', 'Idle', 'What no pod held; beside the cost', row => row.idleMicroUsd)]
      : []),
    money('cpu', 'CPU', 'Part of the cost', row => known(row, row.cpuMicroUsd)),
    money('memory', 'Memory', 'Part of the cost', row => known(row, row.memoryMicroUsd)),
    hours('cores', 'Core-hours', 'The larger of request and usage', row => row.cpuCoreHours),
    hours('gib', 'GiB-hours', 'The larger of request and usage', row => row.memoryGibHours),
    hours('pods', 'Pod-hours', 'On nodes with a price', row => row.podHours),
    {
      id: 'request-only',
      header: 'Usage unknown',
      hint: 'Pod-hours that count with their requests, because usage was not measured',
      align: 'right',
      hidden: true,
      value: row => row.requestOnlyPodHours,
      cell: row => threeDigits(row.requestOnlyPodHours),
    },
    {
      id: 'unpriced',
      header: 'Price unknown',
      hint: 'Pod-hours on nodes without a known price: not in the cost',
      align: 'right',
      hidden: true,
      value: row => row.unpricedPodHours,
      cell: row => threeDigits(row.unpricedPodHours),
    },
  ];
}

/** `$1.20 (12.4 %)`. */
export function partText(part: number, whole: number): string {
  return whole === 0 ? moneyText(part) : `${moneyText(part)} (${formatShare(part / whole)})`;
}
