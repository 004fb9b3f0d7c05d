import type { z } from 'zod';

/** Roles of people, each holding what the one before it may do. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who may call: everybody, an agent with its key, another engine with its key, or a person with at least this role. */
export type Access = 'public' | 'agent' | 'peer' | Role;

/**
 * One call of the API: it gives the route, the typed client and the OpenAPI text.
 * A procedure that changes something names the audit `action` that is written before its effect.
 */
export interface Procedure {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Fastify path: `/api/v1/admin/clusters/:id`. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  readonly summary: string;
  /** Present when the call changes something; reports of agents are telemetry and have none. */
  readonly action?: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly response: z.ZodType;
}

/** Keeps the exact types of a procedure's schemas. */
export function procedure<const P extends Procedure>(definition: P): P {
  return definition;
}

type Input<S> = S extends z.ZodType ? z.input<S> : never;
type Has<P, K extends string, S> = P extends Record<K, infer T> ? (T extends z.ZodType ? S : never) : never;

/** What a client passes: params, query and body, each only where the procedure has it. */
export type CallInput<P extends Procedure> = ([Has<P, 'params', 1>] extends [never]
  ? object
  : { params: Input<P['params']> }) &
  ([Has<P, 'query', 1>] extends [never] ? object : { query?: Input<P['query']> }) &
  ([Has<P, 'body', 1>] extends [never] ? object : { body: Input<P['body']> });

/** What a client gets back. */
export type CallOutput<P extends Procedure> = z.output<P['response']>;
