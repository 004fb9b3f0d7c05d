import { CapacityBadge } from '../../../components/capacity-badge.tsx';
import { MoneyText } from '../../../components/money-text.tsx';
import { formatShare } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { type Tone, ToneBadge } from '../../../components/tone-badge.tsx';
import { UnknownText } from '../../../components/unknown-text.tsx';
import type { NodeFate, PlannedNode } from './plan-nodes.ts';

const FATES: Record<NodeFate, { readonly text: string; readonly tone: Tone }> = {
  goes: { text: 'Goes', tone: 'risk' },
  comes: { text: 'Comes', tone: 'good' },
  stays: { text: 'Stays', tone: 'neutral' },
};

/** Columns of all nodes before and after a plan. */
export const plannedNodeColumns: readonly TableColumn<PlannedNode>[] = [
  { id: 'name', header: 'Node', grows: true, value: ({ name }) => name },
  {
    id: 'fate',
    header: 'Plan',
    value: ({ fate }) => FATES[fate].text,
    cell: ({ fate }) => <ToneBadge tone={FATES[fate].tone}>{FATES[fate].text}</ToneBadge>,
  },
  { id: 'type', header: 'Type', value: ({ instanceType }) => instanceType },
  { id: 'zone', header: 'Zone', value: ({ zone }) => zone },
  {
    id: 'capacity',
    header: 'Capacity',
    value: ({ capacityType }) => capacityType,
    cell: ({ capacityType }) => <CapacityBadge type={capacityType} />,
  },
  {
    id: 'before',
    header: 'CPU before',
    csvHeader: 'CPU requested before (share of allocatable)',
    align: 'right',
    value: node => (node.fate === 'comes' ? null : share(node, node.before.cpuMilli)),
    cell: node => (node.fate === 'comes' ? '–' : formatShare(share(node, node.before.cpuMilli))),
  },
  {
    id: 'after',
    header: 'CPU after',
    csvHeader: 'CPU requested after (share of allocatable)',
    align: 'right',
    value: node => (node.fate === 'goes' || !node.after ? null : share(node, node.after.cpuMilli)),
    cell: node =>
      node.fate === 'goes' ? (
        '–'
      ) : node.after ? (
        formatShare(share(node, node.after.cpuMilli))
      ) : (
        <UnknownText reason="An older engine made this plan and did not keep what its pods request." />
      ),
  },
  { id: 'leave', header: 'Pods leave', align: 'right', value: ({ leave }) => leave.length },
  { id: 'arrive', header: 'Pods come', align: 'right', value: ({ arrive }) => arrive.length },
  {
    id: 'price',
    header: 'Price',
    csvHeader: 'Price (micro-USD per hour)',
    align: 'right',
    value: ({ priceMicroUsdPerHour }) => priceMicroUsdPerHour,
    cell: ({ priceMicroUsdPerHour }) => <MoneyText value={priceMicroUsdPerHour} per="hour" />,
  },
];

function share({ allocatable }: PlannedNode, cpuMilli: number): number {
  return allocatable.cpuMilli <= 0 ? 0 : cpuMilli / allocatable.cpuMilli;
}
