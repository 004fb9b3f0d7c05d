import { z } from 'zod';
import { actor } from './access.ts';
import { procedure, roles } from './procedure.ts';
import { done, timeMs } from './values.ts';

/** How a browser signed in: by the link of the launch, a token, a password, or the sign-on of an organisation. */
export const signInWays = ['link', 'token', 'password', 'single-sign-on'] as const;
export type SignInWay = (typeof signInWays)[number];

export const sessionView = z.object({
  id: z.string(),
  actor,
  way: z.enum(signInWays).nullable(),
  address: z.string().nullable().meta({ description: 'Address of the client; null when unknown' }),
  program: z.string().nullable().meta({ description: 'What the browser calls itself; null when unknown' }),
  createdAt: timeMs,
  lastUsedAt: timeMs.nullable(),
  expiresAt: timeMs,
  isThis: z.boolean().meta({ description: 'The session that asks' }),
});
export type SessionView = z.output<typeof sessionView>;

export const user = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  createdAt: timeMs,
  lastSignInAt: timeMs.nullable(),
});
export type User = z.output<typeof user>;

const userId = z.object({ id: z.string() });
/** NIST SP 800-63B: length counts, kinds of characters do not. */
const newPassword = z.string().min(12, 'a password has 12 characters or more').max(200);

export const users = {
  listSessions: procedure({
    method: 'GET',
    path: '/api/v1/access/sessions',
    access: 'viewer',
    tag: 'access',
    summary: 'Open sessions of browsers: your own, for an administrator everybody’s',
    response: z.object({ sessions: z.array(sessionView) }),
  }),
  endSession: procedure({
    method: 'DELETE',
    path: '/api/v1/access/sessions/:id',
    access: 'viewer',
    tag: 'access',
    summary: 'End a session; its open connections are cut',
    action: 'session.end',
    params: z.object({ id: z.string() }),
    response: done,
  }),
  changePassword: procedure({
    method: 'POST',
    path: '/api/v1/access/password',
    access: 'viewer',
    tag: 'access',
    summary: 'Change your own password; your other sessions end',
    action: 'password.change',
    body: z.object({ password: z.string().min(1).max(200), newPassword }),
    response: done,
  }),
  listUsers: procedure({
    method: 'GET',
    path: '/api/v1/admin/users',
    access: 'admin',
    tag: 'administration',
    summary: 'People with a password',
    response: z.object({ users: z.array(user) }),
  }),
  createUser: procedure({
    method: 'POST',
    path: '/api/v1/admin/users',
    access: 'admin',
    tag: 'administration',
    summary: 'Let a person sign in with a name and a password',
    action: 'user.create',
    body: z.object({ name: z.string().trim().min(1).max(80), role: z.enum(roles), newPassword }),
    response: user,
  }),
  changeUser: procedure({
    method: 'POST',
    path: '/api/v1/admin/users/:id',
    access: 'admin',
    tag: 'administration',
    summary: 'Give a person another role or a new password; their sessions end',
    action: 'user.change',
    params: userId,
    body: z
      .object({ role: z.enum(roles).optional(), newPassword: newPassword.optional() })
      .refine(({ role, newPassword }) => role ?? newPassword, 'give a role, a new password or both'),
    response: user,
  }),
  removeUser: procedure({
    method: 'DELETE',
    path: '/api/v1/admin/users/:id',
    access: 'admin',
    tag: 'administration',
    summary: 'Let a person sign in no more; their sessions end',
    action: 'user.remove',
    params: userId,
    response: done,
  }),
};
