import type { z } from 'zod';
import type {
  FactKind,
  FactOrigin,
  PeerCursor,
  PeerFact,
  PeerIdentity,
} from '../../common/contracts/index.ts';
import { FACT_PAGE_BYTES, MOST_FACTS } from '../../common/contracts/peers.ts';
import { AppError } from '../../common/errors.ts';
import type { FactPage, FactStore } from './fact-store.ts';

/** Facts of this engine's own, of one kind. */
export interface FactSource {
  /** What a fact of the kind looks like; held against what others tell. */
  readonly schema: z.ZodType;
  /** Number of the last change; 0 without one. */
  last(): Promise<number>;
  /** Facts that changed after a number, in the order of their last changes. */
  after(seq: number, limit: number): Promise<PeerFact[]>;
}

/** All facts that this engine can tell: its own, from its rooms, and those of others. */
export class FactBook {
  readonly #self: PeerIdentity;
  readonly #store: FactStore;
  readonly #sources: Readonly<Record<FactKind, FactSource>>;

  constructor(self: PeerIdentity, store: FactStore, sources: Readonly<Record<FactKind, FactSource>>) {
    this.#self = self;
    this.#store = store;
    this.#sources = sources;
  }

  /** Whose facts there are, and up to which number; this engine's own first. */
  async cursors(kind: FactKind): Promise<PeerCursor[]> {
    const { engineId: origin, engineName: name } = this.#self;
    const seq = await this.#sources[kind].last();
    return [{ origin, name, seq }, ...(await this.#store.cursors(kind))];
  }

  /** A page of facts after a number: not more than fit into a body, and one at least. */
  async read(kind: FactKind, origin: string, after: number): Promise<PeerFact[]> {
    const facts =
      origin === this.#self.engineId
        ? await this.#sources[kind].after(after, MOST_FACTS)
        : await this.#store.after(kind, origin, after, MOST_FACTS);
    let bytes = 0;
    const end = facts.findIndex((fact, index) => {
      bytes += Buffer.byteLength(JSON.stringify(fact.body));
      return index > 0 && bytes > FACT_PAGE_BYTES;
    });
    return end === -1 ? facts : facts.slice(0, end);
  }

  /**
   * Takes a page of another engine; resolves with up to which number its facts are here.
   * @throws AppError `input.invalid` for a fact that is not what its kind looks like, and for one that claims to be of this engine
   */
  async add(kind: FactKind, page: FactPage): Promise<number> {
    if (page.origin === this.#self.engineId)
      throw new AppError('input.invalid', 'Facts of this engine come from itself alone.');
    let before = page.after;
    const facts = page.facts.map(fact => {
      const checked = this.#sources[kind].schema.safeParse(fact.body);
      if (!checked.success || fact.seq <= before)
        throw new AppError('input.invalid', `What ${page.name} tells of ${kind} ${fact.id} cannot be read.`, {
          hint: 'Bring both engines to the same version.',
        });
      before = fact.seq;
      return { ...fact, body: checked.data };
    });
    return this.#store.add(kind, { ...page, facts });
  }

  startOver(kind: FactKind, origin: string): Promise<void> {
    return this.#store.startOver(kind, origin);
  }

  /** The newest facts of other engines. */
  async elsewhere(kind: FactKind, limit: number): Promise<{ origin: FactOrigin; body: unknown }[]> {
    const names = new Map((await this.#store.cursors(kind)).map(({ origin, name }) => [origin, name]));
    return (await this.#store.newest(kind, limit)).map(({ origin, body }) => ({
      origin: { id: origin, name: names.get(origin) ?? origin },
      body,
    }));
  }
}
