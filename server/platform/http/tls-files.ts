import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { AppError } from '../../../common/errors.ts';

const LOOK_AGAIN_MS = 60_000;

/** Where certificate (with its chain) and private key are, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What a TLS server is set up with. @throws AppError `config.invalid` for files that cannot be read or do not fit */
export function readTlsFiles({ cert, key }: TlsFiles): SecureContextOptions {
  const options = {
    cert: read('--tls-cert', cert),
    key: read('--tls-key', key),
    minVersion: 'TLSv1.2' as const,
  };
  try {
    createSecureContext(options);
    return options;
  } catch (cause) {
    throw new AppError(
      'config.invalid',
      `The certificate ${cert} and the key ${key} cannot be used together.`,
      {
        hint: 'Give a PEM file with the certificate and its chain, and the PEM file of its own private key, without a passphrase.',
        cause,
      },
    );
  }
}

/**
 * Looks every minute whether the files are others, so that a renewed certificate needs no start.
 * @param use takes what was read; new connections have it
 * @param failed hears why changed files cannot be used; the present ones stay
 * @returns stops looking
 */
export function watchTlsFiles(
  files: TlsFiles,
  use: (options: SecureContextOptions) => void,
  failed: (error: unknown) => void,
  everyMs = LOOK_AGAIN_MS,
): () => void {
  let seen = stampOf(files);
  const timer = setInterval(() => {
    const now = stampOf(files);
    if (now === seen) return;
    seen = now;
    try {
      use(readTlsFiles(files));
    } catch (error) {
      failed(error);
    }
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}

function stampOf(files: TlsFiles): string {
  return [files.cert, files.key]
    .map(path => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : 'none';
    })
    .join();
}

function read(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new AppError('config.invalid', `The file ${path} of ${flag} cannot be read.`, {
      hint: 'Check its name, and that this user may read it.',
      cause,
    });
  }
}
