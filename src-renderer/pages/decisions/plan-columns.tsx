import { Link } from 'wouter';
import type { FactOrigin, Plan } from '../../../common/contracts/index.ts';
import { MoneyText, SavingText } from '../../components/money-text.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { pagePart } from '../../connection/api-path.ts';
import { GivesBack } from './gives-back.tsx';
import { PlanStateBadge, planStateText } from './plan-state-badge.tsx';

/** Columns of a list of plans. */
export const planColumns: readonly TableColumn<Plan>[] = [
  {
    id: 'title',
    header: 'Plan',
    grows: true,
    value: plan => plan.title,
    cell: plan => (
      <Link href={`/decisions/${pagePart(plan.id)}`} style={{ fontWeight: 560 }}>
        {plan.title}
      </Link>
    ),
  },
  {
    id: 'state',
    header: 'State',
    value: plan => planStateText(plan.state),
    cell: plan => <PlanStateBadge plan={plan} />,
  },
  {
    id: 'saving',
    header: 'Saves',
    align: 'right',
    value: plan => plan.cost.savingMicroUsdPerHour,
    cell: plan =>
      plan.resize ? (
        <GivesBack resize={plan.resize} />
      ) : (
        <SavingText perHour={plan.cost.savingMicroUsdPerHour} />
      ),
  },
  {
    id: 'now',
    header: 'Now',
    align: 'right',
    value: plan => (plan.resize ? null : plan.cost.nowMicroUsdPerHour),
    cell: plan => hourly(plan, plan.cost.nowMicroUsdPerHour),
  },
  {
    id: 'after',
    header: 'After',
    align: 'right',
    value: plan => (plan.resize ? null : plan.cost.afterMicroUsdPerHour),
    cell: plan => hourly(plan, plan.cost.afterMicroUsdPerHour),
  },
  {
    id: 'risk',
    header: 'Risk',
    align: 'right',
    value: plan => (plan.resize ? null : plan.cost.riskMicroUsdPerHour),
    cell: plan => hourly(plan, plan.cost.riskMicroUsdPerHour),
  },
  { id: 'cluster', header: 'Cluster', value: plan => plan.clusterName },
  {
    id: 'reasons',
    header: 'Why',
    value: plan => plan.reasons.map(({ text }) => text).join(' '),
    hidden: true,
  },
  {
    id: 'created',
    header: 'Made',
    value: plan => plan.createdAt,
    cell: plan => <RelativeTime at={plan.createdAt} />,
  },
];

/** A resize changes no node, so it has no price before and after. */
function hourly({ resize }: Plan, microUsdPerHour: number) {
  return resize ? '–' : <MoneyText value={microUsdPerHour} per="hour" />;
}

/** A plan in a list that has those of other engines, too. */
export interface PlacedPlan extends Plan {
  /** `undefined`: it is of this engine. */
  readonly origin?: FactOrigin | undefined;
}

/** Columns of a list with plans of several engines. */
export const placedPlanColumns: readonly TableColumn<PlacedPlan>[] = [
  ...planColumns,
  { id: 'where', header: 'Engine', value: plan => plan.origin?.name ?? 'this engine' },
];

/** The columns of an extract of the list. */
export const shortPlanColumns = planColumns.filter(({ id }) => ['title', 'state', 'saving'].includes(id));
