import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { z } from 'zod';
import type { Procedure, Role, TokenScope } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { type Access, mayAct, type SignedActor } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { HttpApp } from './http-server.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** An agent that showed its key. */
export interface AgentIdentity {
  readonly agentId: string;
  readonly clusterId: string;
}

/** What a handler gets: checked input, and who asks. */
export interface Call<P extends Procedure> {
  readonly params: P extends { params: infer S } ? Output<S> : undefined;
  readonly query: P extends { query: infer S } ? Output<S> : undefined;
  readonly body: P extends { body: infer S } ? Output<S> : undefined;
  /** The person; for a public call nobody, for an agent's call the agent. */
  readonly actor: SignedActor;
  readonly agent: AgentIdentity | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type Handler<P extends Procedure> = (call: Call<P>) => Promise<z.input<P['response']>>;

/** Finds the agent behind a bearer secret; `undefined` when it is unknown. */
export type AgentVerifier = (secret: string) => Promise<AgentIdentity | 'revoked' | undefined>;

/** Adds procedures to the server: access check, audit entry before the effect, handler. */
export interface Routes {
  add<P extends Procedure>(procedure: P, handler: Handler<P>): void;
  /** For routes that stream and so have no schema, e.g. uploads; the same checks hold. */
  addRaw(
    route: RawRoute,
    handler: (request: FastifyRequest, reply: FastifyReply, actor: SignedActor) => Promise<unknown>,
  ): void;
}

export interface RawRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: Role;
  readonly action?: string;
  readonly tag: string;
  readonly summary: string;
  /** Checked, and told in the OpenAPI text. */
  readonly query?: z.ZodObject;
}

/** Who asks, from the check before the body on. */
interface Caller {
  readonly actor: SignedActor;
  readonly agent: AgentIdentity | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

const nobody: SignedActor = { id: 'nobody', label: 'nobody', role: 'viewer' };

/** Secrets must not reach the audit log. */
const SECRET_FIELDS = new Set(['token', 'joinToken', 'key', 'secret', 'password', 'newPassword']);

export function createRoutes(parts: {
  app: HttpApp;
  access: Access;
  audit: AuditLog;
  verifyAgent: AgentVerifier;
  cookieName: () => string;
}): Routes {
  const { app, audit } = parts;
  app.decorateRequest('caller', null);

  const identify = async (request: FastifyRequest): Promise<SignedActor | undefined> => {
    const bearer = bearerOf(request);
    if (bearer !== undefined) return parts.access.actorOfToken(bearer);
    const cookie = request.cookies[parts.cookieName()];
    return cookie === undefined ? undefined : parts.access.actorOfSession(cookie);
  };
  const demand = async (request: FastifyRequest, role: Role, tag: string): Promise<SignedActor> => {
    const actor = await identify(request);
    if (!actor) throw new AppError('access.unauthenticated', 'This call needs a token.');
    if (!mayAct(actor.role, role)) {
      throw new AppError('access.forbidden', `The role ${actor.role} may not do this; it needs ${role}.`);
    }
    if (!isInScope(actor, tag)) {
      throw new AppError(
        'access.forbidden',
        `The token “${actor.label}” is limited to ${actor.scopes?.join(', ')}; this call belongs to ${tag}.`,
        { hint: 'Ask an administrator for a token with that scope.' },
      );
    }
    return actor;
  };

  const note = async (
    action: string | undefined,
    actor: SignedActor,
    request: FastifyRequest,
  ): Promise<void> => {
    if (action === undefined) return;
    const params = (request.params ?? {}) as Record<string, string>;
    const subject = Object.values(params).join('/') || request.url.split('?')[0] || '';
    await audit.record({
      actor: `${actor.label} (${actor.id})`,
      action,
      subject,
      detail: withoutSecrets(request.body),
    });
  };

  return {
    add: (procedure, handler) => {
      const route: RouteOptions = {
        method: procedure.method,
        url: procedure.path,
        schema: {
          tags: [procedure.tag],
          summary: procedure.summary,
          ...(procedure.access === 'public' ? { security: [] } : {}),
          ...(procedure.params ? { params: procedure.params } : {}),
          ...(procedure.query ? { querystring: procedure.query } : {}),
          ...(procedure.body ? { body: procedure.body } : {}),
          response: { 200: procedure.response },
        },
        // Before the body is parsed: who may not call it learns nothing about it.
        onRequest: async request => {
          if (procedure.access === 'public') request.caller = { actor: nobody, agent: undefined };
          else if (procedure.access === 'agent') {
            const agent = await parts.verifyAgent(bearerOf(request) ?? '');
            if (!agent)
              throw new AppError('access.unauthenticated', 'This agent and key are not known here.');
            if (agent === 'revoked') {
              throw new AppError('access.unauthenticated', 'The key of this agent was revoked.', {
                hint: 'Enrol the agent again with a new join token if that was a mistake.',
                details: { refusal: agent },
              });
            }
            request.caller = { actor: { id: agent.agentId, label: 'agent', role: 'viewer' }, agent };
          } else
            request.caller = {
              actor: await demand(request, procedure.access, procedure.tag),
              agent: undefined,
            };
        },
        handler: async (request, reply) => {
          const { caller } = request;
          if (!caller) throw new AppError('access.unauthenticated', 'This call needs a token.');
          await note(procedure.action, caller.actor, request);
          const call = {
            params: request.params,
            query: request.query,
            body: request.body,
            ...caller,
            request,
            reply,
          };
          return handler(call as never);
        },
      };
      app.route(route);
    },
    addRaw: (raw, handler) => {
      app.route({
        method: raw.method,
        url: raw.path,
        schema: {
          tags: [raw.tag],
          summary: raw.summary,
          ...(raw.query ? { querystring: raw.query } : {}),
        },
        handler: async (request, reply) => {
          const actor = await demand(request, raw.access, raw.tag);
          await note(raw.action, actor, request);
          return handler(request, reply, actor);
        },
      });
    },
  };
}

/** Every token may ask who it is. */
function isInScope(actor: SignedActor, tag: string): boolean {
  return tag === 'access' || actor.scopes === undefined || actor.scopes.includes(tag as TokenScope);
}

function bearerOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  return header?.startsWith('Bearer ') ? header.slice('Bearer '.length).trim() : undefined;
}

function withoutSecrets(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, SECRET_FIELDS.has(name) ? '(secret)' : value]),
  );
}
