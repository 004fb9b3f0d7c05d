import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Server } from 'socket.io';
import {
  type Clusters,
  clusterMigrations,
  createClusters,
  serveAgents,
} from '../../server/clusters/index.ts';
import {
  AuditLog,
  auditMigrations,
  createLog,
  LiveHub,
  openSqlite,
  systemClock,
} from '../../server/platform/index.ts';

/** The engine's room of clusters with its real database and sockets, in this process, so that a test can order tasks itself. */
export interface ClusterRoom {
  readonly url: string;
  readonly clusters: Clusters;
  close(): Promise<void>;
}

/** Opens the room on the SQLite file of a folder and listens on a free port of 127.0.0.1. What is due by the clock is done once `clusters.start()` was called. */
export async function openClusterRoom(folder: string): Promise<ClusterRoom> {
  const database = await openSqlite(folder, { ...auditMigrations, ...clusterMigrations });
  const log = createLog('silent');
  const clusters = await createClusters({
    database,
    live: new LiveHub(),
    clock: systemClock,
    log,
    audit: new AuditLog(database, systemClock),
    priceOfNode: async () => ({ unknown: 'There are no prices here.' }),
  });
  const http = createServer(async (request, response) => {
    // Enrolment is the only call of an agent that has its connection.
    const answer = await clusters
      .enrol(JSON.parse(Buffer.concat(await request.toArray()).toString('utf8')))
      .then(
        body => ({ status: 200, body }),
        (error: { code?: string; message: string }) => ({ status: 400, body: { error } }),
      );
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  const sockets = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: 32 * 1024 * 1024,
  });
  serveAgents(sockets.of('/agent'), clusters);
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    clusters,
    close: async () => {
      await clusters.stop();
      await sockets.close();
      await database.close();
    },
  };
}

/** Every report of one pod's usage that an engine committed and has not counted yet: its milli-cores, by cluster, in order of arrival. */
export function reportsOnDisk(data: string): Map<string, number[]> {
  const database = new Database(join(data, 'cloudoptim.sqlite'), { readonly: true, timeout: 10_000 });
  try {
    const rows = database.prepare('select cluster_id, lines from usage_journal order by id').all() as {
      cluster_id: string;
      lines: string;
    }[];
    const reports = new Map<string, number[]>();
    for (const { cluster_id, lines } of rows) {
      const own = reports.get(cluster_id) ?? [];
      for (const { figures } of JSON.parse(lines) as { figures: number[] }[])
        own.push(figures[0] ?? Number.NaN);
      reports.set(cluster_id, own);
    }
    return reports;
  } finally {
    database.close();
  }
}
