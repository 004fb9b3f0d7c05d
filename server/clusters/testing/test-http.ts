import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Server } from 'socket.io';
import { openTestDatabase } from '../../platform/database/testing/open-test-database.ts';
import {
  Access,
  AccessStore,
  AuditLog,
  accessMigrations,
  auditMigrations,
  createHttpServer,
  createRoutes,
} from '../../platform/index.ts';
import { serveAgents } from '../index.ts';
import { addClusterRoutes } from '../routes.ts';
import type { TestRoom } from './test-room.ts';

/** The fields of answers that tests read. */
export interface Answer {
  readonly token: string;
  readonly agentId: string;
  readonly clusterId: string;
  readonly key: string;
  readonly clusters: readonly unknown[];
  readonly tasks: readonly unknown[];
  readonly error: { readonly code: string; readonly details?: unknown };
}

/** The calls of a room, and its sockets, on one port as the engine has them. */
export async function openTestHttp(room: TestRoom) {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-routes-'));
  const database = await openTestDatabase(folder, { ...auditMigrations, ...accessMigrations });
  const access = new Access(new AccessStore(database), room.clock);
  const http = await createHttpServer({
    host: '127.0.0.1',
    port: 0,
    allowedHosts: [],
    allowedOrigins: [],
    uiFolder: undefined,
    version: '0',
    clock: room.clock,
    log: pino({ level: 'silent' }),
  });
  const routes = createRoutes({
    app: http.app,
    access,
    audit: new AuditLog(database, room.clock),
    verifyAgent: secret => room.clusters.verifyAgent(secret),
    verifyGuest: async () => undefined,
    cookieName: () => 'session',
  });
  addClusterRoutes(routes, room.clusters);
  const sockets = new Server(http.app.server, { transports: ['websocket'], serveClient: false });
  serveAgents(sockets.of('/agent'), room.clusters);
  const { url } = await http.listen();
  return {
    url,
    admin: access.launchToken,
    call: async (
      method: string,
      path: string,
      secret: string | undefined,
      body?: unknown,
      signal?: AbortSignal,
    ) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(signal ? { signal } : {}),
      });
      return { status: response.status, body: (await response.json()) as Answer };
    },
    close: async (): Promise<void> => {
      sockets.disconnectSockets(true);
      await http.close();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type TestHttp = Awaited<ReturnType<typeof openTestHttp>>;
