import type { SavingsEntryDetail } from '../../../common/contracts/index.ts';
import { formatDuration, usdFromMicroUsd } from '../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../components/money-text.tsx';
import type { TableColumn } from '../../components/table-columns.ts';
import { formatExact } from '../../components/time-text.ts';
import { UnknownText } from '../../components/unknown-text.tsx';

type Interval = SavingsEntryDetail['intervals'][number];

const LEFT_OUT = 'A price was unknown, the agent away, or the engine off: this time is not booked.';

/** Stretches of time in which no price changed, and what was booked of each. */
export const intervalColumns: readonly TableColumn<Interval>[] = [
  { id: 'from', header: 'From', value: one => one.fromMs, cell: one => formatExact(one.fromMs) },
  {
    id: 'for',
    header: 'For',
    csvHeader: 'for ms',
    align: 'right',
    value: one => one.toMs - one.fromMs,
    cell: one => formatDuration(one.toMs - one.fromMs),
  },
  {
    id: 'before',
    header: 'Would cost',
    csvHeader: 'would cost USD/h',
    align: 'right',
    value: one => usdFromMicroUsd(one.counterfactualMicroUsdPerHour),
    cell: one => moneyText(one.counterfactualMicroUsdPerHour, 'hour'),
  },
  {
    id: 'actual',
    header: 'Cost',
    csvHeader: 'cost USD/h',
    align: 'right',
    value: one => (one.actualMicroUsdPerHour === null ? null : usdFromMicroUsd(one.actualMicroUsdPerHour)),
    cell: one => <MoneyText value={one.actualMicroUsdPerHour} per="hour" unknown={LEFT_OUT} />,
  },
  {
    id: 'realized',
    header: 'Booked',
    csvHeader: 'booked USD',
    align: 'right',
    value: one => (one.realizedMicroUsd === null ? null : usdFromMicroUsd(one.realizedMicroUsd)),
    cell: one =>
      one.realizedMicroUsd === null ? <UnknownText reason={LEFT_OUT} /> : moneyText(one.realizedMicroUsd),
  },
];
