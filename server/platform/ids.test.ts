import { parseArgs } from 'node:util';
import { expect, it } from 'vitest';
import { newId, newSecret } from './ids.ts';

it('every new secret can follow an option of a command', () => {
  const parse = (secret: string) =>
    parseArgs({ args: ['--join', secret], options: { join: { type: 'string' } } }).values.join;
  for (let count = 0; count < 2_000; count++) {
    const secret = newSecret();
    expect(parse(secret)).toBe(secret);
    expect(secret).toMatch(/^[\w-]{43}$/);
  }
});

it('no two new ids are the same, and each says what it is of', () => {
  const ids = Array.from({ length: 1_000 }, () => newId('plan'));
  expect(new Set(ids).size).toBe(1_000);
  for (const id of ids) expect(id).toMatch(/^plan-[0-9a-f]{20}$/);
});
