import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import type { AgentToServer, Handshake, ServerToAgent } from '../../../common/agent-protocol/index.ts';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import { AuditLog, auditMigrations, LiveHub } from '../../platform/index.ts';
import { clusterMigrations, createClusters, type Enrolled, serveAgents } from '../index.ts';
import type { NodePrice, PricedMachine } from '../node-prices.ts';

export type AgentSocket = Socket<ServerToAgent, AgentToServer>;

/** The room on a real database in a folder of its own, with real sockets on loopback and a clock to turn by hand. */
export async function openTestRoom(
  options: { folder?: string; priceOfNode?: (machine: PricedMachine) => Promise<NodePrice> } = {},
) {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'clusters-'));
  const database = await openTestDatabase(folder, { ...auditMigrations, ...clusterMigrations });
  const clock = { ms: 1_800_000_000_000, now: () => clock.ms };
  const live = new LiveHub();
  const audit = new AuditLog(database, clock);
  const clusters = await createClusters({
    database,
    live,
    clock,
    log: pino({ level: 'silent' }),
    audit,
    priceOfNode: options.priceOfNode ?? (async () => ({ unknown: 'This test has no prices.' })),
  });
  const http = createServer();
  const sockets = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 32 * 1024 * 1024,
  });
  serveAgents(sockets.of('/agent'), clusters);
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/agent`;
  const open: AgentSocket[] = [];

  const dial = (auth: Record<string, unknown>): AgentSocket => {
    const socket: AgentSocket = io(url, {
      auth,
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
    });
    open.push(socket);
    return socket;
  };

  return {
    folder,
    database,
    clock,
    live,
    audit,
    clusters,
    dial,
    /** Enrols an agent for a cluster of this name. */
    enrol: async (clusterName = 'shop'): Promise<Enrolled> => {
      const { token } = await clusters.createJoinToken(clusterName);
      return clusters.enrol({ joinToken: token, agentVersion: '1.0.0', instanceId: 'instance-1' });
    },
    /** Connects an agent; rejects with the refusal's code. */
    connect: (enrolled: Enrolled, change: Partial<Handshake> = {}): Promise<AgentSocket> => {
      const socket = dial(helloOf(enrolled, change));
      return new Promise((resolve, reject) => {
        socket.on('connect', () => resolve(socket));
        socket.on('connect_error', error =>
          reject(new Error((error as Error & { data?: { code?: string } }).data?.code ?? error.message)),
        );
      });
    },
    close: async (keepFolder = false): Promise<void> => {
      await clusters.stop();
      for (const socket of open) socket.disconnect();
      await sockets.close();
      await database.close();
      if (!keepFolder) rmSync(folder, { recursive: true });
    },
  };
}

export type TestRoom = Awaited<ReturnType<typeof openTestRoom>>;

/** A handshake that fits. */
export function helloOf(enrolled: Enrolled, change: Partial<Handshake> = {}): Handshake {
  return {
    protocolMin: 1,
    protocolMax: 1,
    capabilities: [],
    agentVersion: '1.0.1',
    agentId: enrolled.agentId,
    key: enrolled.key,
    clusterId: enrolled.clusterId,
    instanceId: 'instance-1',
    bootEpoch: 1,
    lastAckedSeq: 0,
    ...change,
  };
}

/** Resolves once `check` holds; fails after 5 s. */
export async function eventually(check: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 5000;
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`never held: ${check}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

/** Resolves with the next event of this name. */
export function next<T>(socket: AgentSocket, event: string): Promise<T> {
  return new Promise(resolve => socket.once(event as 'task', value => resolve(value as T)));
}
