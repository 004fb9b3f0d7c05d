import { MICRO_USD_PER_USD } from '../../common/units/index.ts';

/** Two predictions for the same pool, made at the same time for the same time, and what happened. Micro-USD per hour. */
export interface PairedPoint {
  readonly pool: string;
  readonly madeAt: number;
  readonly forMs: number;
  readonly first: number;
  readonly second: number;
  /** The price when they were made, which is what "the last price stays" says. */
  readonly persistence: number;
  readonly actual: number;
}

/** Mean absolute error over a block: as a fraction of the price when predicted, and in USD per hour. */
export interface BlockError {
  readonly relative: number;
  readonly maeUsd: number;
}

/** One observation: the mean errors of all predictions made within one horizon. */
export interface PairedBlock {
  readonly startMs: number;
  /** When the last of its predictions came due. */
  readonly endMs: number;
  readonly points: number;
  readonly pools: number;
  readonly first: BlockError;
  readonly second: BlockError;
  readonly persistence: BlockError;
}

/** Where blocks begin, how long they are, and until when what happened is known. */
export interface BlockGrid {
  readonly startMs: number;
  readonly blockMs: number;
  readonly nowMs: number;
}

/**
 * Errors of two forecasters by blocks of one horizon. Predictions that are made within a horizon of each other foresee
 * overlapping stretches of time, and pools move together, so points are no independent observations; blocks nearly are (their
 * neighbours still overlap at the edge, which the confidence sequence allows for). Within a block every pool counts the
 * same, however many of its predictions could be compared. Only blocks whose last prediction has come due are given: a block
 * never changes its value after it was looked at. The result does not depend on the order of the points.
 * @returns blocks with at least one point, oldest first
 */
export function pairedBlocks(points: readonly PairedPoint[], grid: BlockGrid): PairedBlock[] {
  const { startMs, blockMs, nowMs } = grid;
  const byBlock = new Map<number, PairedPoint[]>();
  for (const point of points) {
    const block = Math.floor((point.madeAt - startMs) / blockMs);
    const horizonMs = point.forMs - point.madeAt;
    if (block < 0 || startMs + (block + 1) * blockMs + horizonMs > nowMs) continue;
    const list = byBlock.get(block) ?? [];
    list.push(point);
    byBlock.set(block, list);
  }
  return [...byBlock]
    .sort(([a], [b]) => a - b)
    .map(([block, list]) => blockOf(list, startMs + block * blockMs, blockMs));
}

function blockOf(unordered: readonly PairedPoint[], startMs: number, blockMs: number): PairedBlock {
  // Sums of floating-point numbers depend on their order.
  const points = unordered.toSorted((a, b) =>
    a.pool < b.pool ? -1 : a.pool > b.pool ? 1 : a.madeAt - b.madeAt,
  );
  const byPool = Map.groupBy(points, point => point.pool);
  const errorOf = (predicted: (point: PairedPoint) => number): BlockError => {
    let relative = 0;
    let maeUsd = 0;
    for (const ofPool of byPool.values()) {
      let relativeOfPool = 0;
      let absoluteOfPool = 0;
      for (const point of ofPool) {
        const error = Math.abs(predicted(point) - point.actual);
        relativeOfPool += error / point.persistence;
        absoluteOfPool += error;
      }
      relative += relativeOfPool / ofPool.length;
      maeUsd += absoluteOfPool / ofPool.length;
    }
    return { relative: relative / byPool.size, maeUsd: maeUsd / byPool.size / MICRO_USD_PER_USD };
  };
  const [{ forMs, madeAt } = { forMs: 0, madeAt: 0 }] = points;
  return {
    startMs,
    endMs: startMs + blockMs + forMs - madeAt,
    points: points.length,
    pools: byPool.size,
    first: errorOf(point => point.first),
    second: errorOf(point => point.second),
    persistence: errorOf(point => point.persistence),
  };
}
