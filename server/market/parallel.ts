/**
 * Works through items, `count` at a time, in order. The first failure stops the others and is what this rejects with;
 * when `outer` aborts, its reason.
 */
export async function workInParallel<T>(
  count: number,
  items: readonly T[],
  outer: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([outer, failed.signal]);
  const queue = [...items];
  const worker = async () => {
    try {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
        signal.throwIfAborted();
        await work(item, signal);
      }
    } catch (error) {
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
  outer.throwIfAborted();
  // The first cause; the others ended because of it.
  failed.signal.throwIfAborted();
}
