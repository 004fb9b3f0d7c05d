import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashPassword, isPassword } from './password.ts';

describe('hashPassword', () => {
  it('makes another hash each time, and each knows its password only', async () => {
    const [one, other] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await isPassword('correct horse', one)).toBe(true);
    expect(await isPassword('correct horsf', one)).toBe(false);
    expect(await isPassword('', one)).toBe(false);
    expect(await isPassword('correct horse', undefined)).toBe(false);
  });

  it('takes a password typed with composed or decomposed letters as one', async () => {
    expect(await isPassword('cafe\u0301 au lait', await hashPassword('caf\u00e9 au lait'))).toBe(true);
  });
});

describe('isPassword', () => {
  /** Made by `argon2 somesalt -id -v 13 -t 2 -m 16 -p 1 -l 32` of the reference implementation (its test.c). */
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';

  it('knows a hash of the reference implementation', async () => {
    expect(await isPassword('password', reference)).toBe(true);
    expect(await isPassword('differentpassword', reference)).toBe(false);
  });

  it('computes nothing of a hash that asks for a machine of its own', async () => {
    expect(await isPassword('x', reference.replace('m=65536', 'm=9999999'))).toBe(false);
    expect(await isPassword('x', reference.replace('t=2', 't=99'))).toBe(false);
  });

  it('is there in this Node', () => expect(typeof crypto.argon2).toBe('function'));
});
