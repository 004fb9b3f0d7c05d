import { createHash } from 'node:crypto';

/** An entry with what its hash covers, `detail` as the text that is covered. */
export interface ChainedEntry {
  readonly seq: number;
  /** ms UTC. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: string;
  /** Hash of the entry before it; empty for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** SHA-256, in hex, of the JSON array `[previous, seq, at, actor, action, subject, detail]`. */
export function hashOfEntry(entry: Omit<ChainedEntry, 'hash'>): string {
  const { previous, seq, at, actor, action, subject, detail } = entry;
  const text = JSON.stringify([previous, seq, at, actor, action, subject, detail]);
  return createHash('sha256').update(text).digest('hex');
}

/** Why a chain does not hold, at its first entry that does not. */
export interface BrokenEntry {
  readonly seq: number;
  readonly reason: string;
}

/** What was looked at. */
export interface ChainSummary {
  readonly entries: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly lastHash: string | null;
  /** Stretches of entries that are not there: what lies in them is not proven. */
  readonly gaps: number;
}

/**
 * Follows a chain, entry by entry. Where entries are left out, each of those that are there is held against the hash before it
 * that it names.
 */
export class ChainCheck {
  readonly #isWhole: boolean;
  #last: ChainedEntry | undefined;
  #first: number | null = null;
  #entries = 0;
  #gaps = 0;

  /** @param isWhole every entry from the first on has to be there */
  constructor(isWhole: boolean) {
    this.#isWhole = isWhole;
  }

  /** What is wrong with the next entry, or `undefined`. */
  take(entry: ChainedEntry): BrokenEntry | undefined {
    const { seq } = entry;
    const before = this.#last;
    const expected = (before?.seq ?? 0) + 1;
    const broken = (reason: string): BrokenEntry => ({ seq, reason });
    if (before && seq <= before.seq) return broken(`it comes after entry ${before.seq}`);
    if (this.#isWhole && seq !== expected) return broken(`entry ${expected} is missing before it`);
    if (seq === 1 && entry.previous !== '') return broken('it is the first and names one before it');
    if (seq === expected && before && entry.previous !== before.hash)
      return broken(`it does not follow on entry ${before.seq}, one of the two was altered`);
    if (entry.hash !== hashOfEntry(entry)) return broken('its hash is not that of what it says');
    if (before && seq !== expected) this.#gaps++;
    this.#first ??= seq;
    this.#last = entry;
    this.#entries++;
    return undefined;
  }

  summary(): ChainSummary {
    return {
      entries: this.#entries,
      first: this.#first,
      last: this.#last?.seq ?? null,
      lastHash: this.#last?.hash ?? null,
      gaps: this.#gaps,
    };
  }
}
