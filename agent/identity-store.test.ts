import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type IdentityKeeper, keepIdentity, loadIdentity, nextBoot, saveIdentity } from './identity-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agent-identity-'));
  saveIdentity(folder, {
    ...{ serverUrl: 'https://x.example', agentId: 'agent-1', clusterId: 'cluster-1', clusterName: 'shop' },
    ...{ key: 'k0', instanceId: 'i', bootEpoch: 0 },
  });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As after a kill: only what is on disk counts. */
function restart(): IdentityKeeper {
  const stored = loadIdentity(folder);
  if (!stored) throw new Error('there is no identity');
  return keepIdentity(folder, nextBoot(folder, stored));
}
/** Keys in the order in which an agent tries them after a start. */
function tried(): string[] {
  const keeper = restart();
  const keys = [keeper.current.key];
  while (keeper.fallBack()) keys.push(keeper.current.key);
  return keys;
}

it('has a new key on disk at once, and the one before it until the server took the new one', () => {
  const keeper = restart();
  keeper.takeKey('k1');
  expect(keeper.current).toMatchObject({ key: 'k1', bootEpoch: 1 });
  expect(tried()).toEqual(['k1', 'k0']);
  const second = restart();
  second.keyWasTaken('k0');
  expect(tried()).toEqual(['k1', 'k0']);
  second.keyWasTaken('k1');
  expect(tried()).toEqual(['k1']);
});

it('keeps all keys of which nobody knows whether the server took them, and forgets those that it does not know', () => {
  const keeper = restart();
  keeper.takeKey('k1');
  keeper.takeKey('k2');
  keeper.takeKey('k2');
  expect(tried()).toEqual(['k2', 'k1', 'k0']);
  const second = restart();
  expect(second.fallBack()).toBe(true);
  second.keyWasTaken(second.current.key);
  expect(tried()).toEqual(['k1']);
  for (let n = 0; n < 50; n++) second.takeKey(`m${n}`);
  expect(tried()).toHaveLength(21);
});
