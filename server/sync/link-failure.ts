import { AppError, type ErrorCode, errorCatalogue } from '../../common/errors.ts';

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; the clock of one side may be wrong',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself, and so by nobody that this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'comes from an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'belongs to another name',
  CERT_REVOKED: 'was revoked',
};

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name cannot be looked up; the network may be down',
  ETIMEDOUT: 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer in time',
  UND_ERR_HEADERS_TIMEOUT: 'it does not answer in time',
  UND_ERR_BODY_TIMEOUT: 'it stopped in the middle of its answer',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no network',
  ECONNRESET: 'it broke the connection off',
  UND_ERR_SOCKET: 'it broke the connection off',
  EPROTO: 'it does not speak TLS at this port',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS at this port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS at this port',
};

/** A call that got no answer, in a sentence. An abort by `signal` stays what it is. */
export function linkFailure(cause: unknown, origin: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  if (cause instanceof AppError) return cause;
  const codes = codesOf(cause);
  const certificate = codes.map(code => CERTIFICATE[code]).find(text => text !== undefined);
  if (certificate !== undefined)
    return new AppError('sync.certificate-refused', `The certificate of ${origin} ${certificate}.`, {
      cause,
    });
  const isTimeout = cause instanceof Error && cause.name === 'TimeoutError';
  const why = isTimeout ? 'it does not answer in time' : codes.map(code => NETWORK[code]).find(Boolean);
  return new AppError('sync.unreachable', `${origin} cannot be reached: ${why ?? 'the call failed'}.`, {
    cause,
  });
}

/** An answer that is no success, as the error that it tells of. */
export function answeredError(status: number, body: unknown, origin: string): AppError {
  const { error } = Object(body) as { error?: Partial<Record<'code' | 'message' | 'hint', string>> };
  if (!error || typeof error.message !== 'string' || typeof error.code !== 'string')
    return notAnEngine(origin, status);
  const code = error.code in errorCatalogue ? (error.code as ErrorCode) : undefined;
  if (code === undefined || errorCatalogue[code].kind === 'bug')
    return new AppError('sync.unreachable', `${origin} failed: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  return new AppError(code, error.message, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: (error as { details?: unknown }).details,
  });
}

/** Something answers, but not as an engine does. */
export function notAnEngine(origin: string, status: number): AppError {
  return new AppError(
    'sync.address-wrong',
    `What answers at ${origin} (status ${status}) is no CloudOptim server.`,
  );
}

function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code, errors } = at as { code?: unknown; errors?: unknown };
    if (typeof code === 'string') codes.push(code);
    if (Array.isArray(errors)) codes.push(...errors.flatMap(codesOf));
  }
  return codes;
}
