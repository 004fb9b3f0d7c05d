import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KeychainStorage, SecretStore } from './secret-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-secrets-'));
  file = join(folder, 'secrets.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A keychain whose key is a number: what was encrypted with another one it does not open. */
function keychain(key = 1, { isThere = true, backend = 'gnome_libsecret', isRotated = false } = {}) {
  const storage: KeychainStorage = {
    isAsyncEncryptionAvailable: async () => isThere,
    getSelectedStorageBackend: () => backend as 'basic_text',
    encryptStringAsync: async text => Buffer.from(`${key}${text}`).map(byte => byte ^ 0x5a) as Buffer,
    decryptStringAsync: async bytes => {
      const text = Buffer.from(bytes.map(byte => byte ^ 0x5a)).toString();
      if (!text.startsWith(String(key))) throw new Error('wrong key');
      return { result: text.slice(1), shouldReEncrypt: isRotated };
    },
  };
  return storage;
}

it('keeps secrets across restarts, readable by their owner alone and in no clear text, and forgets them', async () => {
  const store = new SecretStore(file, keychain(), 'linux');
  expect(await store.protection()).toEqual({ by: 'keychain', hasSecrets: false });
  await Promise.all(['a', 'b', 'c'].map(name => store.keepSecret(name, `canary-${name}`)));
  await store.keepSecret('a', 'canary-new');
  expect(readFileSync(file, 'utf8')).not.toContain('canary');
  expect(readFileSync(file, 'utf8')).not.toContain(Buffer.from('canary').toString('base64').slice(0, 6));
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
  const later = new SecretStore(file, keychain(), 'linux');
  expect(await later.protection()).toEqual({ by: 'keychain', hasSecrets: true });
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(name => later.secret(name)))).toEqual([
    'canary-new',
    'canary-b',
    'canary-c',
    undefined,
  ]);
  for (const name of ['a', 'b', 'c', 'd']) await later.forgetSecret(name);
  expect(await later.secret('a')).toBeUndefined();
  expect((await later.protection()).hasSecrets).toBe(false);
});

it('keeps nothing where there is no keychain', async () => {
  const store = new SecretStore(file, keychain(1, { isThere: false }), 'linux');
  expect((await store.protection()).by).toBe('nothing');
  await expect(store.keepSecret('a', 'canary')).rejects.toThrow('has no keychain');
  expect(() => readFileSync(file)).toThrow('ENOENT');
});

it('says so where the keychain of Linux is only a text', async () => {
  const plain = keychain(1, { backend: 'basic_text' });
  expect((await new SecretStore(file, plain, 'linux').protection()).by).toBe('plain-text');
  expect((await new SecretStore(file, plain, 'darwin').protection()).by).toBe('keychain');
});

it('has none that the keychain does not open any more, and none in a damaged file', async () => {
  await new SecretStore(file, keychain(1), 'linux').keepSecret('a', 'x');
  expect(await new SecretStore(file, keychain(2), 'linux').secret('a')).toBeUndefined();
  expect(await new SecretStore(file, keychain(1, { isRotated: true }), 'linux').secret('a')).toBe('x');
  writeFileSync(file, '{"a": "dGVz');
  const store = new SecretStore(file, keychain(1), 'linux');
  expect(await store.secret('a')).toBeUndefined();
  await store.keepSecret('b', 'y');
  expect(await store.secret('b')).toBe('y');
});
