/**
 * Uniform numbers in [0, 1) that are the same for the same seed, so that what was tried can be tried again.
 * Not for secrets. Source: Tommy Ettinger's mulberry32 (public domain).
 * @param seed any integer; its low 32 bits count
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
