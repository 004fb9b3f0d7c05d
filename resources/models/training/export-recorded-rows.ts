/**
 * Writes training rows from files of recorded prices, with the features that serve models:
 * `node resources/models/training/export-recorded-rows.ts --prices FILE --from T --to T --out rows.csv`
 * The price at the horizon lies before `--to` for every row, so what begins there was not seen.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { MICRO_USD_PER_USD, MS_PER_HOUR, poolKey } from '../../../common/units/index.ts';
import { openProgramCatalog } from '../../../server/cli/read-pools.ts';
import { factsFrom } from '../../../server/forecasting/index.ts';
import { featureCatalog, featureTable, priceAt } from '../../../server/forecasting/features/index.ts';
import { readArchives } from '../../../server/market/index.ts';

const PRODUCT = 'Linux/UNIX';
const { values } = parseArgs({
  options: {
    prices: { type: 'string', multiple: true, default: [] },
    from: { type: 'string' },
    to: { type: 'string' },
    'every-hours': { type: 'string', default: '6' },
    'horizon-hours': { type: 'string', default: '24' },
    out: { type: 'string', default: 'rows.csv' },
  },
});
const fromMs = Date.parse(values.from ?? '');
const toMs = Date.parse(values.to ?? '');
if (Number.isNaN(fromMs) || Number.isNaN(toMs)) throw new Error('Give --from and --to as ISO 8601 times.');
const horizonMs = Number(values['horizon-hours']) * MS_PER_HOUR;
const stepMs = Number(values['every-hours']) * MS_PER_HOUR;

const options = { product: PRODUCT, wanted: (pool: { product: string }) => pool.product === PRODUCT, nowMs: toMs };
const { series } = await readArchives(values.prices, { ...options, region: undefined, zones: undefined, upToDamage: false }, new AbortController().signal, () => undefined);
const names = featureCatalog.all().map(feature => feature.name);
const times: number[] = [];
for (let at = fromMs; at + horizonMs < toMs; at += stepMs) times.push(at);
const recordsOf = new Map(series.map(records => [poolKey(records.pool), records]));
const factsOf = factsFrom({ catalog: await openProgramCatalog(undefined) });
const out = createWriteStream(values.out);
out.write(`split,pool,at_ms,price_usd,price_at_horizon_usd,${names.join(',')}\n`);
let rows = 0;
for (const table of featureTable(names, { pools: series, neighbours: [], factsOf }, Float64Array.from(times))) {
  const records = recordsOf.get(poolKey(table.pool));
  if (!records) continue;
  for (const [row, at] of times.entries()) {
    const price = (table.priceMicroUsdPerHour[row] ?? Number.NaN) / MICRO_USD_PER_USD;
    const later = priceAt(records, at + horizonMs) / MICRO_USD_PER_USD;
    if (Number.isNaN(price) || Number.isNaN(later)) continue;
    const cells = table.values.subarray(row * table.columns, (row + 1) * table.columns);
    if (!out.write(`train,${poolKey(table.pool)},${at},${price},${later},${cells.join(',')}\n`))
      await new Promise(resolve => out.once('drain', resolve));
    rows++;
  }
}
out.end();
await finished(out);
process.stderr.write(`${rows} rows of ${names.length} features to ${values.out}\n`);
