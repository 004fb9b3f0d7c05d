import type { PackingPlan } from '../../../common/contracts/index.ts';
import type { RepackAnswer, RepackedNode } from '../engines/bin-packing/repack-answer.ts';
import type { ArrangementOrder } from './arrange-snapshot.ts';

/** What a planning thread is asked for. */
export interface PlanningOrders {
  readonly plan: {
    readonly order: ArrangementOrder & { readonly task: 'plan' };
    readonly answer: PackingPlan;
  };
  /** The answer of the engine that packs anew. */
  readonly repack: {
    readonly order: ArrangementOrder & { readonly task: 'repack'; readonly nodes: readonly RepackedNode[] };
    readonly answer: RepackAnswer;
  };
}
export type PlanningOrder = PlanningOrders[keyof PlanningOrders]['order'];
export type PlanningAnswer = PlanningOrders[keyof PlanningOrders]['answer'];

/** How long a plan may take. */
export interface PlanningLimits {
  readonly seed: number;
  /** When the answer must be there, ms UTC. */
  readonly untilMs: number;
  /** One 32-bit integer; anything but 0 asks for the best so far. */
  readonly stop: SharedArrayBuffer;
}

/** A large array goes piece by piece, so that neither side stands still while it is copied. */
export interface PartMessage {
  readonly kind: 'part';
  readonly field: string;
  readonly items: readonly unknown[];
}
export type ToPlanner =
  | PartMessage
  | { readonly kind: 'order'; readonly order: PlanningOrder; readonly limits: PlanningLimits }
  /** The next part, please. */
  | { readonly kind: 'next' };
export type FromPlanner =
  | PartMessage
  | { readonly kind: 'better'; readonly costMicroUsdPerHour: number }
  | { readonly kind: 'answer'; readonly answer: PlanningAnswer };

/** Copied in about two milliseconds. */
const PART_ITEMS = 500;

/**
 * Takes the large arrays out of a record.
 * @returns the rest, with empty arrays in their place, and the parts in order
 */
export function takeApart<T extends object>(record: T): { rest: T; parts: PartMessage[] } {
  const rest = { ...record } as Record<string, unknown>;
  const parts: PartMessage[] = [];
  for (const [field, value] of Object.entries(record)) {
    if (!Array.isArray(value) || value.length <= PART_ITEMS) continue;
    rest[field] = [];
    for (let at = 0; at < value.length; at += PART_ITEMS)
      parts.push({ kind: 'part', field, items: value.slice(at, at + PART_ITEMS) });
  }
  return { rest: rest as T, parts };
}

/** Puts the arrays back. */
export function putTogether<T extends object>(rest: T, parts: readonly PartMessage[]): T {
  const whole = { ...rest } as Record<string, unknown>;
  for (const [field, own] of Map.groupBy(parts, part => part.field))
    whole[field] = own.flatMap(({ items }) => items);
  return whole as T;
}
