import type {
  AccessToken,
  Actor,
  Role,
  SessionView,
  SignInWay,
  TokenScope,
} from '../../../common/contracts/index.ts';
import { roles } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Clock } from '../clock.ts';
import { hashSecret, newId, newSecret, sameDigest } from '../ids.ts';
import type { AccessStore } from './access-store.ts';
import { type SessionOrigin, SessionStore } from './session-store.ts';

const SESSION_MS = 12 * MS_PER_HOUR;

/** Whether a role may do what asks for another. */
export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Somebody who showed a secret. */
export interface SignedActor extends Actor {
  /** Parts of the API that the secret is limited to; none for all of it. */
  readonly scopes?: readonly TokenScope[];
  /** The session of a browser that it is. */
  readonly sessionId?: string;
}

/** What died: all that somebody has, but for one session where that is named; or one session. */
export type Revoked =
  | { readonly actorId: string; readonly exceptSession?: string | undefined }
  | { readonly sessionId: string };

/** Who is who. A token is 256 random bits; what is kept of it is a hash. */
export class Access {
  readonly #store: AccessStore;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #launchHash: string;
  readonly #revocationListeners = new Set<(revoked: Revoked) => void>();
  /** Admin token of this very launch, for the sign-in link and the desktop window; never on disk. */
  readonly launchToken: string;

  constructor(store: AccessStore, clock: Clock) {
    this.#store = store;
    this.#sessions = new SessionStore(store.database);
    this.#clock = clock;
    this.launchToken = newSecret();
    this.#launchHash = hashSecret(this.launchToken);
  }

  /** The person behind a bearer token; `undefined` when it is unknown, expired or revoked. */
  async actorOfToken(secret: string): Promise<SignedActor | undefined> {
    const hash = hashSecret(secret);
    if (sameDigest(hash, this.#launchHash)) return { id: 'launch', label: 'sign-in link', role: 'admin' };
    const now = this.#clock.now();
    const token = await this.#store.findToken(hash, now);
    if (!token) return undefined;
    // Written at most once a minute: a busy script must not turn reads into writes.
    if (now - (token.lastUsedAt ?? 0) > MS_PER_MINUTE) await quietly(this.#store.touchToken(token.id, now));
    const { id, label, role, scopes } = token;
    return { id, label, role, ...(scopes === null ? {} : { scopes }) };
  }

  /** The person behind a session cookie. */
  async actorOfSession(secret: string): Promise<SignedActor | undefined> {
    const hash = hashSecret(secret);
    const now = this.#clock.now();
    const session = await this.#sessions.find(hash, now);
    if (!session) return undefined;
    if (now - (session.lastUsedAt ?? 0) > MS_PER_MINUTE) await quietly(this.#sessions.touch(hash, now));
    return { ...session.actor, sessionId: session.id };
  }

  /**
   * The person who may open a browser session with a token, and whether it is that of the sign-in link.
   * @throws AppError `access.unauthenticated` for a token that is not valid, `access.forbidden` for one with scopes
   */
  async recogniseToken(secret: string): Promise<{ actor: Actor; way: SignInWay }> {
    const actor = await this.actorOfToken(secret);
    if (!actor)
      throw new AppError('access.unauthenticated', 'This token is not known, has expired or was revoked.');
    if (actor.scopes)
      throw new AppError(
        'access.forbidden',
        `The token “${actor.label}” is for programs and signs no browser in.`,
        {
          hint: 'Sign in with a token without scopes, or with your name and password.',
        },
      );
    return { actor, way: actor.id === 'launch' ? 'link' : 'token' };
  }

  /** Opens a browser session; the secret is for its cookie. */
  async openSession(
    actor: Actor,
    origin: SessionOrigin,
  ): Promise<{ sessionSecret: string; maxAgeMs: number }> {
    const sessionSecret = newSecret();
    const now = this.#clock.now();
    await this.#sessions.insert(hashSecret(sessionSecret), actor, origin, now, now + SESSION_MS);
    return { sessionSecret, maxAgeMs: SESSION_MS };
  }

  async closeSession(secret: string): Promise<void> {
    await this.#sessions.delete(hashSecret(secret));
  }

  /** Open sessions, the newest first: those of the actor, for an administrator everybody's. */
  async listSessions(actor: SignedActor): Promise<SessionView[]> {
    const sessions = await this.#sessions.list(this.#clock.now());
    return sessions
      .filter(session => mayAct(actor.role, 'admin') || session.actor.id === actor.id)
      .map(({ way, address, program, ...session }) => ({
        ...session,
        way: way ?? null,
        address: address ?? null,
        program: program ?? null,
        isThis: session.id === actor.sessionId,
      }));
  }

  /** Ends a session and cuts its sockets. @throws AppError `resource.not-found` for one that the actor does not see */
  async endSession(id: string, actor: SignedActor): Promise<void> {
    const seen = (await this.listSessions(actor)).some(session => session.id === id);
    if (!seen || !(await this.#sessions.deleteById(id)))
      throw new AppError('resource.not-found', `There is no session "${id}".`);
    this.#tell({ sessionId: id });
  }

  /** Ends all sessions of somebody, but for one where that is named. */
  async endSessionsOf(actorId: string, exceptSession?: string): Promise<void> {
    await this.#sessions.deleteOf(actorId, exceptSession);
    this.#tell({ actorId, exceptSession });
  }

  /** A new token; the secret is returned this once. @param scopes parts of the API; `null` for all of it */
  async createToken(
    label: string,
    role: Role,
    days: number,
    scopes: readonly TokenScope[] | null = null,
  ): Promise<{ token: AccessToken; secret: string }> {
    const secret = newSecret();
    const createdAt = this.#clock.now();
    const token: AccessToken = {
      id: newId('token'),
      label,
      role,
      scopes: scopes === null ? null : [...scopes],
      createdAt,
      lastUsedAt: null,
      expiresAt: createdAt + days * MS_PER_DAY,
    };
    await this.#store.insertToken(token, hashSecret(secret));
    return { token, secret };
  }

  listTokens(): Promise<AccessToken[]> {
    return this.#store.listTokens();
  }

  /** Revokes a token, its sessions and its open sockets. @throws AppError `resource.not-found`. */
  async revokeToken(id: string): Promise<void> {
    const found = await this.#store.revokeToken(id, this.#clock.now());
    if (!found) throw new AppError('resource.not-found', `There is no access token "${id}".`);
    this.#tell({ actorId: id });
  }

  /** Hears of what was revoked, to cut what is open by it. */
  onRevoked(listener: (revoked: Revoked) => void): void {
    this.#revocationListeners.add(listener);
  }

  #tell(revoked: Revoked): void {
    for (const listener of this.#revocationListeners) listener(revoked);
  }
}

/** Whether what died is what somebody has open. */
export function isRevoked(actor: SignedActor, revoked: Revoked): boolean {
  if ('sessionId' in revoked) return actor.sessionId === revoked.sessionId;
  if (actor.id !== revoked.actorId) return false;
  return revoked.exceptSession === undefined || actor.sessionId !== revoked.exceptSession;
}

/** On a full disk people can still read; when they came last is not kept then. */
async function quietly(touch: Promise<void>): Promise<void> {
  await touch.catch((error: unknown) => {
    if (!(error instanceof AppError)) throw error;
  });
}
