/**
 * A process that reads an offer file from standard input as an import does, and prints what it took: bytes, figures, how
 * many of them are wrong, the highest resident memory, and megabytes a second of the reader alone. With the argument
 * `write` it is the other end: it writes a made-up offer file of more than 300 MB.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { LINUX, WINDOWS } from '../../server/market/catalog/catalog-layers.ts';
import { madeType, offerFileChunks } from '../../server/market/catalog/offer-file.fixture.ts';
import { OfferFileReader } from '../../server/market/catalog/offer-file.ts';
import { unpackedChunks } from '../../server/market/catalog/unpacked-chunks.ts';

const TYPES = 1_200;
const offer = { region: 'us-east-1', types: TYPES, reserved: 500_000 };
if (process.argv[2] === 'write') await pipeline(Readable.from(offerFileChunks(offer)), process.stdout);
else await readFromInput();

async function readFromInput(): Promise<void> {
  const reader = new OfferFileReader();
  let bytes = 0;
  let readMs = 0;
  for await (const chunk of unpackedChunks(process.stdin)) {
    bytes += chunk.length;
    const startedAt = performance.now();
    reader.push(chunk);
    readMs += performance.now() - startedAt;
  }
  const { prices, figures } = reader.finish();
  let wrong = 0;
  for (let index = 0; index < TYPES; index++) {
    const { instanceType, linuxUsd, windowsUsd } = madeType(index);
    if (prices.get(LINUX)?.get(instanceType) !== Math.round(linuxUsd * 1e6)) wrong++;
    if (prices.get(WINDOWS)?.get(instanceType) !== Math.round(windowsUsd * 1e6)) wrong++;
  }
  const peakMib = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write(
    `${JSON.stringify({ bytes, figures, wrong, peakMib, megabytesPerSecond: Math.round(bytes / 1e3 / readMs) })}\n`,
  );
}
