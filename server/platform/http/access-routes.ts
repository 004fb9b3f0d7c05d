import { api } from '../../../common/contracts/index.ts';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Routes } from './routes.ts';

/** Sign-in, tokens and the audit log. */
export function addAccessRoutes(
  routes: Routes,
  access: Access,
  audit: AuditLog,
  cookieName: () => string,
): void {
  routes.add(api.access.signIn, async ({ body, reply }) => {
    const { actor, sessionSecret, maxAgeMs } = await access.openSession(body.token);
    reply.setCookie(cookieName(), sessionSecret, {
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      maxAge: Math.floor(maxAgeMs / 1000),
    });
    return actor;
  });
  routes.add(api.access.signOut, async ({ request, reply }) => {
    const cookie = request.cookies[cookieName()];
    if (cookie !== undefined) await access.closeSession(cookie);
    reply.clearCookie(cookieName(), { path: '/' });
    return { ok: true as const };
  });
  routes.add(api.access.me, async ({ actor }) => actor);
  routes.add(api.access.listTokens, async () => ({ tokens: await access.listTokens() }));
  routes.add(api.access.createToken, async ({ body }) =>
    access.createToken(body.label, body.role, body.days),
  );
  routes.add(api.access.revokeToken, async ({ params }) => {
    await access.revokeToken(params.id);
    return { ok: true as const };
  });
  routes.add(api.access.listAudit, async ({ query }) => ({
    entries: await audit.list(query.limit, query.before),
    intact: await audit.isIntact(),
  }));
}
