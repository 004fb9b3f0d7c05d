/** Mean of the sum of squared cubic B-spline weights over one knot interval: brings `smoothNoise` back to variance 1. */
const SPLINE_GAIN = 1 / Math.sqrt(0.479365);

/** A 32-bit seed of a text and a parent seed: FNV-1a, then mixed, so that similar names give unrelated seeds. */
export function seedOf(parent: number, text: string): number {
  let hash = 0x811c9dc5 ^ parent;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** A number in [0, 1) that depends on seed and index alone. */
export function uniformAt(seed: number, index: number): number {
  return (mix(seed ^ Math.imul(index, 0x9e3779b1)) >>> 0) / 4_294_967_296;
}

/** A number of mean 0 and variance 1 that depends on seed and index alone: the sum of four uniform ones, within ±3.5. */
export function bellAt(seed: number, index: number): number {
  const first = mix(seed ^ Math.imul(index, 0x9e3779b1));
  const second = mix(first ^ 0x5bd1e995);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return (sum / 65_536 - 2) * Math.sqrt(3);
}

/**
 * A smooth random curve: `bellAt` at whole `x`, joined by a uniform cubic B-spline, with mean 0 and variance about 1.
 * It reverts to its mean within a few units of `x`, has no state, and can be asked at any `x`.
 */
export function smoothNoise(seed: number, x: number): number {
  const knot = Math.floor(x);
  const t = x - knot;
  const t2 = t * t;
  const t3 = t2 * t;
  const value =
    (1 - t) ** 3 * bellAt(seed, knot - 1) +
    (3 * t3 - 6 * t2 + 4) * bellAt(seed, knot) +
    (-3 * t3 + 3 * t2 + 3 * t + 1) * bellAt(seed, knot + 1) +
    t3 * bellAt(seed, knot + 2);
  return (value / 6) * SPLINE_GAIN;
}

/** The finalizer of MurmurHash3 (Appleby, public domain). */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
