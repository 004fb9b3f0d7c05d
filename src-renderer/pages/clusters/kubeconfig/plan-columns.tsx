import type { PackingPlan, PlanMachine } from '../../../../common/contracts/index.ts';
import { CapacityBadge } from '../../../components/capacity-badge.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { counted } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';

/** A node that goes or comes. */
export interface ChangedNode extends PlanMachine {
  readonly fate: 'Goes' | 'Comes';
  /** The group whose labels and taints a new one has. */
  readonly like: string | null;
}

/** The nodes of a plan that do not stay. */
export function changedNodes({ nodes }: PackingPlan): ChangedNode[] {
  return [
    ...nodes.remove.map(node => ({ ...node, fate: 'Goes' as const, like: null })),
    ...nodes.add.map(node => ({ ...node, fate: 'Comes' as const })),
  ];
}

/** Columns of nodes that go and come. */
export const nodeColumns: readonly TableColumn<ChangedNode>[] = [
  { id: 'name', header: 'Node', grows: true, value: ({ name }) => name },
  {
    id: 'fate',
    header: 'Plan',
    value: ({ fate }) => fate,
    cell: ({ fate }) => <ToneBadge tone={fate === 'Goes' ? 'risk' : 'good'}>{fate}</ToneBadge>,
  },
  { id: 'type', header: 'Type', value: ({ instanceType }) => instanceType },
  { id: 'zone', header: 'Zone', value: ({ zone }) => zone },
  {
    id: 'capacity',
    header: 'Capacity',
    value: ({ capacityType }) => capacityType,
    cell: ({ capacityType }) => (
      <CapacityBadge
        type={capacityType === 'spot' || capacityType === 'on-demand' ? capacityType : 'unknown'}
      />
    ),
  },
  {
    id: 'like',
    header: 'Like',
    hint: 'The group of nodes whose labels and taints a new one has',
    value: ({ like }) => like ?? '–',
  },
  {
    id: 'price',
    header: 'Price',
    csvHeader: 'Price (USD per hour)',
    align: 'right',
    value: ({ usdHour }) => usdHour,
    cell: ({ usdHour }) => (
      <MoneyText
        value={usdHour === null ? null : Math.round(usdHour * 1e6)}
        per="hour"
        unknown="Neither the catalog nor the prices on disk have it."
      />
    ),
  },
];

/** Columns of the pods that move. */
export const moveColumns: readonly TableColumn<PackingPlan['moves'][number]>[] = [
  { id: 'pod', header: 'Pod', grows: true, value: ({ pod }) => pod },
  { id: 'from', header: 'From', grows: true, value: ({ from }) => from ?? 'waiting' },
  { id: 'to', header: 'To', grows: true, value: ({ to }) => to },
  { id: 'reason', header: 'Why', grows: true, value: ({ reason }) => reason },
];

type NumberedWave = PackingPlan['waves'][number] & { readonly number: number };

/** Columns of the waves. */
export const waveColumns: readonly TableColumn<NumberedWave>[] = [
  { id: 'number', header: 'Wave', value: ({ number }) => number },
  {
    id: 'add',
    header: 'Comes first',
    value: ({ add }) => add.length,
    cell: ({ add }) => (
      <span title={add.join(', ')}>{add.length === 0 ? '–' : counted(add.length, 'node')}</span>
    ),
  },
  {
    id: 'drain',
    header: 'Drained',
    grows: true,
    value: ({ drain }) => drain.map(({ node }) => node).join(', '),
  },
  {
    id: 'pods',
    header: 'Pods',
    align: 'right',
    value: ({ drain }) => drain.reduce((sum, { pods }) => sum + pods.length, 0),
  },
  {
    id: 'budgets',
    header: 'Evictions of what budgets allow',
    grows: true,
    value: ({ budgets }) =>
      budgets.map(({ budget, evictions, allowed }) => `${budget}: ${evictions} of ${allowed}`).join(', ') ||
      '–',
  },
  { id: 'note', header: 'Note', grows: true, value: ({ note }) => note ?? '' },
];
