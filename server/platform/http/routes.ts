import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import type { z } from 'zod';
import type { Procedure, Role, TokenScope } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { type Access, mayAct, type SignedActor } from '../access/access.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { answerInTurns } from './answer-in-turns.ts';
import type { HttpApp } from './http-server.ts';

type Output<S> = S extends z.ZodType ? z.output<S> : undefined;

/** An agent that showed its key. */
export interface AgentIdentity {
  readonly agentId: string;
  readonly clusterId: string;
}

/** Another engine that showed its key. */
export interface GuestIdentity {
  readonly guestId: string;
  readonly engineId: string;
  readonly label: string;
  readonly mayWrite: boolean;
}

/** What a handler gets: checked input, and who asks. */
export interface Call<P extends Procedure> {
  readonly params: P extends { params: infer S } ? Output<S> : undefined;
  readonly query: P extends { query: infer S } ? Output<S> : undefined;
  readonly body: P extends { body: infer S } ? Output<S> : undefined;
  /** The person; for a public call nobody, for an agent's call the agent. */
  readonly actor: SignedActor;
  readonly agent: AgentIdentity | undefined;
  readonly guest: GuestIdentity | undefined;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type Handler<P extends Procedure> = (call: Call<P>) => Promise<z.input<P['response']>>;

/** Finds the agent behind a bearer secret; `undefined` when it is unknown. */
export type AgentVerifier = (secret: string) => Promise<AgentIdentity | 'revoked' | undefined>;

/** The same for another engine. */
export type GuestVerifier = (secret: string) => Promise<GuestIdentity | 'revoked' | undefined>;

/** Adds procedures to the server: access check, audit entry before the effect, handler. */
export interface Routes {
  add<P extends Procedure>(procedure: P, handler: Handler<P>): void;
  /** For routes that stream and so have no schema, e.g. uploads; the same checks hold. */
  addRaw(
    route: RawRoute,
    handler: (
      request: FastifyRequest,
      reply: FastifyReply,
      actor: SignedActor,
      guest: GuestIdentity | undefined,
    ) => Promise<unknown>,
  ): void;
}

export interface RawRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly access: Role | 'peer';
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
  readonly guest: GuestIdentity | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

const nobody: SignedActor = { id: 'nobody', label: 'nobody', role: 'viewer' };

/** Secrets must not reach the audit log. */
const SECRET_FIELDS = new Set([
  'token',
  'joinToken',
  'key',
  'secret',
  'password',
  'newPassword',
  'code',
  'base64',
]);

export function createRoutes(parts: {
  app: HttpApp;
  access: Access;
  audit: AuditLog;
  verifyAgent: AgentVerifier;
  verifyGuest: GuestVerifier;
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
  const demandGuest = async (request: FastifyRequest): Promise<GuestIdentity> => {
    const guest = await parts.verifyGuest(bearerOf(request) ?? '');
    if (!guest) throw new AppError('sync.key-refused', 'The key of this engine is not known here.');
    if (guest === 'revoked')
      throw new AppError(
        'sync.key-refused',
        'An administrator of the server revoked the key of this engine.',
      );
    return guest;
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
          if (procedure.access === 'public')
            request.caller = { actor: nobody, agent: undefined, guest: undefined };
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
            const actor: SignedActor = { id: agent.agentId, label: 'agent', role: 'viewer' };
            request.caller = { actor, agent, guest: undefined };
          } else if (procedure.access === 'peer') {
            const guest = await demandGuest(request);
            request.caller = { actor: actorOfGuest(guest), agent: undefined, guest };
          } else {
            const actor = await demand(request, procedure.access, procedure.tag);
            request.caller = { actor, agent: undefined, guest: undefined };
          }
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
          const answer = await handler(call as never);
          const { method, path: url } = procedure;
          const text = reply.sent
            ? undefined
            : await answerInTurns(procedure.response, answer, { method, url });
          if (text === undefined) return answer;
          return reply.type('application/json; charset=utf-8').send(text);
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
          const guest = raw.access === 'peer' ? await demandGuest(request) : undefined;
          const actor = guest ? actorOfGuest(guest) : await demand(request, raw.access as Role, raw.tag);
          await note(raw.action, actor, request);
          return handler(request, reply, actor, guest);
        },
      });
    },
  };
}

function actorOfGuest({ guestId, label }: GuestIdentity): SignedActor {
  return { id: guestId, label: `engine of ${label}`, role: 'viewer' };
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
