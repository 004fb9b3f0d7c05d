import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSelfSignedCertificate } from '../simulator/kubernetes-api/self-signed-certificate.ts';
import { readSettings, type Settings } from './settings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function read(flags: string[], environment: Record<string, string> = {}): Settings {
  const settings = readSettings(['--server', 'https://x.example', '--data', folder, ...flags], environment);
  if (settings === 'help') throw new Error('help was asked for');
  return settings;
}

it('reads proxy, authorities and transport from options, then from the environment', () => {
  const file = join(folder, 'ca.pem');
  const { certificate } = createSelfSignedCertificate(Date.now());
  writeFileSync(file, `Our authority\n${certificate}${certificate}`);
  expect(read([])).toMatchObject({ proxy: undefined, authorities: undefined, transport: 'auto' });
  const environment = {
    CLOUDOPTIM_AGENT_PROXY: 'http://me:secret@proxy:3128',
    CLOUDOPTIM_AGENT_CA: file,
    CLOUDOPTIM_AGENT_TRANSPORT: 'http',
    HTTPS_PROXY: 'http://other:1',
  };
  const settings = read(['--transport', 'websocket'], environment);
  expect(settings.proxy?.href).toBe('http://me:secret@proxy:3128/');
  expect(settings.transport).toBe('websocket');
  expect(settings.authorities).toEqual([certificate.trim(), certificate.trim()]);
  expect(read([], { HTTPS_PROXY: 'http://other:1' }).proxy?.host).toBe('other:1');
});

it('names what is wrong with them', () => {
  const empty = join(folder, 'empty');
  writeFileSync(empty, '');
  const damaged = join(folder, 'damaged');
  writeFileSync(damaged, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  const cases: [string[], RegExp][] = [
    [['--transport', 'pigeon'], /^--transport is "pigeon"; give auto, websocket, http\.$/],
    [['--proxy', 'ftp://me:secret@proxy'], /^--proxy is "ftp:\/\/proxy"; give the proxy as/],
    [['--ca', join(folder, 'nowhere')], /certificates in .*nowhere cannot be read .*; name another file/],
    [['--ca', empty], /no PEM certificate in .*empty; name another file/],
    [['--ca', damaged], /certificate in .*damaged is damaged; name a whole PEM file/],
  ];
  for (const [flags, sentence] of cases) expect(() => read(flags)).toThrow(sentence);
});
