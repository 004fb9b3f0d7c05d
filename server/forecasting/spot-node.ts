import type { PoolKey } from '../../common/units/index.ts';

/** A Spot node as a cluster reports it. */
export interface ObservedSpotNode {
  readonly uid: string;
  readonly name: string;
  readonly pool: PoolKey;
}

/** A notice that AWS takes a node away. */
export interface ObservedInterruption {
  readonly clusterId: string;
  readonly nodeName: string;
  readonly atMs: number;
}

/** A Spot node for as long as it was seen. */
export interface SpotNode extends ObservedSpotNode {
  readonly clusterId: string;
  readonly fromMs: number;
  /** Until then it is known to have run: when it was interrupted, else when it was last seen. */
  readonly untilMs: number;
  /** `undefined` for one that runs, or went for another or an unknown reason. */
  readonly interruptedMs: number | undefined;
}

/** Whether it was seen running at a time. */
export function isAtRisk({ fromMs, untilMs }: SpotNode, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs;
}
