import type { Span } from './pool-names.ts';

const [OPEN, AMPERSAND, BLANK] = Buffer.from('<& ');

/**
 * The bytes of an item that are no values: EC2 writes a thousand items alike, so that the tags of one tell where the
 * values of the next begin. Learned from an item that was read tag by tag.
 */
export class ItemTemplate {
  readonly #literals: readonly Uint8Array[];
  readonly #places: readonly number[];

  /**
   * @param start where the item begins, @param end where it ends
   * @param spans the values by field; those whose `end` is −1 are absent
   */
  constructor(bytes: Uint8Array, start: number, end: number, spans: readonly Span[]) {
    const places = [...spans.keys()].filter(place => spans[place]?.end !== -1);
    places.sort((a, b) => (spans[a]?.start ?? 0) - (spans[b]?.start ?? 0));
    const starts = [start, ...places.map(place => spans[place]?.end ?? 0)];
    const ends = [...places.map(place => spans[place]?.start ?? 0), end];
    this.#places = places;
    this.#literals = starts.map((from, index) => bytes.slice(from, ends[index]));
  }

  /**
   * Reads an item of the same make at `from` into the spans of its values.
   * @returns where it ends; −1 when it is another, or holds a value that is not plain
   */
  read(bytes: Uint8Array, from: number, spans: readonly Span[]): number {
    const literals = this.#literals;
    let at = from;
    for (let index = 0; index < literals.length; index++) {
      const literal = literals[index] as Uint8Array;
      const length = literal.length;
      for (let offset = 0; offset < length; offset++) if (bytes[at + offset] !== literal[offset]) return -1;
      at += length;
      const place = this.#places[index];
      if (place === undefined) break;
      const span = spans[place] as Span;
      const end = endOfValue(bytes, at);
      if (end < 0) return -1;
      span.start = at;
      span.end = end;
      at = end;
    }
    return at;
  }
}

/**
 * Where a value ends that begins at `start` and goes up to the next tag; −1 when it is empty, or holds an entity, a
 * control character, or blanks about it.
 */
export function endOfValue(bytes: Uint8Array, start: number): number {
  let at = start;
  let byte = bytes[at];
  while (byte !== OPEN) {
    if (byte === undefined || byte === AMPERSAND || byte < 0x20) return -1;
    byte = bytes[++at];
  }
  return at === start || bytes[start] === BLANK || bytes[at - 1] === BLANK ? -1 : at;
}
