import type { Arrival } from '../../common/desktop-bridge.ts';

/** What waits for the window: it is kept until the UI is there and fetches it. */
export class Arrivals {
  readonly #onArrival: () => void;
  #waiting: Arrival[] = [];

  /** @param onArrival tells the window that there is something to fetch */
  constructor(onArrival: () => void) {
    this.#onArrival = onArrival;
  }

  add(arrival: Arrival): void {
    this.#waiting.push(arrival);
    this.#onArrival();
  }

  /** All that waits, once. */
  take(): readonly Arrival[] {
    return this.#waiting.splice(0);
  }
}
