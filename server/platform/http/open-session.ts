import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor, SignInWay } from '../../../common/contracts/index.ts';
import type { Access } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';

/** What a browser may call itself and still be kept whole. */
const MOST_PROGRAM_LENGTH = 200;

/** Lets a browser in: audit entry, session, cookie. */
export type OpenSession = (
  actor: Actor,
  way: SignInWay,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<Actor>;

export function createOpenSession(parts: {
  readonly access: Access;
  readonly audit: AuditLog;
  readonly cookieName: () => string;
}): OpenSession {
  const { access, audit, cookieName } = parts;
  return async (actor, way, request, reply) => {
    await audit.record({
      actor: `${actor.label} (${actor.id})`,
      action: 'session.open',
      subject: way,
      detail: { address: request.ip },
    });
    const program = (request.headers['user-agent'] ?? '').slice(0, MOST_PROGRAM_LENGTH);
    const { sessionSecret, maxAgeMs } = await access.openSession(actor, {
      way,
      address: request.ip,
      program,
    });
    reply.setCookie(cookieName(), sessionSecret, {
      path: '/',
      httpOnly: true,
      secure: request.protocol === 'https',
      sameSite: 'strict',
      maxAge: Math.floor(maxAgeMs / 1000),
    });
    return actor;
  };
}
