import type { AccessToken, Actor, Role } from '../../../common/contracts/index.ts';
import { roles } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Clock } from '../clock.ts';
import { hashSecret, newId, newSecret, sameDigest } from '../ids.ts';
import type { AccessStore } from './access-store.ts';

const SESSION_MS = 12 * MS_PER_HOUR;

/** Whether a role may do what asks for another. */
export function mayAct(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** Who is who. A token is 256 random bits; what is kept of it is a hash. */
export class Access {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #launchHash: string;
  readonly #revocationListeners = new Set<(actorId: string) => void>();
  /** Admin token of this very launch, for the sign-in link and the desktop window; never on disk. */
  readonly launchToken: string;

  constructor(store: AccessStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.launchToken = newSecret();
    this.#launchHash = hashSecret(this.launchToken);
  }

  /** The person behind a bearer token; `undefined` when it is unknown, expired or revoked. */
  async actorOfToken(secret: string): Promise<Actor | undefined> {
    const hash = hashSecret(secret);
    if (sameDigest(hash, this.#launchHash)) return { id: 'launch', label: 'sign-in link', role: 'admin' };
    const now = this.#clock.now();
    const token = await this.#store.findToken(hash, now);
    if (!token) return undefined;
    // Written at most once a minute: a busy script must not turn reads into writes.
    if (now - (token.lastUsedAt ?? 0) > MS_PER_MINUTE) await this.#store.touchToken(token.id, now);
    return { id: token.id, label: token.label, role: token.role };
  }

  /** The person behind a session cookie. */
  actorOfSession(secret: string): Promise<Actor | undefined> {
    return this.#store.findSession(hashSecret(secret), this.#clock.now());
  }

  /** Opens a browser session. @throws AppError `access.unauthenticated` for a token that is not valid. */
  async openSession(tokenSecret: string): Promise<{ actor: Actor; sessionSecret: string; maxAgeMs: number }> {
    const actor = await this.actorOfToken(tokenSecret);
    if (!actor)
      throw new AppError('access.unauthenticated', 'This token is not known, has expired or was revoked.');
    const sessionSecret = newSecret();
    const now = this.#clock.now();
    await this.#store.insertSession(hashSecret(sessionSecret), actor, now, now + SESSION_MS);
    return { actor, sessionSecret, maxAgeMs: SESSION_MS };
  }

  async closeSession(secret: string): Promise<void> {
    await this.#store.deleteSession(hashSecret(secret));
  }

  /** A new token; the secret is returned this once. */
  async createToken(
    label: string,
    role: Role,
    days: number,
  ): Promise<{ token: AccessToken; secret: string }> {
    const secret = newSecret();
    const createdAt = this.#clock.now();
    const token: AccessToken = {
      id: newId('token'),
      label,
      role,
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
    for (const listener of this.#revocationListeners) listener(id);
  }

  /** Hears of revoked actors, to cut what they have open. */
  onRevoked(listener: (actorId: string) => void): void {
    this.#revocationListeners.add(listener);
  }
}
