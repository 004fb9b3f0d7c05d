import { writeFileSync } from 'node:fs';
import { trainedBefore, writePrices, features } from './evaluate/made-prices.ts';
import { fitModel } from './evaluate/python-side.ts';
const made = await writePrices('/tmp/ev/prices.csv.gz');
fitModel('/tmp/ev/prices.csv.gz', '/tmp/ev/boosted.pkl');
writeFileSync('/tmp/ev/boosted.manifest.json', JSON.stringify({ name: 'Benchmark', version: '1', task: 'spot-price', trainedUntil: trainedBefore(made.firstMs), features: features.map(name => ({ name })), target: 'log-return', horizonHours: 24, scope: { regions: ['eu-west-1'] } }));
console.log(made);
