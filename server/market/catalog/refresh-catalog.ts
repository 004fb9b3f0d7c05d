import type { CatalogPart, CatalogRefresh, CatalogRefreshOrder } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock, JobContext } from '../../platform/index.ts';
import type { Ec2SourceOptions } from '../sources/ec2-source.ts';
import { describeTypes } from './describe-types.ts';
import { type FetchedFile, fetchPublicFile } from './fetch-public-file.ts';
import { layerOfOffer, type ReadCatalogFile, readCatalogFile } from './import-catalog-file.ts';
import { encodeTypes } from './layer-codec.ts';
import { OfferFileReader } from './offer-file.ts';
import type { CatalogFilesKeeper } from './open-catalog-files.ts';
import { unpackedChunks } from './unpacked-chunks.ts';

/** Where the public files are; set by the operator. */
export interface CatalogAddresses {
  /** Without the path that follows: `https://pricing.us-east-1.amazonaws.com`. */
  readonly priceListUrl: string;
  readonly spotAdvisorUrl: string;
}

interface RefreshParts {
  readonly addresses: CatalogAddresses;
  readonly ec2: Ec2SourceOptions;
  readonly clock: Clock;
  readonly putLayer: CatalogFilesKeeper['putLayer'];
}

type Step = {
  -readonly [Name in keyof CatalogRefresh['steps'][number]]: CatalogRefresh['steps'][number][Name];
};

const REPORT_EVERY_BYTES = 4 * 1024 ** 2;

/** The steps of an order: sizes and prices region by region, the advisor once for all. */
export function stepsOf({ parts, regions }: Required<CatalogRefreshOrder>): Step[] {
  const step = (part: CatalogPart, region: string | null): Step => ({
    part,
    region,
    state: 'waiting',
    bytes: 0,
    totalBytes: null,
    message: null,
  });
  return parts.flatMap(part =>
    part === 'advisor' ? [step(part, null)] : [...new Set(regions)].map(region => step(part, region)),
  );
}

/**
 * Brings the catalog up to date, step by step; each step is stored as soon as it is whole, and one that fails leaves the
 * figures that were there and lets the others go on.
 * @throws AppError of the first step that failed, after all were tried
 */
export async function refreshCatalog(parts: RefreshParts, context: JobContext): Promise<string | null> {
  const { signal } = context;
  const steps = stepsOf(context.input as Required<CatalogRefreshOrder>);
  const report = () => context.report({ steps: steps.map(step => ({ ...step })) });
  const failures: unknown[] = [];
  for (const step of steps) {
    step.state = 'running';
    report();
    try {
      const { layer, region, summary } = await readStep(parts, step, signal, report);
      signal.throwIfAborted();
      await parts.putLayer(layer, region);
      step.state = 'done';
      step.message = summary;
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
      step.state = 'failed';
      step.message = error instanceof AppError ? `${error.message} ${error.hint}` : String(error);
    }
    report();
  }
  if (failures.length === 0) return null;
  const [first] = failures;
  const rest = failures.length === 1 ? '' : ` (and ${failures.length - 1} more steps failed)`;
  throw new AppError(
    first instanceof AppError ? first.code : 'bug.unexpected',
    `${first instanceof Error ? first.message : String(first)}${rest}`,
    { cause: first },
  );
}

async function readStep(
  parts: RefreshParts,
  step: Step,
  signal: AbortSignal,
  report: () => void,
): Promise<Pick<ReadCatalogFile, 'layer' | 'region'> & { summary: string }> {
  const { addresses, clock, ec2 } = parts;
  const region = step.region ?? '';
  if (step.part === 'types') {
    const types = await describeTypes(ec2, region, signal, count => {
      step.message = `${count} instance types so far`;
      report();
    });
    const source =
      ec2.endpoint === undefined ? 'EC2 DescribeInstanceTypes' : `DescribeInstanceTypes at ${ec2.endpoint}`;
    const layer = encodeTypes(types, source, new Date(clock.now()).toISOString());
    return { layer, region, summary: `${types.length} instance types` };
  }
  if (step.part === 'advisor') {
    const file = await fetchPublicFile(addresses.spotAdvisorUrl, signal);
    // The feed has no date: what the server says of it, else when it was fetched.
    const asOf = new Date(file.modifiedAt ?? clock.now()).toISOString();
    const { layer, summary } = await readCatalogFile(counted(file, step, report), asOf);
    if (summary.kind !== 'advisor')
      throw new AppError('input.invalid', `${addresses.spotAdvisorUrl} is no Spot advisor feed.`);
    return { layer, region: null, summary: summary.message };
  }
  const file = await fetchPublicFile(offerFileUrl(addresses.priceListUrl, region), signal);
  const reader = new OfferFileReader();
  for await (const chunk of unpackedChunks(counted(file, step, report))) reader.push(chunk);
  const { layer, summary } = layerOfOffer(reader.finish(region));
  return { layer, region, summary: summary.message };
}

/** Address of the price list of a region, as the AWS Billing user guide gives it. */
function offerFileUrl(base: string, region: string): string {
  return `${base.replace(/\/+$/, '')}/offers/v1.0/aws/AmazonEC2/current/${region}/index.json`;
}

async function* counted(file: FetchedFile, step: Step, report: () => void): AsyncGenerator<Uint8Array> {
  step.totalBytes = file.totalBytes;
  let reported = 0;
  for await (const chunk of file.chunks) {
    step.bytes += chunk.length;
    if (step.bytes - reported >= REPORT_EVERY_BYTES) {
      reported = step.bytes;
      report();
    }
    yield chunk;
  }
}
