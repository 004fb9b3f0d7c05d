import type { PeerIdentity, SyncGuest } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import { MS_PER_DAY, MS_PER_MINUTE } from '../../common/units/index.ts';
import { type Clock, type GuestIdentity, hashSecret, newId, newSecret } from '../platform/index.ts';
import { agreeOn } from './agree-versions.ts';
import type { GuestStore } from './guest-store.ts';

const CODE_MS = 15 * MS_PER_MINUTE;

/** Engines that may come to this one: codes, keys, and their end. */
export class Guests {
  readonly #store: GuestStore;
  readonly #clock: Clock;
  readonly #self: PeerIdentity;

  constructor(store: GuestStore, clock: Clock, self: PeerIdentity) {
    this.#store = store;
    this.#clock = clock;
    this.#self = self;
  }

  /** A code of 256 random bits; it lets one engine in, once, within 15 minutes. */
  async createCode(
    label: string,
    mayWrite: boolean,
  ): Promise<{ code: string; label: string; mayWrite: boolean; expiresAt: number }> {
    const code = newSecret();
    const createdAt = this.#clock.now();
    const expiresAt = createdAt + CODE_MS;
    await this.#store.insertCode(
      {
        secret_hash: hashSecret(code),
        label,
        may_write: mayWrite ? 1 : 0,
        created_at: createdAt,
        expires_at: expiresAt,
        used_at: null,
      },
      createdAt - MS_PER_DAY,
    );
    return { code, label, mayWrite, expiresAt };
  }

  /**
   * Exchanges a code for a key, which is told this once. A version that is not understood leaves the code as it was.
   * @throws AppError `sync.version-refused`, `sync.code-refused`, or `sync.address-wrong` for this engine itself
   */
  async enter(code: string, who: PeerIdentity): Promise<{ guestId: string; key: string; mayWrite: boolean }> {
    const agreement = agreeOn(this.#self.speaks, who.speaks);
    if ('refused' in agreement) throw new AppError('sync.version-refused', agreement.refused);
    if (who.engineId === this.#self.engineId)
      throw new AppError('sync.address-wrong', 'This address is that of this very engine.');
    const now = this.#clock.now();
    const key = newSecret();
    return this.#store.write(async transaction => {
      const secretHash = hashSecret(code);
      const known = await this.#store.findCodeIn(transaction, secretHash);
      if (!known) throw new AppError('sync.code-refused', 'This code is not known to the server.');
      if (known.used_at !== null || !(await this.#store.spendCodeIn(transaction, secretHash, now)))
        throw new AppError('sync.code-refused', 'This code was used already.');
      if (known.expires_at <= now) throw new AppError('sync.code-refused', 'This code has expired.');
      const guestId = newId<string>('guest');
      await this.#store.insertGuestIn(transaction, {
        id: guestId,
        label: known.label,
        engine_id: who.engineId,
        engine_name: who.engineName,
        version: who.version,
        may_write: known.may_write,
        key_hash: hashSecret(key),
        connected_at: now,
        last_seen_at: null,
        revoked_at: null,
      });
      return { guestId, key, mayWrite: known.may_write === 1 };
    });
  }

  /** The engine behind a key. When it was last seen is written once a minute at most. */
  async verify(key: string): Promise<GuestIdentity | 'revoked' | undefined> {
    if (key === '') return undefined;
    const row = await this.#store.findGuest(hashSecret(key));
    if (!row) return undefined;
    if (row.revoked_at !== null) return 'revoked';
    const now = this.#clock.now();
    if (now - Number(row.last_seen_at ?? 0) > MS_PER_MINUTE)
      await this.#store.updateGuest(row.id, { last_seen_at: now });
    return {
      guestId: row.id,
      engineId: row.engine_id,
      label: row.label,
      mayWrite: Number(row.may_write) === 1,
    };
  }

  /** Notes under which name and version an engine comes now. */
  async greet(guestId: string, { engineName, version }: PeerIdentity): Promise<void> {
    const known = (await this.#store.guests()).find(({ id }) => id === guestId);
    if (known?.engine_name === engineName && known.version === version) return;
    await this.#store.updateGuest(guestId, { engine_name: engineName, version });
  }

  async list(): Promise<SyncGuest[]> {
    return (await this.#store.guests()).map(row => ({
      id: row.id,
      label: row.label,
      engineId: row.engine_id,
      engineName: row.engine_name,
      version: row.version,
      mayWrite: Number(row.may_write) === 1,
      connectedAt: Number(row.connected_at),
      lastSeenAt: row.last_seen_at === null ? null : Number(row.last_seen_at),
    }));
  }

  async codes(): Promise<{ label: string; mayWrite: boolean; expiresAt: number }[]> {
    return (await this.#store.openCodes(this.#clock.now())).map(row => ({
      label: row.label,
      mayWrite: Number(row.may_write) === 1,
      expiresAt: Number(row.expires_at),
    }));
  }

  /** @throws AppError `resource.not-found` */
  async revoke(id: string): Promise<void> {
    if (!(await this.#store.revokeGuest(id, this.#clock.now())))
      throw new AppError('resource.not-found', `No engine "${id}" is connected to this one.`);
  }
}
