import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import {
  type Actor,
  api,
  auditFileKinds,
  auditFilePath,
  auditFileQuery,
  type SignInWay,
} from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Access } from '../access/access.ts';
import { SignInGate } from '../access/sign-in-gate.ts';
import type { SingleSignOn } from '../access/single-sign-on.ts';
import type { Users } from '../access/users.ts';
import { auditFile } from '../audit/audit-file.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { StorageProblem } from '../database/watch-storage.ts';
import type { OpenSession } from './open-session.ts';
import type { Routes } from './routes.ts';
import { singleSignOnPath } from './single-sign-on-routes.ts';

/** Sign-in, sessions, users, tokens and the audit log. */
export function addAccessRoutes(
  routes: Routes,
  parts: {
    readonly access: Access;
    readonly users: Users;
    readonly audit: AuditLog;
    readonly storage: () => StorageProblem | null;
    readonly cookieName: () => string;
    readonly open: OpenSession;
    /** Who people sign in with beside names and tokens; `null` for nobody. */
    readonly signOn: SingleSignOn | null;
  },
): void {
  const { access, users, audit, cookieName, open, signOn } = parts;
  const gate = new SignInGate();

  const recognise = async (
    request: FastifyRequest,
    name: string | undefined,
    check: () => Promise<Actor>,
  ) => {
    try {
      return await gate.pass({ address: request.ip, ...(name === undefined ? {} : { name }) }, check);
    } catch (error) {
      const { code } = error as AppError;
      if (code === 'access.unauthenticated')
        await audit.record({
          actor: 'nobody',
          action: 'session.refused',
          subject: name ?? 'token',
          detail: { address: request.ip },
        });
      throw error;
    }
  };

  routes.add(api.access.ways, async () => ({
    hasUsers: (await users.list()).length > 0,
    singleSignOn: signOn && { label: signOn.label, path: singleSignOnPath },
  }));
  routes.add(api.access.signIn, async ({ body, request, reply }) => {
    if ('token' in body) {
      let way: SignInWay = 'token';
      const actor = await recognise(request, undefined, async () => {
        const found = await access.recogniseToken(body.token);
        way = found.way;
        return found.actor;
      });
      return open(actor, way, request, reply);
    }
    const { name, password } = body;
    const actor = await recognise(request, name.toLowerCase(), () => users.recognise(name, password));
    return open(actor, 'password', request, reply);
  });
  routes.add(api.access.signOut, async ({ request, reply }) => {
    const cookie = request.cookies[cookieName()];
    if (cookie !== undefined) await access.closeSession(cookie);
    reply.clearCookie(cookieName(), { path: '/' });
    return { ok: true as const };
  });
  routes.add(api.access.me, async ({ actor }) => actor);
  routes.add(api.access.state, async () => {
    const problem = parts.storage();
    if (!problem) return { storage: null };
    const { code, message, hint, sinceMs } = problem;
    return { storage: { code, message, hint, since: sinceMs } };
  });
  routes.add(api.users.listSessions, async ({ actor }) => ({ sessions: await access.listSessions(actor) }));
  routes.add(api.users.endSession, async ({ params, actor }) => {
    await access.endSession(params.id, actor);
    return { ok: true as const };
  });
  routes.add(api.users.changePassword, async ({ body, actor, request }) => {
    // Whoever found a browser that is signed in does not get to guess.
    await gate.pass({ address: request.ip, name: actor.id }, () =>
      users.changeOwnPassword(actor, body.password, body.newPassword, actor.sessionId),
    );
    return { ok: true as const };
  });
  routes.add(api.users.listUsers, async () => ({ users: await users.list() }));
  routes.add(api.users.createUser, async ({ body }) => users.create(body.name, body.role, body.newPassword));
  routes.add(api.users.changeUser, async ({ params, body }) =>
    users.change(params.id, {
      ...(body.role === undefined ? {} : { role: body.role }),
      ...(body.newPassword === undefined ? {} : { password: body.newPassword }),
    }),
  );
  routes.add(api.users.removeUser, async ({ params }) => {
    await users.remove(params.id);
    return { ok: true as const };
  });
  routes.add(api.access.listTokens, async () => ({ tokens: await access.listTokens() }));
  routes.add(api.access.createToken, async ({ body }) =>
    access.createToken(body.label, body.role, body.days, body.scopes),
  );
  routes.add(api.access.revokeToken, async ({ params }) => {
    await access.revokeToken(params.id);
    return { ok: true as const };
  });
  routes.add(api.access.listAudit, async ({ query }) => ({
    entries: await audit.list(query.limit, query.before),
    intact: await audit.isIntact(),
  }));
  routes.addRaw(
    {
      method: 'GET',
      path: auditFilePath,
      access: 'admin',
      tag: 'administration',
      summary: `The audit log with its hashes as a file that streams, oldest entry first: ${auditFileKinds.join(', ')}`,
      query: auditFileQuery,
    },
    async (request, reply) => {
      const { kind } = request.params as { kind: string };
      const known = auditFileKinds.find(one => one === kind);
      if (known === undefined)
        throw new AppError('input.invalid', `The audit log has no file "${kind}".`, {
          hint: `Ask for one of ${auditFileKinds.join(', ')}.`,
        });
      const entries = audit.entries(auditFileQuery.parse(request.query));
      reply.header('content-disposition', `attachment; filename="${known}"`);
      return reply
        .type(known === 'audit.csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
        .send(Readable.from(auditFile(known, entries)));
    },
  );
}
