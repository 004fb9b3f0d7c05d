/** Entry of a backtest's thread: takes family after family of a market, adds up what its pools' forecasts are worth, and says the sums. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../../common/errors.ts';
import { type Pool, poolKey } from '../../../common/units/index.ts';
import { TreeModel } from '../../models/for-threads.ts';
import { modelForecaster } from './model-forecaster.ts';
import { noFacts } from './price-points.ts';
import { tallyFamily } from './tally-family.ts';
import {
  FAMILIES_TAKEN,
  NEXT_FAMILY,
  type ThreadFamily,
  type ThreadNews,
  type ThreadOrder,
} from './tally-in-threads.ts';

const { model, families, timesMs, counters, ahead } = workerData as ThreadOrder;

try {
  const trees = new TreeModel(model.trees);
  const run = async (rows: Float64Array, columns: number) =>
    trees.run(rows, columns).map(({ values }) => values);
  for (;;) {
    const family = Atomics.add(counters, NEXT_FAMILY, 1);
    const own = families[family];
    if (!own) break;
    waitForTurn(family);
    // A new one for each family, so that its counts are those of the family.
    const forecaster = modelForecaster(model.manifest, { run }, model.levels);
    const tally = await tallyFamily({ forecaster, market: marketOf(own), timesMs }, () => undefined);
    say({ kind: 'family', family, tally, unknownFeatures: [...forecaster.unknownFeatures] });
  }
} catch (error) {
  const isTold = error instanceof AppError;
  say({
    kind: 'failed',
    code: isTold ? error.code : undefined,
    message: error instanceof Error ? error.message : String(error),
    hint: isTold ? error.hint : undefined,
  });
}

/** What is done too early would pile up in the main thread. */
function waitForTurn(family: number): void {
  for (;;) {
    const taken = Atomics.load(counters, FAMILIES_TAKEN);
    if (family < taken + ahead) return;
    Atomics.wait(counters, FAMILIES_TAKEN, taken);
  }
}

function marketOf({ pools, neighbours, facts }: ThreadFamily) {
  const all = [...pools, ...neighbours];
  const byPool = new Map(all.map(({ pool }, index) => [poolKey(pool), facts[index]] as const));
  return { pools, neighbours, factsOf: (pool: Pool) => byPool.get(poolKey(pool)) ?? noFacts };
}

function say(news: ThreadNews): void {
  parentPort?.postMessage(news);
}
