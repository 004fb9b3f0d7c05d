import { describe, expect, it } from 'vitest';
import { createHostPolicy } from './host-check.ts';

const policy = createHostPolicy({
  port: 8000,
  secure: false,
  extraHosts: ['optim.corp.example'],
  extraOrigins: ['app://cloudoptim'],
});

describe('createHostPolicy', () => {
  it.each(['127.0.0.1:8000', 'localhost:8000', '[::1]:8000', 'optim.corp.example'])('answers to %s', host => {
    expect(policy.isAllowedHost(host)).toBe(true);
  });

  it.each([
    undefined,
    '',
    ':8000',
    '127.0.0.1',
    '127.0.0.1:8001',
    'localhost',
    'localhost.:8000',
    'localhost:8000.evil.example',
    'localhost.evil.example:8000',
    '127.attacker.example:8000',
    '127.0.0.1.nip.io:8000',
    '127.1:8000',
    '2130706433:8000',
    '0x7f.0.0.1:8000',
    '0.0.0.0:8000',
    '[::ffff:127.0.0.1]:8000',
    'user@127.0.0.1:8000',
    'LOCALHOST:8000',
    'my.local:8000',
    'evil.optim.corp.example',
    'optim.corp.example.',
    '127.0.0.1:8000,evil.example',
  ])('does not answer to %s', host => {
    expect(policy.isAllowedHost(host)).toBe(false);
  });

  it.each([undefined, 'http://127.0.0.1:8000', 'http://localhost:8000', 'app://cloudoptim'])(
    'lets %s call',
    origin => {
      expect(policy.isAllowedOrigin(origin)).toBe(true);
    },
  );

  it.each([
    'null',
    '',
    'https://127.0.0.1:8000',
    'http://127.0.0.1:8001',
    'http://127.0.0.1:8000.evil.example',
    'http://127.0.0.1:8000/',
    'http://evil.example',
    'app://cloudoptim.evil',
  ])('does not let %s call', origin => {
    expect(policy.isAllowedOrigin(origin)).toBe(false);
  });
});
