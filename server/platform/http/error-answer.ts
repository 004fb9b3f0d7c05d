import { hasZodFastifySchemaValidationErrors, isResponseSerializationError } from 'fastify-type-provider-zod';
import { AppError } from '../../../common/errors.ts';

interface FrameworkError {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message?: string;
}

/** Any thrown value as an error that a client may see. What nobody expected is a bug, without its details. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const first = error.validation[0];
    const place = `${error.validationContext ?? 'body'}${(first?.instancePath ?? '').replaceAll('/', '.')}`;
    return new AppError('input.invalid', `${place}: ${first?.message ?? 'not valid'}.`);
  }
  if (isResponseSerializationError(error)) return unexpected(error);
  const { statusCode, code, message } = (error ?? {}) as FrameworkError;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE' || code === 'FST_REQ_FILE_TOO_LARGE') {
    return new AppError('input.too-large', 'The request is larger than this call takes.');
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError('input.invalid', `${message ?? 'The request cannot be read'}.`.replace(/\.\.$/, '.'));
  }
  return unexpected(error);
}

function unexpected(cause: unknown): AppError {
  return new AppError('bug.unexpected', 'Something went wrong inside CloudOptim.', { cause });
}
