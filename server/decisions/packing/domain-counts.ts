/** How many pods each domain holds, with the least count at hand. Counts only grow. */
export class DomainCounts {
  readonly #counts = new Map<number, number>();
  /** `#domainsWith[n]`: domains that hold n pods. */
  readonly #domainsWith: number[] = [];
  #least = 0;

  /** A domain that exists counts, though it is empty. */
  addDomain(domain: number): void {
    if (this.#counts.has(domain)) return;
    this.#counts.set(domain, 0);
    this.#domainsWith[0] = (this.#domainsWith[0] ?? 0) + 1;
    this.#least = 0;
  }

  add(domain: number, pods: number): void {
    const before = this.#counts.get(domain);
    if (before === undefined) return;
    this.#counts.set(domain, before + pods);
    this.#domainsWith[before] = (this.#domainsWith[before] as number) - 1;
    this.#domainsWith[before + pods] = (this.#domainsWith[before + pods] ?? 0) + 1;
  }

  get domains(): number {
    return this.#counts.size;
  }

  of(domain: number): number {
    return this.#counts.get(domain) ?? 0;
  }

  /** Least count of any domain; 0 when there is none. */
  least(): number {
    if (this.#counts.size === 0) return 0;
    while (!this.#domainsWith[this.#least]) this.#least++;
    return this.#least;
  }
}
