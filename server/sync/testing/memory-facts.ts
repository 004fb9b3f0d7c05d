import { z } from 'zod';
import type { PeerFact } from '../../../common/contracts/index.ts';
import type { FactSource } from '../fact-book.ts';

/** Facts of an engine in memory, numbered as the rooms number theirs: a changed one takes the next number. */
export class MemoryFacts implements FactSource {
  readonly schema = z.object({ text: z.string() });
  readonly #facts = new Map<string, PeerFact>();

  /** Says something new, or something else about the same. */
  tell(id: string, text: string): void {
    const seq = this.#last() + 1;
    this.#facts.delete(id);
    this.#facts.set(id, { id, seq, at: seq, body: { text } });
  }

  /** What it holds, as a backup would. */
  backup(): ReadonlyMap<string, PeerFact> {
    return new Map(this.#facts);
  }

  restore(backup: ReadonlyMap<string, PeerFact>): void {
    this.#facts.clear();
    for (const [id, fact] of backup) this.#facts.set(id, fact);
  }

  last: FactSource['last'] = async () => this.#last();

  after: FactSource['after'] = async (seq, limit) =>
    [...this.#facts.values()]
      .filter(fact => fact.seq > seq)
      .sort((a, b) => a.seq - b.seq)
      .slice(0, limit);

  #last(): number {
    return Math.max(0, ...[...this.#facts.values()].map(({ seq }) => seq));
  }
}
