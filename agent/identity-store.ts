import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AgentStop } from './agent-stop.ts';
import { replaceFile } from './durable-file.ts';

const identity = z.object({
  serverUrl: z.string(),
  agentId: z.string(),
  clusterId: z.string(),
  clusterName: z.string(),
  key: z.string(),
  /** Keys before it, newest first, until the server took one that is newer. */
  earlierKeys: z.array(z.string()).optional(),
  instanceId: z.string(),
  bootEpoch: z.number().int().nonnegative(),
});

/** Who this agent is. `key` is a secret: it goes into the handshake and into this file only. */
export type Identity = Readonly<z.output<typeof identity>>;

/** The stored identity, or `undefined` before enrolment. Throws `AgentStop` when the file is damaged. */
export function loadIdentity(dataFolder: string): Identity | undefined {
  const path = identityFile(dataFolder);
  if (!existsSync(path)) return undefined;
  const parsed = identity.safeParse(parseJson(readFileSync(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new AgentStop(
    2,
    `The identity in ${path} is damaged; remove the file and start once with a new join token (--join).`,
  );
}

/** Stores the identity with mode 0600; when this returns it is on disk. */
export function saveIdentity(dataFolder: string, value: Identity): void {
  replaceFile(identityFile(dataFolder), [`${JSON.stringify(value)}\n`]);
}

/** Stores and returns the identity of one more start: `bootEpoch` grows by one. */
export function nextBoot(dataFolder: string, value: Identity): Identity {
  const next = { ...value, bootEpoch: value.bootEpoch + 1 };
  saveIdentity(dataFolder, next);
  return next;
}

/** The identity while the agent runs. Its key changes; everything else stays as it was at the start. */
export interface IdentityKeeper {
  /** With the key to use now. */
  readonly current: Identity;
  /** Stores a new key, which is used from now on; on disk when this returns. Throws what the file system throws. */
  takeKey(key: string): void;
  /** The server took this key: those before it are not needed any more. */
  keyWasTaken(key: string): void;
  /** The server does not know the key: goes back to the one before it. `false` when there is none. */
  fallBack(): boolean;
}

/** More keys that the server never took than this are forgotten, the oldest first. */
const mostEarlierKeys = 20;

/**
 * Keeps the identity of a running agent. A new key may be lost on the server's side (its disk was set back, or it was killed
 * before it told); so the keys before it stay on disk until the server has taken a newer one.
 */
export function keepIdentity(dataFolder: string, stored: Identity): IdentityKeeper {
  let keys = [stored.key, ...(stored.earlierKeys ?? [])];
  /** Which key is used: the newest but for those that the server does not know. */
  let used = 0;
  const save = (next: string[]): void => {
    const [key = '', ...earlierKeys] = next;
    const { earlierKeys: _, ...rest } = stored;
    saveIdentity(dataFolder, { ...rest, key, ...(earlierKeys.length > 0 ? { earlierKeys } : {}) });
    keys = next;
    used = 0;
  };
  return {
    get current() {
      return { ...stored, key: keys[used] ?? stored.key };
    },
    takeKey(key) {
      if (!keys.includes(key)) save([key, ...keys.slice(used)].slice(0, mostEarlierKeys + 1));
    },
    keyWasTaken(key) {
      const at = keys.indexOf(key);
      const next = keys.slice(used > 0 ? at : 0, at + 1);
      if (at >= 0 && next.length < keys.length) save(next);
    },
    fallBack() {
      if (used + 1 >= keys.length) return false;
      used++;
      return true;
    },
  };
}

function identityFile(dataFolder: string): string {
  return join(dataFolder, 'identity.json');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
