import type { ModelManifest } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_HOUR } from '../../../common/units/index.ts';
import { joinOutputs, type TreePlan } from '../../models/for-threads.ts';
import { answerPlaces, priceAnswer, priceOf } from '../model-answers.ts';
import { completeRows } from './complete-rows.ts';
import { distinctRows } from './distinct-rows.ts';
import type { ForecastAnswer, Forecaster } from './forecaster.ts';

/** What runs rows of feature values: an open model. */
export interface RowRunner {
  /** @returns for each output its values, row after row */
  run(rows: Float64Array, columns: number): Promise<Float64Array[]>;
  /** How the model can be walked elsewhere with the same bits, if it is nothing but trees. */
  readonly trees?: TreePlan | undefined;
}

/**
 * A model as a forecaster: features as of each time, through the model, to prices, as live predictions are made. Times with
 * an unknown feature, or for which the model gives no usable number, have no forecast.
 * A manifest that says what each output is has the word, and quantiles that cross are sorted, as live.
 * @param levels without that, of the quantiles that the model gives, ascending: columns of its first output, or one output for
 * each; none when it gives one price. The one nearest to 0.5 stands for the price.
 */
export function modelForecaster(
  manifest: ModelManifest,
  runner: RowRunner,
  levels: readonly number[] = [],
): Forecaster {
  const names = manifest.features.map(feature => feature.name);
  const middle = levels.reduce(
    (best, level, index) => (Math.abs(level - 0.5) < Math.abs((levels[best] ?? 1) - 0.5) ? index : best),
    0,
  );
  const places = manifest.outputs && answerPlaces(manifest);
  const unknownFeatures = new Map<string, number>();
  return {
    name: manifest.name,
    horizonMs: manifest.horizonHours * MS_PER_HOUR,
    features: names,
    levels: places ? places.quantiles.map(({ q }) => q) : levels,
    unknownFeatures,
    inThread: runner.trees && {
      model: { manifest, levels, trees: runner.trees },
      addUnknown: (name, rows) => unknownFeatures.set(name, (unknownFeatures.get(name) ?? 0) + rows),
    },
    forecast: async question => {
      const { rows, points } = completeRows(names, question, unknownFeatures);
      const empty = () => new Float64Array(question.places.length).fill(Number.NaN);
      if (points.length === 0) return { price: empty() };
      const different = distinctRows(rows, names.length);
      const outputs = await runner.run(different.rows, names.length);
      const count = different.rows.length / names.length;
      if (places) {
        const table = joinOutputs(outputs, count);
        const answer = { price: empty(), quantiles: places.quantiles.map(empty) };
        for (let row = 0; row < points.length; row++) {
          const point = points[row] ?? 0;
          const start = (different.placeOf[row] ?? 0) * places.width;
          const now = question.priceNow[question.places[point] ?? 0] ?? Number.NaN;
          const own = priceAnswer(manifest, places, table.subarray(start, start + places.width), now);
          if (own) answer.price[point] = own.priceMicroUsdPerHour;
          for (const [level, column] of answer.quantiles.entries())
            column[point] = own?.quantiles[level]?.priceMicroUsdPerHour ?? Number.NaN;
        }
        return places.quantiles.length > 0 ? answer : { price: answer.price };
      }
      const priced = columnsOf(outputs, count, Math.max(1, levels.length)).map(column => {
        const prices = empty();
        for (let row = 0; row < points.length; row++) {
          const point = points[row] ?? 0;
          const now = question.priceNow[question.places[point] ?? 0] ?? Number.NaN;
          prices[point] = priceOf(manifest, column(different.placeOf[row] ?? 0), now) ?? Number.NaN;
        }
        return prices;
      });
      return answerOf(priced, middle, levels.length > 0);
    },
  };
}

/** @throws AppError `model.rejected` when the model gives too few values for a row */
function columnsOf(outputs: readonly Float64Array[], rows: number, count: number) {
  const [first = new Float64Array()] = outputs;
  const width = first.length / rows;
  if (width >= count)
    return Array.from(
      { length: count },
      (_, column) => (row: number) => first[row * width + column] ?? Number.NaN,
    );
  if (outputs.length >= count && outputs.every(output => output.length === rows))
    return outputs.slice(0, count).map(output => (row: number) => output[row] ?? Number.NaN);
  throw new AppError(
    'model.rejected',
    `The model gives ${outputs.map(output => output.length / rows).join(' + ')} values for a row, but ${count} quantiles are asked of it.`,
  );
}

function answerOf(priced: readonly Float64Array[], middle: number, hasQuantiles: boolean): ForecastAnswer {
  const price = priced[middle] ?? new Float64Array();
  if (!hasQuantiles) return { price };
  // A point has all its quantiles or none.
  const isWhole = price.map((_, place) =>
    priced.every(column => !Number.isNaN(column[place] ?? Number.NaN)) ? 1 : 0,
  );
  return {
    price: price.map((value, place) => (isWhole[place] === 1 ? value : Number.NaN)),
    quantiles: priced,
  };
}
