import { packLikeAutoscaler } from './autoscaler-order.ts';
import { packLikeKarpenter } from './karpenter-order.ts';
import type { PackingCase } from './packing-case.ts';

/** What first-fit-decreasing costs as others order it, micro-USD an hour. */
export interface BaselineCosts {
  readonly karpenter: number;
  readonly autoscaler: number;
}

export function baselineCosts({ problem }: PackingCase): BaselineCosts {
  return { karpenter: packLikeKarpenter(problem).cost, autoscaler: packLikeAutoscaler(problem).cost };
}

/** Counts over all cases: an answer may cost no more than the cheaper baseline, and on half of the cases it must cost less. */
export class Comparison {
  cases = 0;
  below = 0;
  readonly dearer: string[] = [];

  add(name: string, cost: number, { karpenter, autoscaler }: BaselineCosts): void {
    const best = Math.min(karpenter, autoscaler);
    this.cases++;
    if (cost < best) this.below++;
    if (cost > best) this.dearer.push(name);
  }

  get holds(): boolean {
    return this.dearer.length === 0 && this.below * 2 >= this.cases;
  }
}
