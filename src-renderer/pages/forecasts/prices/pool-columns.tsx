import type { PoolForecastLine } from '../../../../common/contracts/index.ts';
import { parsePoolKey } from '../../../../common/units/index.ts';
import { MoneyText, moneyText } from '../../../components/money-text.tsx';
import { formatShare, threeDigits } from '../../../components/number-text.ts';
import type { TableColumn } from '../../../components/table-columns.ts';
import { UnknownText } from '../../../components/unknown-text.tsx';

const NO_PRICE = 'No record of the last 24.5 h is on disk; fill the gap of the model.';
const NO_BAND = 'The model gives no quantiles.';
const NOT_COMPARED = 'No prediction of this pool has come due with a known price yet.';

/** Instance type, zone and product of whatever has a pool. */
export function poolColumns<Line extends { readonly pool: string }>(): TableColumn<Line>[] {
  return [
    {
      id: 'type',
      header: 'Instance type',
      value: line => parsePoolKey(line.pool)?.instanceType ?? line.pool,
    },
    { id: 'zone', header: 'Zone', value: line => parsePoolKey(line.pool)?.availabilityZone ?? null },
    {
      id: 'product',
      header: 'Product',
      value: line => parsePoolKey(line.pool)?.product ?? null,
      hidden: true,
    },
  ];
}

/** Columns of the table of pools; figures are exported in USD per hour. A model without quantiles has no band. */
export function priceColumns(hasBand: boolean): TableColumn<PoolForecastLine>[] {
  return columns.filter(({ id }) => hasBand || !BAND_COLUMNS.has(id));
}

const BAND_COLUMNS: ReadonlySet<string> = new Set(['band', 'width']);
const columns: readonly TableColumn<PoolForecastLine>[] = [
  ...poolColumns<PoolForecastLine>(),
  {
    id: 'now',
    header: 'Now',
    align: 'right',
    value: line => usd(line.nowMicroUsdPerHour),
    cell: line => <MoneyText value={line.nowMicroUsdPerHour} per="hour" unknown={NO_PRICE} />,
  },
  {
    id: 'predicted',
    header: 'Predicted',
    align: 'right',
    value: line => usd(line.predictedMicroUsdPerHour),
    cell: line => moneyText(line.predictedMicroUsdPerHour, 'hour'),
  },
  {
    id: 'change',
    header: 'Change',
    align: 'right',
    value: changeOf,
    cell: line => {
      const change = changeOf(line);
      return change === null ? <UnknownText reason={NO_PRICE} /> : changeText(change);
    },
  },
  {
    id: 'band',
    header: 'Band',
    align: 'right',
    value: line => bandText(line),
    cell: line => bandText(line) ?? <UnknownText reason={NO_BAND} />,
  },
  {
    id: 'width',
    header: 'Band width',
    align: 'right',
    hidden: true,
    value: line => {
      const [low, high] = edgesOf(line) ?? [];
      return low === undefined || high === undefined ? null : (high - low) / 1e6;
    },
  },
  {
    id: 'error',
    header: 'Error so far',
    align: 'right',
    value: line => line.maeUsd,
    cell: line => errorText(line.maeUsd),
  },
  {
    id: 'persistence',
    header: 'Persistence error',
    align: 'right',
    value: line => line.persistenceMaeUsd,
    cell: line => errorText(line.persistenceMaeUsd),
  },
  {
    id: 'gain',
    header: 'Against persistence',
    align: 'right',
    hidden: true,
    value: gainOf,
    cell: line => {
      const gain = gainOf(line);
      return gain === null ? <UnknownText reason={whyNoGain(line)} /> : gainText(gain);
    },
  },
  { id: 'points', header: 'Compared', align: 'right', value: line => line.points, hidden: true },
];

/** Predicted over now, less 1; `null` when the price now is unknown. */
export function changeOf(line: PoolForecastLine): number | null {
  const now = line.nowMicroUsdPerHour;
  return now === null || now === 0 ? null : line.predictedMicroUsdPerHour / now - 1;
}

/** `↑ 1.24 %`, `↓ 0.8 %`, `stays`. */
function changeText(change: number): string {
  if (change === 0) return 'stays';
  return `${change > 0 ? '↑' : '↓'} ${formatShare(Math.abs(change))}`;
}

/** Error of the model over that of persistence, less 1: below 0 the model errs less. */
function gainOf({ maeUsd, persistenceMaeUsd }: PoolForecastLine): number | null {
  return maeUsd === null || persistenceMaeUsd === null || persistenceMaeUsd === 0
    ? null
    : maeUsd / persistenceMaeUsd - 1;
}

function whyNoGain({ points, persistenceMaeUsd }: PoolForecastLine): string {
  return points > 0 && persistenceMaeUsd === 0
    ? 'The price of this pool did not move: persistence made no error.'
    : NOT_COMPARED;
}

function gainText(gain: number): string {
  return gain === 0 ? 'the same' : `${gain < 0 ? '−' : '+'}${formatShare(Math.abs(gain))}`;
}

function edgesOf({ quantiles }: PoolForecastLine): readonly [number, number] | undefined {
  const low = quantiles[0]?.priceMicroUsdPerHour;
  const high = quantiles.at(-1)?.priceMicroUsdPerHour;
  return quantiles.length < 2 || low === undefined || high === undefined ? undefined : [low, high];
}

function bandText(line: PoolForecastLine): string | null {
  const edges = edgesOf(line);
  return edges === undefined
    ? null
    : `${moneyText(edges[0]).replace('/h', '')} – ${moneyText(edges[1], 'hour')}`;
}

function errorText(maeUsd: number | null) {
  return maeUsd === null ? <UnknownText reason={NOT_COMPARED} /> : `$${threeDigits(maeUsd)}/h`;
}

function usd(microUsd: number | null): number | null {
  return microUsd === null ? null : microUsd / 1e6;
}
