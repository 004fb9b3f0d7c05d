import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import type { CatalogImport } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { layerOfAdvisorFeed } from './advisor-feed.ts';
import { encodeTypes, type LayerFile } from './layer-codec.ts';
import { figuresIn } from './layer-store.ts';
import { OfferFileReader, type OfferPrices } from './offer-file.ts';
import { typeFactsOf } from './type-facts.ts';
import { unpackedChunks } from './unpacked-chunks.ts';

/** Enough of a file to tell which one it is. */
const HEAD_BYTES = 64 * 1024;
/** The advisor feed has 1.6 MB, sizes of all types 12 MB; an offer file is never held. */
const LARGEST_HELD_BYTES = 64 * 1024 ** 2;

/** A file that was understood, as the layer that it makes. */
export interface ReadCatalogFile {
  readonly layer: LayerFile;
  readonly region: string | null;
  readonly summary: Omit<CatalogImport, 'asOf'> & { readonly asOf: string };
}

/**
 * Reads one of the files that AWS publishes: a price list of EC2, the Spot advisor feed, or what
 * `aws ec2 describe-instance-types` prints; plain or gzip. Which one it is shows in its first keys.
 * @param asOf ISO 8601, for files without a date of their own
 * @throws AppError `input.invalid` in one sentence when it is none of them, damaged or cut off
 */
export async function readCatalogFile(
  source: AsyncIterable<Uint8Array>,
  asOf: string,
): Promise<ReadCatalogFile> {
  const chunks = unpackedChunks(source)[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let bytes = 0;
  let isWhole = false;
  while (bytes < HEAD_BYTES && !isWhole) {
    const next = await chunks.next();
    if (next.done) isWhole = true;
    else {
      head.push(next.value);
      bytes += next.value.length;
    }
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  const text = Buffer.concat(head).toString();
  if (/"(instance_types|spot_advisor)"/.test(text)) {
    const { layer, figures } = layerOfAdvisorFeed(await heldJson(all()), 'Spot Instance Advisor', asOf);
    return summarised(layer, null, `${figures} entries of the Spot advisor`);
  }
  if (/"(InstanceTypes|VCpuInfo)"/.test(text)) return typesOf(await heldJson(all()), asOf);
  const reader = new OfferFileReader();
  for await (const chunk of all()) reader.push(chunk);
  return layerOfOffer(reader.finish());
}

/** List prices of an offer file as a layer. */
export function layerOfOffer(offer: OfferPrices): ReadCatalogFile {
  const layer: LayerFile = {
    kind: 'on-demand',
    source: 'AWS price list',
    asOf: new Date(offer.publishedAt).toISOString(),
    region: offer.region,
    prices: Object.fromEntries([...offer.prices].map(([product, of]) => [product, Object.fromEntries(of)])),
  };
  const doubt = offer.conflicts === 0 ? '' : `; ${offer.conflicts} with two prices were left out`;
  return summarised(layer, offer.region, `${offer.figures} list prices of ${offer.region}${doubt}`);
}

function typesOf(value: unknown, asOf: string): ReadCatalogFile {
  const items = Array.isArray(value) ? value : (value as { InstanceTypes?: unknown }).InstanceTypes;
  const facts = (Array.isArray(items) ? items : []).flatMap(item => {
    const known = typeFactsOf((item ?? {}) as InstanceTypeInfo);
    return known ? [known] : [];
  });
  if (facts.length === 0) {
    throw new AppError('input.invalid', 'The file has no instance type with size and architecture.', {
      hint: 'Take what "aws ec2 describe-instance-types --output json" prints.',
    });
  }
  const layer = encodeTypes(facts, 'EC2 DescribeInstanceTypes', asOf);
  return summarised(layer, null, `${facts.length} instance types`);
}

function summarised(layer: LayerFile, region: string | null, message: string): ReadCatalogFile {
  const kind = layer.kind as 'types' | 'on-demand' | 'advisor';
  return { layer, region, summary: { kind, region, asOf: layer.asOf, figures: figuresIn(layer), message } };
}

async function heldJson(chunks: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > LARGEST_HELD_BYTES) {
      throw new AppError('input.too-large', `The file is larger than ${LARGEST_HELD_BYTES} bytes.`);
    }
    parts.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch (cause) {
    throw new AppError('input.invalid', `The file of ${bytes} bytes is no JSON, or is cut off.`, {
      cause,
      hint: 'Fetch the file again; nothing was taken from this one.',
    });
  }
}
