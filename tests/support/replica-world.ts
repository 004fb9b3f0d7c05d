import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { PostgresDatabases } from '../../server/platform/database/testing/postgres-databases.ts';
import { ReplicaTrust } from '../../server/platform/index.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where a replica leads, and the token of its sign-in link. */
export interface Leading {
  readonly url: string;
  readonly token: string;
}

/** `cloudoptim server` as one of several. */
export interface ReplicaProcess {
  readonly url: string;
  /** Resolves when it leads. */
  readonly leads: Promise<Leading>;
  /** Resolves with its exit code, or with the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** What it printed and logged so far. */
  said(): string;
  signal(name: NodeJS.Signals): void;
}

/** Replicas as processes over one database and one folder, with a wire to Redis that can be cut. */
export interface ReplicaWorld {
  readonly data: string;
  readonly databaseUrl: string;
  readonly wire: Wire;
  /** Starts one more and waits until it listens. */
  start(...flags: string[]): Promise<ReplicaProcess>;
  close(): Promise<void>;
}

/** A TCP relay, as before Redis. */
export interface Wire {
  readonly port: number;
  /** Cuts what is connected and lets nobody in until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param leaseSeconds as the setting */
export async function openReplicaWorld(
  postgresUrl: string,
  redisUrl: string,
  leaseSeconds: number,
): Promise<ReplicaWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-replicas-'));
  const data = join(folder, 'data');
  const databases = new PostgresDatabases(postgresUrl);
  const databaseUrl = await databases.create();
  const wire = await openWire(() => redisUrl);
  const secret = randomBytes(24).toString('hex');
  const throughWire = new URL(redisUrl);
  throughWire.hostname = '127.0.0.1';
  throughWire.port = String(wire.port);
  const children: ChildProcess[] = [];
  return {
    data,
    databaseUrl,
    wire,
    start: async (...flags) => {
      const child = spawn(
        process.execPath,
        [
          ...[join(root, 'server/main.ts'), 'server', '--port', '0', '--data', data],
          ...['--replica-lease-seconds', String(leaseSeconds), '--log-level', 'info', ...flags],
        ],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: {
            ...process.env,
            CLOUDOPTIM_DATABASE_URL: databaseUrl,
            CLOUDOPTIM_REDIS_URL: throughWire.href,
            CLOUDOPTIM_REPLICA_SECRET: secret,
            // Of the pretend EC2.
            AWS_ACCESS_KEY_ID: 'AKIATEST',
            AWS_SECRET_ACCESS_KEY: 'secret',
          },
        },
      );
      children.push(child);
      return replicaOf(child);
    },
    close: async () => {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await wire.close();
      const redis = new Redis(redisUrl);
      await redis.del(`cloudoptim:${new ReplicaTrust(secret).name}`);
      redis.disconnect();
      await databases.dropAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function replicaOf(child: ChildProcess): Promise<ReplicaProcess> {
  let said = '';
  const find = (pattern: RegExp) =>
    new Promise<RegExpExecArray>(resolve => {
      const look = () => {
        const found = pattern.exec(said);
        if (found) resolve(found);
      };
      child.stdout?.on('data', look);
      look();
    });
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const leads = find(/Sign in: (\S+)\/#token=(\S+)/).then(([, url = '', token = '']) => ({ url, token }));
  const listens = find(/CloudOptim listens on (\S+)/).then(([, url = '']) => url);
  const url = await Promise.race([
    listens,
    ended.then(code => {
      throw new Error(`the replica ended with ${code} before it listened: ${said}`);
    }),
  ]);
  return { url, leads, ended, said: () => said, signal: name => void child.kill(name) };
}

/** @param target where connections go that are made from now on */
export async function openWire(target: () => string): Promise<Wire> {
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer(near => {
    if (isCut) return void near.destroy();
    const { hostname, port } = new URL(target());
    const far = dial(Number(port || 6379), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutAll = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      cutAll();
    },
    mend: () => {
      isCut = false;
    },
    close: () => {
      cutAll();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}

/** Asks until the answer is as wanted; the last answer is in the error when that takes too long. */
export async function until<T>(
  ask: () => Promise<T>,
  isWanted: (answer: T) => boolean,
  forMs = 60_000,
): Promise<T> {
  const deadline = performance.now() + forMs;
  for (;;) {
    const answer = await ask().catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && isWanted(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(`it did not come: ${String(answer)} ${JSON.stringify(answer)}`);
    await delay(100);
  }
}

/** A call of the API, whoever answers; throws what was answered when that is no success. */
export async function callApi<T>(
  base: string,
  token: string,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(base + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer as T;
}

/** A token that outlives the leader, unlike that of its sign-in link. */
export async function lastingToken({ url, token }: Leading): Promise<string> {
  const body = { label: 'test', role: 'admin' };
  return (await callApi<{ secret: string }>(url, token, 'POST', '/api/v1/admin/tokens', body)).secret;
}
