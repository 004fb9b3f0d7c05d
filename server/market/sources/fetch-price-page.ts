import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { DescribeSpotPriceHistoryCommandInput, EC2Client } from '@aws-sdk/client-ec2';
import type { PoolNames } from './pool-names.ts';
import { readSdkItems } from './read-sdk-items.ts';
import { type ScannedPage, scanPricePage } from './scan-price-page.ts';

/** Read by the SDK in place of a page that was read already. */
const NOTHING_LEFT = Buffer.from(
  '<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"/>',
);

interface RawResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  body: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * One page of DescribeSpotPriceHistory. The AWS SDK resolves, signs and sends, and reads every error; a page of prices
 * is read from its bytes, in a twentieth of the time that the SDK takes to make objects of it. What the byte scanner
 * does not understand, the SDK reads.
 * @param names where pools are looked up
 * @param reader who reads pages: the scanner, or (for comparison) the SDK alone
 * @throws what the SDK throws
 */
export async function fetchPricePage(
  client: EC2Client,
  input: DescribeSpotPriceHistoryCommandInput,
  names: PoolNames,
  reader: 'bytes' | 'sdk',
  abortSignal: AbortSignal,
): Promise<ScannedPage> {
  const { DescribeSpotPriceHistoryCommand } = await import('@aws-sdk/client-ec2');
  const command = new DescribeSpotPriceHistoryCommand(input);
  let scanned: ScannedPage | undefined;
  if (reader === 'bytes')
    command.middlewareStack.add(
      next => async args => {
        const result = await next(args);
        const response = result.response as RawResponse;
        if (response.statusCode !== 200) return result;
        const bytes = await bytesOf(response);
        scanned = scanPricePage(bytes, names);
        response.body = scanned ? NOTHING_LEFT : bytes;
        return result;
      },
      // Below the SDK's own reader of answers, so that it gets what is left here.
      { step: 'deserialize', priority: 'low', name: 'readPricesFromBytes' },
    );
  const output = await client.send(command, { abortSignal });
  return scanned ?? readSdkItems(names, output.SpotPriceHistory ?? [], output.NextToken);
}

/** The SDK asks for no compression and so takes none off; a proxy on the way may compress all the same. */
async function bytesOf({ body, headers }: RawResponse): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  if (body instanceof Uint8Array) parts.push(body);
  else for await (const part of body) parts.push(part);
  const [first] = parts;
  const bytes = first && parts.length === 1 ? first : Buffer.concat(parts);
  return headers['content-encoding'] === 'gzip' ? promisify(gunzip)(bytes) : bytes;
}
