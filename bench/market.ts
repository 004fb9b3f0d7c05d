/**
 * Spot prices from EC2 to disk, and back: `npm run bench market`. Every comparison is made side by side in this run and
 * verifies its result. `CLOUDOPTIM_BENCH_ROWS` (5,000,000) is the size of the large store.
 */
import { recordingPath } from './market/bench-market.ts';
import { measureFillMemory } from './market/measure-fill-memory.ts';
import { measureInserts } from './market/measure-inserts.ts';
import { measureLargeStore } from './market/measure-large-store.ts';
import { measurePages } from './market/measure-pages.ts';
import { measurePostgres } from './market/measure-postgres.ts';

process.stdout.write(`${recordingPath ? 'recording of eu-west-1' : 'built-in market'}\n`);
await measurePages();
await measureInserts();
await measureFillMemory();
await measurePostgres();
await measureLargeStore(Number(process.env.CLOUDOPTIM_BENCH_ROWS ?? 5_000_000));
