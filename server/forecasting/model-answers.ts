import type { ModelManifest, PriceQuantile } from '../../common/contracts/index.ts';
import { MICRO_USD_PER_USD } from '../../common/units/index.ts';

/** Where in a row of outputs the answers of a model stand. */
export interface AnswerPlaces {
  /** Values that a row has. */
  readonly width: number;
  /** The answer itself; `undefined` when it is the median, or comes in two parts. */
  readonly point: number | undefined;
  /** How likely a change is, and its size: their product is the answer. */
  readonly change: { readonly probability: number; readonly size: number } | undefined;
  /** Ascending by `q`. */
  readonly quantiles: readonly { readonly q: number; readonly place: number }[];
}

/** A price with its band. */
export interface PriceAnswer {
  readonly priceMicroUsdPerHour: number;
  /** Ascending in both; empty when the model gives none. */
  readonly quantiles: readonly PriceQuantile[];
  /** Whether the model gave them out of order. */
  readonly isCrossed: boolean;
}

/** Where a manifest says that the answers stand; a manifest that says nothing means the first output. */
export function answerPlaces({ outputs }: Pick<ModelManifest, 'outputs'>): AnswerPlaces {
  if (outputs === undefined) return { width: 1, point: 0, change: undefined, quantiles: [] };
  const used = outputs.flatMap(({ quantile, unused, part }, place) =>
    unused === true ? [] : { q: quantile, part, place },
  );
  const placeOf = (wanted: string) => used.find(({ part }) => part === wanted)?.place;
  const [probability, size] = [placeOf('change-probability'), placeOf('change-size')];
  return {
    width: outputs.length,
    point: used.find(({ q, part }) => q === undefined && part === undefined)?.place,
    change: probability === undefined || size === undefined ? undefined : { probability, size },
    quantiles: used
      .flatMap(({ q, place }) => (q === undefined ? [] : { q, place }))
      .sort((a, b) => a.q - b.q),
  };
}

/**
 * What a row of outputs says of a price. Quantiles that cross are sorted, which never takes them further from the true ones:
 * rearrangement of V. Chernozhukov, I. Fernández-Val, A. Galichon, "Quantile and Probability Curves Without Crossing",
 * Econometrica 78 (2010) 1093–1125, proposition 4.
 * @param row the outputs of a row, as many as `places.width`
 * @returns `undefined` when any of them is no price
 */
export function priceAnswer(
  manifest: Pick<ModelManifest, 'target'>,
  places: AnswerPlaces,
  row: Float64Array,
  priceNow: number,
): PriceAnswer | undefined {
  const at = (place: number) => priceOf(manifest, row[place] ?? Number.NaN, priceNow);
  const given: number[] = [];
  for (const { place } of places.quantiles) {
    const price = at(place);
    if (price === undefined) return undefined;
    given.push(price);
  }
  const sorted = given.toSorted((a, b) => a - b);
  const quantiles = places.quantiles.map(({ q }, index) => ({ q, priceMicroUsdPerHour: sorted[index] ?? 0 }));
  const { change } = places;
  const median = () => quantiles.find(({ q }) => q === 0.5)?.priceMicroUsdPerHour;
  const point = change
    ? changedPrice(manifest, row[change.probability] ?? Number.NaN, row[change.size] ?? Number.NaN, priceNow)
    : places.point === undefined
      ? median()
      : at(places.point);
  if (point === undefined) return undefined;
  const isCrossed = given.some((price, index) => price !== sorted[index]);
  return { priceMicroUsdPerHour: point, quantiles, isCrossed };
}

/** The expected log-return: that of a change, times how likely one is. */
function changedPrice(
  manifest: Pick<ModelManifest, 'target'>,
  probability: number,
  size: number,
  priceNow: number,
): number | undefined {
  return probability >= 0 && probability <= 1 ? priceOf(manifest, probability * size, priceNow) : undefined;
}

/** What a row of outputs says of a probability; `undefined` when that is none. */
export function probabilityAnswer(places: AnswerPlaces, row: Float64Array): number | undefined {
  const value = row[places.point ?? 0] ?? Number.NaN;
  return value >= 0 && value <= 1 ? value : undefined;
}

/** What a model puts out as integer micro-USD per hour; `undefined` when that is no price. */
export function priceOf(
  { target }: Pick<ModelManifest, 'target'>,
  output: number,
  priceNow: number,
): number | undefined {
  const microUsd = target === 'log-return' ? priceNow * Math.exp(output) : output * MICRO_USD_PER_USD;
  const price = Math.round(microUsd);
  return Number.isSafeInteger(price) && price > 0 ? price : undefined;
}
