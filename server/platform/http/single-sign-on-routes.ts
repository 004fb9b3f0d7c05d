import type { FastifyReply } from 'fastify';
import type { SignOnProblem, SingleSignOn } from '../access/single-sign-on.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { HttpApp } from './http-server.ts';
import type { OpenSession } from './open-session.ts';

const START = '/api/v1/access/single-sign-on';
const CALLBACK = `${START}/callback`;
const LONGEST_SECONDS = 600;

/** Where a browser begins to sign in with the organisation, and where it comes back to. */
export const singleSignOnPath = START;

/** Adds the two addresses of a single sign-on. @param parts.publicUrl under which browsers reach the server */
export function addSingleSignOnRoutes(
  app: HttpApp,
  parts: {
    readonly signOn: SingleSignOn;
    readonly audit: AuditLog;
    readonly open: OpenSession;
    readonly cookieName: () => string;
    readonly publicUrl: () => string;
  },
): void {
  const { signOn, audit, open, cookieName, publicUrl } = parts;
  const bindingName = () => `${cookieName()}_sign_on`;
  const giveUp = (reply: FastifyReply, problem: SignOnProblem) =>
    reply.redirect(`/#sign-in-problem=${problem}`);

  app.get(START, { schema: { hide: true } }, async (request, reply) => {
    try {
      const { url, binding } = await signOn.begin(`${publicUrl()}${CALLBACK}`);
      reply.setCookie(bindingName(), binding, {
        path: CALLBACK,
        httpOnly: true,
        secure: request.protocol === 'https',
        // It has to come along when the provider sends the browser back.
        sameSite: 'lax',
        maxAge: LONGEST_SECONDS,
      });
      return reply.redirect(url);
    } catch (error) {
      request.log.warn({ err: error }, 'the OpenID provider does not answer');
      return giveUp(reply, 'unreachable');
    }
  });

  app.get(CALLBACK, { schema: { hide: true } }, async (request, reply) => {
    const query = request.url.split('?').slice(1).join('?');
    const outcome = await signOn.finish(query, request.cookies[bindingName()]);
    reply.clearCookie(bindingName(), { path: CALLBACK });
    if ('problem' in outcome) {
      const { problem, cause } = outcome;
      request.log.warn({ problem, err: cause }, 'somebody could not sign in with the OpenID provider');
      if (problem !== 'expired')
        await audit.record({
          actor: 'nobody',
          action: 'session.refused',
          subject: 'single-sign-on',
          detail: { problem, address: request.ip },
        });
      return giveUp(reply, problem);
    }
    await open(outcome.actor, 'single-sign-on', request, reply);
    return reply.redirect('/');
  });
}
