/** Names and their places: a long list of names as numbers and a short list. */
export class Places {
  readonly names: string[] = [];
  readonly #places = new Map<string, number>();

  /** The place of a name, which gets one where it has none. */
  of(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
