/** How a transfer goes on: bytes per second over the last seconds, and what it will still take. */
export interface TransferSpeed {
  readonly bytesPerSecond: number;
  readonly etaMs: number;
}

/** How far back the rate looks: long enough to be calm, short enough to notice a slower network. */
const WINDOW_MS = 6_000;
/** Before this much has been seen, a rate would be a guess. */
const LEAST_MS = 800;

/** Measures a transfer from the byte counts that are reported of it. */
export class TransferRate {
  readonly #samples: { readonly atMs: number; readonly sent: number }[] = [];

  /** Takes a report. @returns the speed, or `undefined` while too little was seen or nothing moves */
  report(atMs: number, sent: number, total: number): TransferSpeed | undefined {
    this.#samples.push({ atMs, sent });
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS)
      this.#samples.shift();
    const [oldest] = this.#samples;
    if (!oldest || atMs - oldest.atMs < LEAST_MS || sent <= oldest.sent) return undefined;
    const bytesPerSecond = ((sent - oldest.sent) * 1_000) / (atMs - oldest.atMs);
    return { bytesPerSecond, etaMs: ((total - sent) / bytesPerSecond) * 1_000 };
  }
}
