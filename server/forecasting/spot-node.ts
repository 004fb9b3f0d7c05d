import type { PoolKey } from '../../common/units/index.ts';

/** A Spot node as a cluster reports it. */
export interface ObservedSpotNode {
  readonly uid: string;
  readonly name: string;
  readonly pool: PoolKey;
}

/** What AWS said of a Spot node: that it takes it away, or that its risk is higher than usual. */
export interface SpotNotice {
  readonly kind: 'interruption' | 'rebalance';
  /** ms UTC */
  readonly atMs: number;
}

/** A notice that AWS takes a node away, or recommends to leave it. */
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
