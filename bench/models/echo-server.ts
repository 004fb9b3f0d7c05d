/**
 * The yardstick of a request for one row: the same server with the same checks and the same schemas, which answers the
 * rows that it got. Prints its address and a token.
 */
import { z } from 'zod';
import { numberRows } from '../../common/contracts/number-rows.ts';
import { procedure } from '../../common/contracts/procedure.ts';
import {
  Access,
  AccessStore,
  AuditLog,
  accessMigrations,
  addOperationRoutes,
  auditMigrations,
  createHttpServer,
  createLog,
  createRoutes,
  Metrics,
  openSqlite,
  systemClock,
  watchStorage,
} from '../../server/platform/index.ts';

const [, , folder = ''] = process.argv;
const log = createLog('silent');
const database = watchStorage(await openSqlite(folder, { ...auditMigrations, ...accessMigrations }), {
  clock: systemClock,
  log,
});
const access = new Access(new AccessStore(database), systemClock);
const http = await createHttpServer({
  host: '127.0.0.1',
  port: 0,
  allowedHosts: [],
  allowedOrigins: [],
  uiFolder: undefined,
  version: '0.0.0',
  clock: systemClock,
  log,
});
const routes = createRoutes({
  app: http.app,
  access,
  audit: new AuditLog(database, systemClock),
  verifyAgent: async () => undefined,
  verifyGuest: async () => undefined,
  cookieName: () => 'echo',
});
addOperationRoutes(http.app, { database, access, metrics: new Metrics('0.0.0', log), version: '0.0.0' });
const echo = procedure({
  method: 'POST',
  path: '/echo',
  access: 'viewer',
  tag: 'bench',
  summary: 'What came',
  body: z.object({ modelId: z.string(), rows: numberRows }),
  response: z.object({ modelId: z.string(), outputs: numberRows }),
});
routes.add(echo, async ({ body }) => ({ modelId: body.modelId, outputs: body.rows }));
const { url } = await http.listen();
process.stdout.write(`Sign in: ${url}/#token=${access.launchToken}\n`);
