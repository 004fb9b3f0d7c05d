import type { Interval, PricePoint, SeriesPrediction } from '../../../../common/contracts/index.ts';
import { MS_PER_HOUR } from '../../../../common/units/index.ts';
import { priceSteps } from '../../../components/charts/price-steps.ts';
import type { ChartLine } from '../../../components/charts/time-chart.tsx';

/** EC2 publishes an unchanged price again after about a day; after this long a price is not known any more. */
const PRICE_STAYS_KNOWN_MS = 24.5 * MS_PER_HOUR;
/** Predictions stand at every third hour at least; where more is missing there is a gap. */
const LONGEST_STEP_MS = 3 * MS_PER_HOUR;

/** What is drawn besides what happened and what was predicted. */
export interface ShownLines {
  readonly band: boolean;
  readonly persistence: boolean;
  readonly seasonal: boolean;
}

/** Lines of a pool's chart, and which two of them a band lies between. */
export interface ForecastLines {
  readonly lines: readonly ChartLine[];
  readonly band: { readonly upper: number; readonly lower: number; readonly label: string } | undefined;
}

/** The picture of a pool: gaps in what is known are gaps, also between predictions. */
export function forecastLines(
  actual: readonly PricePoint[],
  predictions: readonly SeriesPrediction[],
  nowMs: number,
  horizonHours: number,
  shown: ShownLines,
): ForecastLines {
  const sorted = predictions.toSorted((a, b) => a.forMs - b.forMs);
  const line = (of: (prediction: SeriesPrediction) => number | null) => withGaps(sorted, of);
  const lines: ChartLine[] = [];
  if (shown.persistence) {
    lines.push({
      label: 'Persistence (the last price stays)',
      ...line(made => made.persistenceMicroUsdPerHour),
      colour: '--co-unknown',
      style: 'thin',
      shape: 'line',
    });
  }
  if (shown.seasonal) {
    lines.push({
      label: 'Seasonal (the price of a week before)',
      ...line(made => made.seasonalMicroUsdPerHour),
      colour: '--co-muted',
      style: 'dotted',
      shape: 'line',
    });
  }
  const levels = bandLevels(sorted);
  let band: ForecastLines['band'];
  if (shown.band && levels) {
    const [lowest, highest] = levels;
    const edge = (q: number): ChartLine => ({
      label: `${percent(q)} quantile`,
      ...line(made => made.quantiles.find(quantile => quantile.q === q)?.priceMicroUsdPerHour ?? null),
      colour: '--co-spot',
      style: 'edge',
      shape: 'line',
    });
    band = {
      upper: lines.length,
      lower: lines.length + 1,
      label: `Predicted band, ${percent(lowest)} to ${percent(highest)}`,
    };
    lines.push(edge(highest), edge(lowest));
  }
  lines.push(
    {
      label: `Predicted ${horizonHours} h ahead`,
      ...line(made => made.priceMicroUsdPerHour),
      colour: '--co-spot',
      style: 'dashed',
      shape: sorted.length < 3 ? 'points' : 'line',
    },
    {
      label: 'What happened',
      ...priceSteps(actual, holesOf(actual, nowMs), nowMs),
      colour: '--co-spot',
      style: 'solid',
      shape: 'step',
    },
  );
  return { lines, band };
}

/** The lowest and highest quantile that predictions have; `undefined` when they have none. */
export function bandLevels(
  predictions: readonly Pick<SeriesPrediction, 'quantiles'>[],
): readonly [number, number] | undefined {
  const quantiles = predictions.find(made => made.quantiles.length > 1)?.quantiles;
  const lowest = quantiles?.[0]?.q;
  const highest = quantiles?.at(-1)?.q;
  return lowest === undefined || highest === undefined ? undefined : [lowest, highest];
}

/** Stretches in which no record says the price, up to now. */
export function holesOf(points: readonly PricePoint[], toMs: number): Interval[] {
  return points.flatMap(({ atMs }, index) => {
    const nextMs = points[index + 1]?.atMs ?? toMs;
    const fromMs = atMs + PRICE_STAYS_KNOWN_MS;
    return fromMs < nextMs ? [{ fromMs, toMs: nextMs }] : [];
  });
}

/** `10 %` of 0.1. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function withGaps(
  sorted: readonly SeriesPrediction[],
  of: (prediction: SeriesPrediction) => number | null,
): Pick<ChartLine, 'timesMs' | 'values'> {
  const timesMs: number[] = [];
  const values: (number | null)[] = [];
  for (const made of sorted) {
    const last = timesMs.at(-1);
    if (last !== undefined && made.forMs - last > LONGEST_STEP_MS) {
      timesMs.push(last + 1);
      values.push(null);
    }
    const value = of(made);
    timesMs.push(made.forMs);
    values.push(value === null ? null : value / 1e6);
  }
  return { timesMs, values };
}
