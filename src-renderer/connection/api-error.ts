import type { ErrorCode, ErrorKind } from '../../common/errors.ts';

/** Codes that arise on this side of the wire, beside those of the catalogue. */
export type ClientErrorCode = 'client.unreachable' | 'client.unreadable';

/** An error of a call as a person may see it: `message` says what is wrong, `hint` what to do. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | ClientErrorCode;
  readonly kind: ErrorKind;
  readonly hint: string;
  readonly status: number;
  readonly details: unknown;

  constructor(fields: {
    code: ErrorCode | ClientErrorCode;
    kind: ErrorKind;
    message: string;
    hint: string;
    status: number;
    details?: unknown;
  }) {
    super(fields.message);
    this.code = fields.code;
    this.kind = fields.kind;
    this.hint = fields.hint;
    this.status = fields.status;
    this.details = fields.details;
  }
}

/** The error of an answer that was no success: the server's own words where it gave them. */
export function errorOfAnswer(status: number, text: string): ApiError {
  const body = parseErrorBody(text);
  if (body) return new ApiError({ ...body, status });
  return new ApiError({
    code: 'client.unreadable',
    kind: 'operational',
    message: `The server answered ${status} without saying why.`,
    hint: 'Something between this page and CloudOptim may have answered instead; check the address.',
    status,
  });
}

/** The error of a call that got no answer at all. */
export function unreachable(): ApiError {
  return new ApiError({
    code: 'client.unreachable',
    kind: 'operational',
    message: 'CloudOptim does not answer.',
    hint: 'Check that the engine runs and that the network is up; what is on the screen stays readable.',
    status: 0,
  });
}

/** Whatever was thrown, as an error that can be shown. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({
    code: 'bug.unexpected',
    kind: 'bug',
    message: error instanceof Error ? error.message : 'Something went wrong in this page.',
    hint: 'Reload the page; if it happens again, report it with what you did.',
    status: 0,
  });
}

function parseErrorBody(
  text: string,
): { code: ErrorCode; kind: ErrorKind; message: string; hint: string; details?: unknown } | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: Record<string, unknown> };
    if (typeof error?.code !== 'string' || typeof error.message !== 'string') return undefined;
    return {
      code: error.code as ErrorCode,
      kind: (error.kind as ErrorKind | undefined) ?? 'operational',
      message: error.message,
      hint: hintOf(error),
      details: error.details,
    };
  } catch {
    return undefined;
  }
}

/** Of a fault, the id under which the log has the rest, too. */
function hintOf({ kind, hint, requestId }: Record<string, unknown>): string {
  const text = typeof hint === 'string' ? hint : '';
  return kind === 'bug' && typeof requestId === 'string' ? `${text} The request id is ${requestId}.` : text;
}
