import type { CatalogTypeFacts } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { traceAwsClient } from '../../platform/index.ts';
import { ec2Failure } from '../sources/ec2-failure.ts';
import type { Ec2SourceOptions } from '../sources/ec2-source.ts';
import { typeFactsOf } from './type-facts.ts';

const PAGE_SIZE = 100;
/** With the SDK's standard pauses between them this rides out a throttle of some ten seconds. */
const TRIES = 6;
const ANSWER_WITHIN_MS = 30_000;

/**
 * Sizes of all instance types of a region, by `ec2:DescribeInstanceTypes` alone.
 * @param onPage hears how many types have come so far
 * @throws AppError `market.*` when EC2 cannot be asked, `input.invalid` when it names no type
 */
export async function describeTypes(
  options: Ec2SourceOptions,
  region: string,
  signal: AbortSignal,
  onPage: (types: number) => void,
): Promise<CatalogTypeFacts[]> {
  // Imported here: it is heavy, and a start needs none of it.
  const { DescribeInstanceTypesCommand, EC2Client } = await import('@aws-sdk/client-ec2');
  const { endpoint, profile, credentials } = options;
  const own = new EC2Client({
    region,
    maxAttempts: TRIES,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(profile === undefined ? {} : { profile }),
    ...(credentials === undefined ? {} : { credentials }),
  });
  const client = traceAwsClient(own, 'ec2', region);
  const types: CatalogTypeFacts[] = [];
  try {
    let nextToken: string | undefined;
    do {
      const { InstanceTypes = [], NextToken } = await client.send(
        new DescribeInstanceTypesCommand({
          MaxResults: PAGE_SIZE,
          ...(nextToken === undefined ? {} : { NextToken: nextToken }),
        }),
        { abortSignal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]) },
      );
      for (const info of InstanceTypes) {
        const known = typeFactsOf(info);
        if (known) types.push(known);
      }
      onPage(types.length);
      // The end is an absent token or, as recorded from EC2 itself, an empty one.
      nextToken = NextToken === '' ? undefined : NextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, region, options.endpoint);
  } finally {
    client.destroy();
  }
  if (types.length === 0) throw new AppError('input.invalid', `EC2 in ${region} named no instance type.`);
  return types;
}

function failureOf(error: unknown, region: string, endpoint: string | undefined): AppError {
  const failure = ec2Failure(error, { region, endpoint, action: 'ec2:DescribeInstanceTypes' });
  return failure.kind === 'throttled'
    ? new AppError(
        'market.unreachable',
        `EC2 in ${region} refused the request because of too many requests.`,
        {
          cause: error,
          hint: 'Refresh again in a minute.',
        },
      )
    : failure.error;
}
