import type { Binding } from './bind-pods.ts';
import type { BinSource } from './compile-problem.ts';
import type { CountedPods } from './node-plan.ts';
import type { BrokenPreference } from './preference-counts.ts';

/** Nodes that are filled alike. */
export interface PackedNodes {
  readonly source: BinSource;
  /** Name of an existing node; the name that a new one goes by in this answer. Of several nodes, the first. */
  readonly name: string;
  readonly count: number;
  /** Pods on each of the nodes, those that were there included. */
  readonly pods: readonly CountedPods[];
}

/** Pods that found no place, and why. */
export interface UnplacedPods extends CountedPods {
  readonly reason: string;
}

export interface PackingAnswer {
  /** Of all nodes afterwards whose price is known. */
  readonly costMicroUsdPerHour: number;
  /** No set of nodes that holds the placed pods costs less. */
  readonly lowerBoundMicroUsdPerHour: number;
  readonly nodes: readonly PackedNodes[];
  readonly unplaced: readonly UnplacedPods[];
  /**
   * An order in which kube-scheduler accepts every pod that is new to its node, all nodes and the pods that stay being there from the start; `node`
   * counts through `nodes`.
   * `null` when no rule between pods is in play, so that any order does.
   */
  readonly bindings: readonly Binding[] | null;
  /** What pods would rather have had: for each class and kind, one for each pod and each term that does not hold. */
  readonly brokenPreferences: readonly BrokenPreference[];
}
