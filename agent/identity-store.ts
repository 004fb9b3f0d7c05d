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
