import { AppError } from '../../../common/errors.ts';

/** Hundreds of megabytes take long; a line on which nothing comes for this long is dead. */
const SILENCE_MS = 60_000;

/** A file that is being fetched. */
export interface FetchedFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Size on the wire; `null` when the server does not say, or packs it on the way. */
  readonly totalBytes: number | null;
  /** When the server says that it changed last, milliseconds. */
  readonly modifiedAt: number | null;
}

/**
 * Fetches a public file as a stream. The address is a setting of the operator, never of a caller; a redirect would lead
 * elsewhere and is refused.
 * @throws AppError `market.unreachable` that names the address
 */
export async function fetchPublicFile(url: string, signal: AbortSignal): Promise<FetchedFile> {
  const silence = new AbortController();
  const both = AbortSignal.any([signal, silence.signal]);
  const unreachable = (problem: string, cause?: unknown) =>
    new AppError('market.unreachable', `${url} cannot be fetched (${problem}).`, {
      cause,
      hint: 'Check the network and the address in the settings, or import a file that you fetched elsewhere.',
    });
  const failed = (error: unknown): unknown => {
    if (signal.aborted) return signal.reason;
    if (error instanceof AppError) return error;
    if (silence.signal.aborted) return unreachable(`nothing came for ${SILENCE_MS / 1_000} s`, error);
    const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
    return unreachable(cause?.code ?? cause?.message ?? message, error);
  };
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const response = await fetch(url, { signal: both, redirect: 'error' }).catch((error: unknown) => {
    clearTimeout(timer);
    throw failed(error);
  });
  const { body, headers } = response;
  if (!response.ok || body === null) {
    clearTimeout(timer);
    await body?.cancel();
    throw unreachable(`HTTP ${response.status}`);
  }
  async function* chunks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        yield chunk;
      }
    } catch (error) {
      throw failed(error);
    } finally {
      clearTimeout(timer);
    }
  }
  const length = headers.get('content-encoding') === null ? Number(headers.get('content-length')) : 0;
  const modified = Date.parse(headers.get('last-modified') ?? '');
  return {
    chunks: chunks(body),
    totalBytes: length > 0 ? length : null,
    modifiedAt: Number.isNaN(modified) ? null : modified,
  };
}
