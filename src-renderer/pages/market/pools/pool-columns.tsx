import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../../components/money-text.tsx';
import { useNow } from '../../../components/now.ts';
import { formatShare, threeDigits } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { formatExact } from '../../../components/time-text.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';
import { type PoolRow, shortProduct } from './pool-rows.ts';

const NO_ON_DEMAND =
  'The catalog has no on-demand price for this type, product and region. Refresh it on the Catalog tab.';
const NO_SIZE = 'The catalog does not know this instance type. Refresh it on the Catalog tab.';
const NO_ADVICE = 'The Spot advisor does not tell about this type and product in this region.';
const NO_CHANGE = 'No price on disk is in force at the earlier moment, or none is now.';

const usd = (microUsd: number | null) => (microUsd === null ? null : microUsd / 1e6);

/** Columns of the table of pools. `several` says which names differ among the rows, and so are worth a column. */
export function poolColumns(several: {
  readonly products: boolean;
  readonly commitments: boolean;
}): readonly TableColumn<PoolRow>[] {
  return [
    { id: 'type', header: 'Type', value: row => row.instanceType },
    // Zones name their region.
    { id: 'region', header: 'Region', value: row => row.region, hidden: true },
    { id: 'zone', header: 'Zone', value: row => row.zone },
    {
      id: 'product',
      header: 'Product',
      value: row => row.product,
      cell: row => shortProduct(row.product),
      hidden: !several.products,
    },
    {
      id: 'vcpu',
      header: 'vCPU',
      align: 'right',
      value: row => row.vcpu,
      cell: row => row.vcpu ?? <UnknownText reason={NO_SIZE} />,
    },
    {
      id: 'gib',
      header: 'GiB',
      align: 'right',
      value: row => row.memoryGib,
      cell: row => (row.memoryGib === null ? <UnknownText reason={NO_SIZE} /> : threeDigits(row.memoryGib)),
    },
    {
      id: 'price',
      header: 'Price now',
      csvHeader: 'Price now, USD/h',
      align: 'right',
      value: row => usd(row.price),
      cell: row => <PriceNow row={row} />,
    },
    {
      id: 'on-demand',
      header: 'On-demand',
      csvHeader: 'On-demand, USD/h',
      align: 'right',
      value: row => usd(row.onDemand),
      cell: row => <MoneyText value={row.onDemand} per="hour" unknown={NO_ON_DEMAND} />,
    },
    {
      id: 'effective',
      header: 'Effective',
      csvHeader: 'Effective on-demand, USD/h',
      hint: 'What an on-demand hour is charged at after Savings Plans, Reserved Instances and discounts, while they have room for it.',
      align: 'right',
      value: row => usd(row.effective),
      cell: row => <MoneyText value={row.effective} per="hour" unknown={NO_ON_DEMAND} />,
      hidden: !several.commitments,
    },
    {
      id: 'saving',
      header: 'Saving',
      csvHeader: 'Saving against effective on-demand, percent',
      hint: 'Against on-demand after commitments.',
      align: 'right',
      value: row => (row.saving === null ? null : Number((100 * row.saving).toPrecision(4))),
      cell: row =>
        row.saving === null ? (
          <UnknownText reason={row.price === null ? silentWords(row) : NO_ON_DEMAND} />
        ) : row.saving < 0 ? (
          <span style={{ color: 'var(--co-risk-text)' }}>{formatShare(-row.saving)} dearer</span>
        ) : (
          formatShare(row.saving)
        ),
    },
    {
      id: 'per-vcpu',
      header: 'Per vCPU',
      csvHeader: 'Price per vCPU, USD/h',
      align: 'right',
      value: row => usd(row.perVcpu),
      cell: row => (
        <MoneyText value={row.perVcpu} per="hour" unknown={row.price === null ? silentWords(row) : NO_SIZE} />
      ),
    },
    {
      id: 'band',
      header: 'Interrupted',
      csvHeader: 'Interrupted in 30 days, percent at most',
      hint: 'Of the Spot advisor: how many of 100 instances were interrupted within 30 days.',
      align: 'right',
      value: row => row.band?.maxPercent ?? null,
      cell: row => row.band?.label.replace('%', ' %') ?? <UnknownText reason={NO_ADVICE} />,
    },
    {
      id: 'change-24h',
      header: '24 h',
      csvHeader: 'Change over 24 h, percent',
      hint: 'Change over the 24 hours before the newest record of the region.',
      align: 'right',
      value: row => percentOf(row.change24h),
      cell: row => <Change share={row.change24h} row={row} />,
    },
    {
      id: 'change-7d',
      header: '7 d',
      csvHeader: 'Change over 7 days, percent',
      hint: 'Change over the 7 days before the newest record of the region.',
      align: 'right',
      value: row => percentOf(row.change7d),
      cell: row => <Change share={row.change7d} row={row} />,
    },
    {
      id: 'age',
      header: 'Age',
      align: 'right',
      hint: 'When EC2 told this price last. It tells an unchanged price again about every 24 h.',
      csvHeader: 'As of, UTC',
      value: row => new Date(row.lastAtMs).toISOString(),
      cell: row => <Age at={row.lastAtMs} />,
    },
    { id: 'family', header: 'Family', value: row => row.family, hidden: true },
    { id: 'arch', header: 'Architecture', value: row => row.arch, hidden: true },
    { id: 'records', header: 'Records', align: 'right', value: row => row.records, hidden: true },
  ];
}

function PriceNow({ row }: { readonly row: PoolRow }) {
  if (row.price === null) return <UnknownText reason={silentWords(row)} />;
  if (row.state === 'in-force') return moneyText(row.price, 'hour');
  const reason = `The last price known, of ${formatExact(row.lastAtMs)}. Newer time is not on disk: fill it, or import an archive.`;
  return (
    <span className="co-hint" style={{ color: 'var(--co-muted)' }} data-tip={reason}>
      {moneyText(row.price, 'hour')}
    </span>
  );
}

/** How old a price is, in its largest unit. */
function Age({ at }: { readonly at: number }) {
  const nowMs = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} data-tip={formatExact(at)}>
      {shortAge(Math.max(0, nowMs - at))}
    </time>
  );
}

function shortAge(ms: number): string {
  if (ms < MS_PER_HOUR) return `${Math.floor(ms / MS_PER_MINUTE)} min`;
  if (ms < 2 * MS_PER_DAY) return `${Math.floor(ms / MS_PER_HOUR)} h`;
  const days = Math.floor(ms / MS_PER_DAY);
  return days < 730 ? `${days} d` : `${threeDigits(Math.floor(days / 36.525) / 10)} years`;
}

/** A change with its sign and direction. */
export function Change({ share, row }: { readonly share: number | null; readonly row: PoolRow }) {
  if (share === null) return <UnknownText reason={row.price === null ? silentWords(row) : NO_CHANGE} />;
  const percent = 100 * share;
  if (Math.abs(percent) < 0.005) return '0 %';
  const isUp = percent > 0;
  return (
    <span style={{ color: `var(--co-${isUp ? 'risk' : 'saving'}-text)` }}>
      {isUp ? '↑' : '↓'} {Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 2 : 1)} %
    </span>
  );
}

/** Why a silent pool has no price. */
export function silentWords(row: PoolRow): string {
  const days = Math.round((Date.now() - row.lastAtMs) / MS_PER_DAY);
  return `Silent for ${days} days of which all prices of the region are on disk: it is no longer sold, or its records are missing. Its last price was ${moneyText(row.lastPrice, 'hour')}.`;
}

function percentOf(share: number | null): number | null {
  return share === null ? null : Number((100 * share).toPrecision(4));
}
