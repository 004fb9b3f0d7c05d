import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { LINUX, WINDOWS } from './catalog-layers.ts';
import { madeType, offerFileChunks, offerFileText } from './offer-file.fixture.ts';
import { OfferFileReader, type OfferPrices } from './offer-file.ts';
import { unpackedChunks } from './unpacked-chunks.ts';

const small = { region: 'us-east-1', types: 20, reserved: 10 };
const offerText = [...offerFileText(small)].join('');

async function read(bytes: Buffer, size = 1_000, region?: string): Promise<OfferPrices> {
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const reader = new OfferFileReader();
  for await (const chunk of unpackedChunks(pieces())) reader.push(chunk);
  return reader.finish(region);
}

async function refusal(content: string | Buffer, region?: string): Promise<string> {
  const error = await read(Buffer.from(content), 1_000, region).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw new Error(`no refusal: ${String(error)}`);
  return error.message;
}

describe('OfferFileReader', () => {
  it('keeps the shared on-demand price of each type and system, and nothing else', async () => {
    const { region, publishedAt, prices, figures, conflicts } = await read(Buffer.from(offerText), 777);
    expect({ region, publishedAt, figures, conflicts }).toEqual({
      region: 'us-east-1',
      publishedAt: Date.UTC(2026, 10, 1),
      figures: 40,
      conflicts: 0,
    });
    const { instanceType, linuxUsd, windowsUsd } = madeType(7);
    expect(prices.get(LINUX)?.get(instanceType)).toBe(Math.round(linuxUsd * 1e6));
    expect(prices.get(WINDOWS)?.get(instanceType)).toBe(Math.round(windowsUsd * 1e6));
    expect([...prices.keys()]).toEqual([LINUX, WINDOWS]);
  });

  it('reads the same from gzip', async () => {
    expect(await read(gzipSync(offerText))).toEqual(await read(Buffer.from(offerText)));
  });

  it('leaves a type with two prices unknown, and counts it', async () => {
    const doubled = [...offerFileText({ ...small, doubled: 3 })].join('');
    const { prices, conflicts } = await read(Buffer.from(doubled));
    expect(conflicts).toBe(1);
    expect(prices.get(LINUX)?.has('t3.large')).toBe(false);
    expect(prices.get(LINUX)?.has('t4.large')).toBe(true);
  });

  it('takes the term in force last', async () => {
    const older = offerText.replace(
      /"SKU5V0" : \{\s+"SKU5V0.JRTCKXETXF": \{/,
      '"SKU5V0" : {"OLD": {"effectiveDate": "2020-01-01T00:00:00Z", "priceDimensions": {"D": {"unit": "Hrs", "pricePerUnit": {"USD": "7"}}}}, "SKU5V0.JRTCKXETXF": {',
    );
    expect(older).not.toBe(offerText);
    const { prices } = await read(Buffer.from(older));
    expect(prices.get(LINUX)?.get('t5.large')).toBe(60_000);
  });

  it('refuses what is cut off, wherever', async () => {
    for (const share of [0.1, 0.5, 0.9, 0.999]) {
      expect(await refusal(offerText.slice(0, Math.floor(offerText.length * share)))).toMatch(
        /cut off after \d+ bytes/,
      );
    }
    expect(await refusal(gzipSync(offerText).subarray(0, 2_000))).toContain(
      'gzip file is damaged or cut off',
    );
  });

  it('refuses in one sentence what is another file', async () => {
    expect(await refusal('<html><body>Sign in</body></html>')).toContain('"<html><body>');
    expect(await refusal(offerText.replace('"AmazonEC2"', '"AmazonS3"'))).toContain('is of "AmazonS3"');
    expect(await refusal('{"instance_types": {}, "ranges": []}')).toContain('has no "products"');
    expect(await refusal('{"terms": {}, "products": {}}')).toContain('"terms" before "products"');
    expect(await refusal(offerText.replaceAll('"Shared"', '"Dedicated"'))).toContain('no hourly price');
    expect(await refusal(offerText, 'eu-west-1')).toContain('is of us-east-1, not of eu-west-1');
    const two = [...offerFileText({ ...small, types: 1 })].join('').replace('"us-east-1"', '"us-west-2"');
    expect(await refusal(two)).toContain('is of 2 regions (us-east-1, us-west-2');
  });

  it('reads a file of over 300 MB in a process that stays below 256 MB', async () => {
    const script = join(import.meta.dirname, '../../../tests/support/read-offer-process.ts');
    const writer = spawn(process.execPath, [script, 'write'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const child = spawn(process.execPath, [script], { stdio: [writer.stdout, 'pipe', 'inherit'] });
    const printed = await text(child.stdout as Readable);
    process.stdout.write(`offer file: ${printed}`);
    const answer = JSON.parse(printed) as Record<string, number>;
    expect(answer.bytes).toBeGreaterThan(300e6);
    expect(answer.figures).toBe(2 * 1_200);
    expect(answer.wrong).toBe(0);
    expect(answer.peakMib).toBeLessThan(256);
  }, 120_000);
});

it('makes chunks of the same text', () => {
  expect(Buffer.concat([...offerFileChunks(small, 100)]).toString()).toBe(offerText);
});
