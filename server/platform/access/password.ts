import crypto, { randomBytes, timingSafeEqual } from 'node:crypto';
import { AppError } from '../../../common/errors.ts';

/** OWASP's second choice for argon2id: 19 MiB, two passes, one lane. Kept with each hash, so that they can be raised. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_BYTES = 32;
/** Nobody waits for more of a hash that somebody else put into the database. */
const MOST_MEMORY_KIB = 262_144;
const MOST_PASSES = 10;

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
}

/** The argon2id hash of a password in the PHC format (RFC 9106 names the parameters), with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await argon2id(password, salt, { memoryKib: MEMORY_KIB, passes: PASSES });
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${base64(salt)}$${base64(tag)}`;
}

/**
 * Whether a password is the one that was hashed. Where there is no hash it takes as long, so that the time does not tell
 * which users there are.
 */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const found = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? '') ?? [
    '',
    MEMORY_KIB,
    PASSES,
    base64(Buffer.alloc(16)),
    '',
  ];
  const [, memory, passes, salt, tag] = found;
  const cost = { memoryKib: Number(memory), passes: Number(passes) };
  if (cost.memoryKib > MOST_MEMORY_KIB || cost.passes > MOST_PASSES) return false;
  const expected = Buffer.from(String(tag), 'base64');
  const given = await argon2id(password, Buffer.from(String(salt), 'base64'), cost);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function argon2id(password: string, nonce: Buffer, { memoryKib, passes }: Cost): Promise<Buffer> {
  // Node has it from OpenSSL 3.2 on; Electron is built without.
  if (typeof crypto.argon2 !== 'function')
    throw new AppError('config.invalid', 'This program cannot check passwords.', {
      hint: 'Passwords are for "cloudoptim server" on Node 24; sign in with a token here.',
    });
  return new Promise((resolve, reject) => {
    crypto.argon2(
      'argon2id',
      {
        message: Buffer.from(password.normalize('NFKC'), 'utf8'),
        nonce,
        parallelism: 1,
        tagLength: TAG_BYTES,
        memory: memoryKib,
        passes,
      },
      (error, tag) => (error ? reject(error) : resolve(Buffer.from(tag))),
    );
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
