import { describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import { loadSettings, settingFlag } from './settings.ts';

function problem(flags: Record<string, unknown>, environment: Record<string, string> = {}): AppError {
  try {
    loadSettings(flags, environment);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('these settings were accepted');
}

describe('loadSettings', () => {
  it('takes flags before the environment before defaults', () => {
    expect(loadSettings({}, {}).port).toBe(8000);
    expect(loadSettings({}, { CLOUDOPTIM_PORT: '9000' }).port).toBe(9000);
    expect(loadSettings({ port: '9100' }, { CLOUDOPTIM_PORT: '9000' }).port).toBe(9100);
  });

  it.each(['abc', '-1', '65536', '80.5'])('refuses the port %s and names it', port => {
    const error = problem({ port });
    expect(error.code).toBe('config.invalid');
    expect(error.message).toContain('--port');
    expect(error.message).toContain(port);
  });

  it('names the environment variable where the wrong value came from it', () => {
    expect(problem({}, { CLOUDOPTIM_PORT: 'x' }).message).toContain('CLOUDOPTIM_PORT');
    expect(problem({}, { CLOUDOPTIM_HOST: 'all' }).message).toContain('CLOUDOPTIM_HOST');
    expect(problem({}, { CLOUDOPTIM_EC2_ENDPOINT: 'ftp://x' }).message).toContain('CLOUDOPTIM_EC2_ENDPOINT');
  });

  it('reads lists and flags from text', () => {
    const settings = loadSettings({}, { CLOUDOPTIM_ALLOWED_HOSTS: 'a, b', CLOUDOPTIM_SIGN_IN_LINK: 'false' });
    expect(settings.allowedHosts).toEqual(['a', 'b']);
    expect(settings.openSignIn).toBe(false);
  });
});

it('names the flag of a setting as people write it', () => {
  expect(settingFlag('ec2Endpoint')).toBe('--ec2-endpoint');
  expect(settingFlag('priceRetentionDays')).toBe('--price-retention-days');
  expect(settingFlag('openSignIn')).toBe('--no-open-sign-in');
  expect(problem({ ec2Endpoint: 'ftp://x' }).message).toContain('--ec2-endpoint');
});

it('takes what replicas need together, and shows none of their secrets', () => {
  const whole = {
    CLOUDOPTIM_REDIS_URL: 'redis://:hidden-word@cache:6379',
    CLOUDOPTIM_DATABASE_URL: 'postgresql://user@db/cloudoptim',
    CLOUDOPTIM_REPLICA_SECRET: 'x'.repeat(32),
  };
  expect(loadSettings({}, whole)).toMatchObject({ replicaLeaseSeconds: 15 });
  const { CLOUDOPTIM_DATABASE_URL: _, ...noDatabase } = whole;
  expect(problem({}, noDatabase).message).toBe('--redis-url is given without --database-url.');
  const { CLOUDOPTIM_REPLICA_SECRET: __, ...noSecret } = whole;
  expect(problem({}, noSecret).message).toBe('--redis-url is given without CLOUDOPTIM_REPLICA_SECRET.');
  const everywhere = { host: '0.0.0.0', allowPlainHttp: true };
  expect(problem(everywhere, whole).message).toBe('--redis-url is given without --replica-url.');
  for (const wrong of ['http://:hidden-word@cache', 'hidden-word']) {
    const { message } = problem({}, { ...whole, CLOUDOPTIM_REDIS_URL: wrong });
    expect(message).toMatch(/^CLOUDOPTIM_REDIS_URL is wrong: /);
    expect(message).not.toContain('hidden-word');
  }
  const short = problem({}, { ...whole, CLOUDOPTIM_REPLICA_SECRET: 'hidden-word' });
  expect(short.message).toBe('CLOUDOPTIM_REPLICA_SECRET is wrong: give at least 32 characters.');
});
