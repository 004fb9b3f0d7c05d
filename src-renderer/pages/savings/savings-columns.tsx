import { Link } from 'wouter';
import type { SavingsEntry, SavingsReportRow } from '../../../common/contracts/index.ts';
import { formatDuration, usdFromMicroUsd } from '../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import { formatShare } from '../../components/number-text.ts';
import { RelativeTime } from '../../components/relative-time.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { ToneBadge } from '../../components/tone-badge.tsx';
import { UnknownText } from '../../components/unknown-text.tsx';
import { pagePart } from '../../connection/api-path.ts';

const UNKNOWN_PRICE = 'The price of a node that came is unknown now; this time is not booked.';

/** A part of the ledger in the time shown, and the plan behind it where it is one. */
export interface SavedRow extends SavingsReportRow {
  readonly entry: SavingsEntry | undefined;
  readonly clusterName: string | null;
}

const realized: TableColumn<SavedRow> = {
  id: 'realized',
  header: 'Realized',
  csvHeader: 'realized USD',
  hint: 'Frozen price of what went less the price of what runs, over the time each was in force',
  align: 'right',
  value: row => usdFromMicroUsd(row.realizedMicroUsd),
  cell: row => moneyText(row.realizedMicroUsd),
};
const predicted: TableColumn<SavedRow> = {
  id: 'predicted',
  header: 'Predicted',
  csvHeader: 'predicted USD',
  hint: 'What the plans promised, over the same time',
  align: 'right',
  value: row => usdFromMicroUsd(row.predictedMicroUsd),
  cell: row => moneyText(row.predictedMicroUsd),
};
const kept: TableColumn<SavedRow> = {
  id: 'kept',
  header: 'Kept',
  hint: 'Realized as a share of predicted',
  align: 'right',
  value: row => (row.predictedMicroUsd > 0 ? row.realizedMicroUsd / row.predictedMicroUsd : null),
  cell: row =>
    row.predictedMicroUsd > 0 ? (
      formatShare(row.realizedMicroUsd / row.predictedMicroUsd)
    ) : (
      <UnknownText reason="Nothing was promised for time that is booked." />
    ),
};
const leftOut: TableColumn<SavedRow> = {
  id: 'unknown',
  header: 'Left out',
  csvHeader: 'left out ms',
  hint: 'Time with an unknown price, of all plans together: in neither figure',
  align: 'right',
  value: row => row.unknownMs,
  cell: row => (row.unknownMs === 0 ? 'nothing' : formatDuration(row.unknownMs)),
};
const cluster: TableColumn<SavedRow> = {
  id: 'cluster',
  header: 'Cluster',
  value: row => row.clusterName,
};

/** Columns of the ledger in groups. */
export function groupColumns(groupBy: string): readonly TableColumn<SavedRow>[] {
  const hasCluster = groupBy === 'namespace' || groupBy === 'workload';
  return [
    { id: 'name', header: TITLES[groupBy] ?? 'Group', grows: true, value: row => row.name },
    ...(hasCluster ? [cluster] : []),
    realized,
    predicted,
    kept,
    { id: 'plans', header: 'Plans', align: 'right', value: row => row.plans },
    leftOut,
  ];
}

const TITLES: Readonly<Record<string, string>> = {
  cluster: 'Cluster',
  engine: 'Engine',
  namespace: 'Namespace',
  workload: 'Workload',
};

/** Columns of the ledger plan by plan. */
export const planColumns: readonly TableColumn<SavedRow>[] = [
  {
    id: 'title',
    header: 'Plan',
    grows: true,
    value: row => row.name,
    cell: row =>
      row.entry === undefined ? (
        row.name
      ) : (
        <Link href={`/savings/${pagePart(row.entry.id)}`}>{row.name}</Link>
      ),
  },
  realized,
  predicted,
  kept,
  {
    id: 'before',
    header: 'Would cost',
    align: 'right',
    value: row => row.entry?.counterfactualMicroUsdPerHour ?? null,
    cell: row => <MoneyText value={row.entry?.counterfactualMicroUsdPerHour} per="hour" />,
  },
  {
    id: 'actual',
    header: 'Costs',
    align: 'right',
    value: row => row.entry?.actualMicroUsdPerHour ?? null,
    cell: row => <MoneyText value={row.entry?.actualMicroUsdPerHour} per="hour" unknown={UNKNOWN_PRICE} />,
  },
  {
    id: 'state',
    header: 'State',
    value: row => (row.entry?.endedAt === null ? 'Accrues' : 'Closed'),
    cell: row =>
      row.entry?.endedAt === null ? (
        <ToneBadge tone="good">Accrues</ToneBadge>
      ) : (
        <ToneBadge tone="neutral">Closed</ToneBadge>
      ),
  },
  { id: 'engine', header: 'Engine', value: row => row.entry?.engines.join(', ') ?? null },
  {
    id: 'replaced',
    header: 'Replaced by',
    value: row => row.entry?.replacedBy.join(', ') || 'nothing: fewer nodes',
    hidden: true,
  },
  leftOut,
  {
    id: 'started',
    header: 'Since',
    value: row => row.entry?.startedAt ?? null,
    cell: row => (row.entry === undefined ? null : <RelativeTime at={row.entry.startedAt} />),
  },
];
