import { Tooltip } from '@mantine/core';
import { Link } from 'wouter';
import type { SavingsEntry } from '../../../common/contracts/index.ts';
import { formatDuration } from '../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { pagePart } from '../../connection/api-path.ts';

const UNKNOWN_PRICE = 'The price of what replaced the node is unknown now; this time is not booked.';

/** Columns of the savings ledger; `How` says the sum in words. */
export const savingsColumns: readonly TableColumn<SavingsEntry>[] = [
  {
    id: 'title',
    header: 'Plan',
    value: entry => entry.title,
    cell: entry => <Link href={`/decisions/${pagePart(entry.planId)}`}>{entry.title}</Link>,
  },
  {
    id: 'realized',
    header: 'Realized',
    align: 'right',
    value: entry => entry.realizedMicroUsd,
    cell: entry => (
      <Tooltip label={methodOf(entry)}>
        <span className="co-hint">{moneyText(entry.realizedMicroUsd)}</span>
      </Tooltip>
    ),
  },
  {
    id: 'predicted',
    header: 'Predicted',
    align: 'right',
    value: entry => entry.predictedMicroUsd,
    cell: entry => moneyText(entry.predictedMicroUsd),
  },
  {
    id: 'before',
    header: 'Would cost',
    align: 'right',
    value: entry => entry.counterfactualMicroUsdPerHour,
    cell: entry => <MoneyText value={entry.counterfactualMicroUsdPerHour} per="hour" />,
  },
  {
    id: 'actual',
    header: 'Costs',
    align: 'right',
    value: entry => entry.actualMicroUsdPerHour,
    cell: entry => <MoneyText value={entry.actualMicroUsdPerHour} per="hour" unknown={UNKNOWN_PRICE} />,
  },
  {
    id: 'state',
    header: 'State',
    value: entry => (entry.endedAt === null ? 'Accrues' : 'Closed'),
    cell: entry =>
      entry.endedAt === null ? (
        <ToneBadge tone="good">Accrues</ToneBadge>
      ) : (
        <ToneBadge tone="neutral">Closed</ToneBadge>
      ),
  },
  {
    id: 'replaced',
    header: 'Replaced by',
    value: entry => entry.replacedBy.join(', ') || 'nothing: fewer nodes',
  },
  {
    id: 'started',
    header: 'Since',
    value: entry => entry.startedAt,
    cell: entry => <RelativeTime at={entry.startedAt} />,
  },
  { id: 'how', header: 'How', value: methodOf, hidden: true },
];

function methodOf(entry: SavingsEntry): string {
  const actual =
    entry.actualMicroUsdPerHour === null
      ? 'an unknown price'
      : moneyText(entry.actualMicroUsdPerHour, 'hour');
  const left =
    entry.unknownMs === 0 ? '' : ` ${formatDuration(entry.unknownMs)} with an unknown price are left out.`;
  return `Frozen at the decision: ${moneyText(entry.counterfactualMicroUsdPerHour, 'hour')}; now ${actual}. The difference is summed over the time each price was in force.${left}`;
}
