import type { CommitmentsSummary } from '../../../../common/contracts/index.ts';
import { formatUsdPerHour } from '../../../../common/units/index.ts';
import { formatPercent } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { formatDay } from '../../../components/time-text.ts';
import { ToneBadge } from '../../../components/tone-badge.tsx';

/** A line of the file as it was understood. */
interface CommitmentRow {
  readonly key: string;
  readonly kind: string;
  readonly id: string;
  readonly holdsFor: string;
  readonly amount: string;
  readonly term: string;
  readonly inForce: boolean;
}

/** Every line of the file: plans, reservations, discounts. */
export function commitmentRows(commitments: CommitmentsSummary): CommitmentRow[] {
  const plans = commitments.savingsPlans.map(plan => ({
    key: `plan ${plan.id}`,
    kind: plan.kind === 'compute' ? 'Compute Savings Plan' : 'EC2 Instance Savings Plan',
    id: plan.id,
    holdsFor: wordsOf([plan.family, plan.region], 'all types and regions'),
    amount: `${formatUsdPerHour(plan.commitmentMicroUsdPerHour)} committed`,
    term: termOf(plan),
    inForce: plan.inForce,
  }));
  const reservations = commitments.reservedInstances.map(one => ({
    key: `reservation ${one.id}`,
    kind: 'Reserved Instance',
    id: one.id,
    holdsFor: `${one.count} × ${one.instanceType}${one.sizeFlexible ? ', any size' : ''}, ${one.zone ?? one.region}, ${one.product}`,
    amount: `${formatUsdPerHour(one.effectiveMicroUsdPerHour)} each`,
    term: termOf(one),
    inForce: one.inForce,
  }));
  const discounts = commitments.discounts.map(one => ({
    key: `discount ${one.id}`,
    kind: one.capacityType === 'spot' ? 'Discount on Spot' : 'Discount',
    id: one.id,
    holdsFor: wordsOf([one.instanceType, one.family, one.region, one.product], 'everything'),
    amount: `${formatPercent(one.percent)} off`,
    term: 'always',
    inForce: true,
  }));
  return [...plans, ...reservations, ...discounts];
}

/** Columns of the lines. */
export const commitmentColumns: readonly TableColumn<CommitmentRow>[] = [
  { id: 'kind', header: 'Kind', value: row => row.kind },
  { id: 'id', header: 'Id', value: row => row.id },
  { id: 'for', header: 'Holds for', grows: true, value: row => row.holdsFor },
  { id: 'amount', header: 'Price', align: 'right', value: row => row.amount },
  { id: 'term', header: 'Term', value: row => row.term },
  {
    id: 'in-force',
    header: 'Now',
    value: row => (row.inForce ? 'in force' : 'not in force'),
    cell: row => (
      <ToneBadge tone={row.inForce ? 'good' : 'neutral'}>
        {row.inForce ? 'In force' : 'Not in force'}
      </ToneBadge>
    ),
  },
];

function wordsOf(names: readonly (string | null)[], all: string): string {
  const given = names.filter(name => name !== null);
  return given.length === 0 ? all : given.join(', ');
}

function termOf({ startsAt, endsAt }: { startsAt: number | null; endsAt: number | null }): string {
  if (startsAt === null && endsAt === null) return 'open';
  if (startsAt === null) return `until ${formatDay(endsAt ?? 0)}`;
  return endsAt === null ? `since ${formatDay(startsAt)}` : `${formatDay(startsAt)} to ${formatDay(endsAt)}`;
}
