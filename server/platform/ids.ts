import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ID_BYTES = 10;
/** Every request gets an id, and asking for many random bytes at once costs as much as for ten. */
const IDS_AT_ONCE = 128;
let bytes = Buffer.alloc(0);
let used = 0;

/** A new id like `plan-3f9a…`: 80 random bits behind a word that says what it is. */
export function newId<T extends string>(kind: string): T {
  if (used === bytes.length) {
    bytes = randomBytes(ID_BYTES * IDS_AT_ONCE);
    used = 0;
  }
  const id = bytes.toString('hex', used, used + ID_BYTES);
  used += ID_BYTES;
  return `${kind}-${id}` as T;
}

/** A new secret of 256 random bits, in URL-safe text. None begins with a dash: `--join -abc…` would be read as two options. */
export function newSecret(): string {
  for (;;) {
    const secret = randomBytes(32).toString('base64url');
    if (!secret.startsWith('-')) return secret;
  }
}

/** What is kept of a secret: its SHA-256. Enough for secrets of 256 random bits; not for passwords. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Compares two hex digests without telling how far they agree. */
export function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
