import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How long the event loop of this thread stood still. */
export interface Stalls {
  /** Longest wait for a turn, ms: on a machine that is shared, also what others took. */
  readonly longestMs: number;
  /** Most CPU time of this thread between two turns, ms: what it did to itself. */
  readonly longestOwnMs: number;
}

const TICK_MS = 1;
/** The watch must have begun before what is watched, and see the turn after it. */
const MARGIN_MS = 20;

/** Watches the event loop while some work is done. */
export async function watchEventLoop<T>(work: () => Promise<T>): Promise<{ result: T; stalls: Stalls }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  let longestOwnMs = 0;
  let last = ownCpuMs();
  const tick = setInterval(() => {
    const now = ownCpuMs();
    longestOwnMs = Math.max(longestOwnMs, now - last);
    last = now;
  }, TICK_MS);
  delay.enable();
  await wait();
  delay.reset();
  longestOwnMs = 0;
  try {
    const result = await work();
    await wait();
    return { result, stalls: { longestMs: delay.max / 1e6, longestOwnMs } };
  } finally {
    delay.disable();
    clearInterval(tick);
  }
}

function wait(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, MARGIN_MS));
}

function ownCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
