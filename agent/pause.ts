/** Waits; resolves early, without an error, when the signal aborts. */
export function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, delayMs));
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Delay before try `attempt` (0, 1, …): doubles from `firstMs` up to `maxMs`, of which a random half is taken off. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number, random: () => number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));
  return full * (0.5 + random() / 2);
}
