import { AppError } from '../../../common/errors.ts';

/** What a failed request means for a fill. */
export type Ec2Failure =
  | { readonly kind: 'throttled' }
  | { readonly kind: 'passing'; readonly error: AppError }
  | { readonly kind: 'final'; readonly error: AppError };

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const THROTTLING = new Set([
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
const REFUSED_KEY = new Set([
  'AuthFailure',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'RequestExpired',
  'OptInRequired',
]);

/** Sorts what the AWS SDK throws, with one sentence that names region, endpoint and action. */
export function ec2Failure(
  thrown: unknown,
  place: { region: string; endpoint: string | undefined; action?: string; service?: string },
): Ec2Failure {
  const { name = '', message = '', code = '', $metadata } = (thrown ?? {}) as SdkError;
  const { service = 'EC2' } = place;
  const where =
    place.endpoint === undefined
      ? `${service} in ${place.region}`
      : `the ${service} endpoint ${place.endpoint}`;
  if (THROTTLING.has(name)) return { kind: 'throttled' };
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return final(
      'market.credentials-missing',
      `No AWS credentials were found for ${where} (${message}).`,
      thrown,
    );
  }
  if (REFUSED_KEY.has(name)) {
    return final('market.credentials-refused', `AWS refused the credentials for ${where} (${name}).`, thrown);
  }
  if (name === 'UnauthorizedOperation' || name === 'AccessDenied') {
    return final(
      'market.credentials-refused',
      `These AWS credentials may not do ${place.action ?? 'ec2:DescribeSpotPriceHistory'} in ${place.region}.`,
      thrown,
    );
  }
  const status = $metadata?.httpStatusCode;
  if (status !== undefined && status >= 400 && status < 500) {
    return final(
      'input.invalid',
      `${where} refused the request: ${(message || name).replace(/\.$/, '')}.`,
      thrown,
    );
  }
  const isLate = name === 'AbortError' || name === 'TimeoutError';
  const problem = status !== undefined ? `HTTP ${status}` : isLate ? 'no answer in time' : code || name;
  const error = new AppError('market.unreachable', `${capital(where)} cannot be reached (${problem}).`, {
    cause: thrown,
  });
  return { kind: 'passing', error };
}

function final(
  code: 'market.credentials-missing' | 'market.credentials-refused' | 'input.invalid',
  text: string,
  cause: unknown,
): Ec2Failure {
  return { kind: 'final', error: new AppError(code, text, { cause }) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
