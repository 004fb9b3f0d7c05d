const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
/** Where the objects of a list lie: in an array, in an object. */
const ITEM_DEPTH = 2;

/**
 * Takes the JSON of a Kubernetes list apart as it comes in, so that a list of thousands of objects is never held whole: neither its
 * bytes, nor its text, nor its objects.
 */
export class ListReader {
  readonly #onItem: (item: unknown) => void;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #isInItems = false;
  /** The beginning of the item that is being read. */
  #item: Buffer[] = [];
  /** Everything but the items. */
  #rest: Buffer[] = [];

  constructor(onItem: (item: unknown) => void) {
    this.#onItem = onItem;
  }

  /** @throws SyntaxError for an item that is no JSON */
  take(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      if (this.#isInString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isInString = false;
      } else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        // Between items is nothing but commas.
        if (this.#isBetweenItems) start = at;
        else if (byte === OPEN_BRACKET && this.#depth === 1) {
          this.#rest.push(chunk.subarray(start, at + 1));
          start = at + 1;
          this.#isInItems = /"items"\s*:\s*\[$/.test(this.#restText());
        }
        this.#depth++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth--;
        if (this.#isBetweenItems) {
          this.#item.push(chunk.subarray(start, at + 1));
          start = at + 1;
          this.#endItem();
        } else if (this.#isInItems && this.#depth < ITEM_DEPTH) {
          this.#isInItems = false;
          start = at;
        }
      }
    }
    // A copy: what a stream gives may lie in a much larger piece of memory.
    if (!this.#isBetweenItems)
      (this.#isInItems ? this.#item : this.#rest).push(Buffer.from(chunk.subarray(start)));
  }

  /** The answer without its items; `undefined` when it is no JSON. */
  end(): unknown {
    try {
      return JSON.parse(this.#restText());
    } catch {
      return undefined;
    }
  }

  get #isBetweenItems(): boolean {
    return this.#isInItems && this.#depth === ITEM_DEPTH;
  }

  #endItem(): void {
    const text = Buffer.concat(this.#item).toString('utf8');
    this.#item = [];
    this.#onItem(JSON.parse(text));
  }

  #restText(): string {
    return Buffer.concat(this.#rest).toString('utf8');
  }
}
