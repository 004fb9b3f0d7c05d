/**
 * Writes the rows that the sample models are trained on: features through the very code that serves them, prices
 * from the built-in pretend market. `node resources/models/training/export-training-data.ts --out rows.csv`
 */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { MICRO_USD_PER_USD, MS_PER_DAY, MS_PER_HOUR, type Pool, poolKey } from '../../../common/units/index.ts';
import {
  featureCatalog,
  featureTable,
  type PoolFacts,
  type PoolPrices,
} from '../../../server/forecasting/features/index.ts';
import { createPretendMarket, readInstanceCatalog } from '../../../simulator/market/index.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'rows.csv' },
    'trained-until': { type: 'string', default: '2026-10-20T00:00:00Z' },
    'days-before': { type: 'string', default: '120' },
    'days-after': { type: 'string', default: '33' },
    'every-hours': { type: 'string', default: '4' },
    'horizon-hours': { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
  },
});

const trainedUntilMs = Date.parse(values['trained-until']);
const horizonMs = Number(values['horizon-hours']) * MS_PER_HOUR;
const stepMs = Number(values['every-hours']) * MS_PER_HOUR;
const fromMs = trainedUntilMs - Number(values['days-before']) * MS_PER_DAY;
const untilMs = trainedUntilMs + Number(values['days-after']) * MS_PER_DAY;

const catalog = await readInstanceCatalog(join(import.meta.dirname, '../../catalog/instance-types.json'));
const market = createPretendMarket({
  seed: values.seed,
  region: 'us-east-1',
  types: catalog.types,
  zones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
});
const typeByName = new Map(catalog.types.map(type => [type.instanceType, type]));
const names = featureCatalog.all().map(feature => feature.name);
const lookbackMs = featureCatalog.lookbackMs(names);

const pools = market.pools().filter(pool => pool.product === 'Linux/UNIX');
const prices: PoolPrices[] = pools.map(pool => {
  const seed = market.recordInForce(pool, fromMs - lookbackMs);
  const records = [seed, ...market.recordsBetween(pool, fromMs - lookbackMs + 1, untilMs)];
  return {
    pool,
    atMs: Float64Array.from(records, record => record.atMs),
    priceMicroUsdPerHour: Float64Array.from(records, record => record.priceMicroUsdPerHour),
  };
});

function factsOf({ instanceType }: Pool): PoolFacts {
  const type = typeByName.get(instanceType);
  const onDemand = type?.onDemandUsdPerHour;
  const band = type?.interruptionBand;
  return {
    vcpu: type?.vcpu,
    memoryMib: type?.memoryMib,
    gpuCount: type?.gpuCount,
    arch: type?.arch,
    onDemandMicroUsdPerHour: typeof onDemand === 'number' ? Math.round(onDemand * MICRO_USD_PER_USD) : undefined,
    interruption: band ? { maxPercent: band.maxPercent, knownSinceMs: Date.parse(catalog.asOf) } : undefined,
  };
}

const times: number[] = [];
for (let at = fromMs; at + horizonMs < untilMs; at += stepMs) times.push(at);
const out = createWriteStream(values.out);
out.write(`split,pool,at_ms,price_usd,price_at_horizon_usd,${names.join(',')}\n`);
let rows = 0;
for (const table of featureTable(names, { pools: prices, neighbours: [], factsOf }, Float64Array.from(times))) {
  for (const [row, at] of times.entries()) {
    // Rows whose future straddles "trained until" belong to neither side.
    const split = at + horizonMs <= trainedUntilMs ? 'train' : at >= trainedUntilMs ? 'heldout' : undefined;
    if (split === undefined) continue;
    const price = (table.priceMicroUsdPerHour[row] ?? Number.NaN) / MICRO_USD_PER_USD;
    const later = market.priceAt(table.pool, at + horizonMs) / MICRO_USD_PER_USD;
    const cells = table.values.subarray(row * table.columns, (row + 1) * table.columns);
    if (!out.write(`${split},${poolKey(table.pool)},${at},${price},${later},${cells.join(',')}\n`)) {
      await new Promise(resolve => out.once('drain', resolve));
    }
    rows++;
  }
}
out.end();
await finished(out);
process.stderr.write(`${rows} rows of ${names.length} features to ${values.out}\n`);
