import type { Transaction } from 'kysely';
import type { PlanPod } from '../../common/contracts/index.ts';
import { type Database, inTurns } from '../platform/index.ts';
import type { DecisionTables } from './decision-tables.ts';

/** Written and read within a millisecond or two. */
const PIECE_PODS = 500;
/** Kept in memory at most, of the plans that were asked for last: about 15 MB. */
const MOST_KEPT = 50_000;
/** Values of one question. */
const MOST_IDS = 500;

/**
 * The pods of plans: by far the largest part of a plan for a large cluster, and never changed once it is saved. They lie apart, so that a
 * step can be noted without them, and in pieces, so that nobody waits while thousands are written or read.
 */
export class PlanPods {
  readonly #database: Database;
  /** By plan, the one asked for last at the end. */
  readonly #kept = new Map<string, PlanPod[]>();
  #count = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Saves the pods of a new plan. @param pieces as `podPieces` makes them */
  async insert(
    transaction: Transaction<DecisionTables>,
    planId: string,
    pieces: readonly string[],
  ): Promise<void> {
    for (const [place, body] of pieces.entries())
      await transaction.insertInto('decision_plan_pods').values({ plan_id: planId, place, body }).execute();
  }

  /** The pods of each of these plans; those of a plan that is not there are none. */
  async of(planIds: readonly string[]): Promise<ReadonlyMap<string, PlanPod[]>> {
    const found = new Map<string, PlanPod[]>();
    const missing: string[] = [];
    for (const id of planIds) {
      const kept = this.#kept.get(id);
      if (kept) found.set(id, kept);
      else missing.push(id);
    }
    for (let from = 0; from < missing.length; from += MOST_IDS) {
      const ids = missing.slice(from, from + MOST_IDS);
      const rows = await this.#database
        .reader<DecisionTables>()
        .selectFrom('decision_plan_pods')
        .select(['plan_id', 'body'])
        .where('plan_id', 'in', ids)
        .orderBy('plan_id')
        .orderBy('place')
        .execute();
      const read = await inTurns(podsByPlan(rows));
      for (const id of ids) found.set(id, read.get(id) ?? []);
    }
    // Those asked for now are kept longest.
    for (const id of planIds) this.#keep(id, found.get(id) ?? []);
    return found;
  }

  #keep(id: string, pods: PlanPod[]): void {
    this.#drop(id);
    // A plan that is being saved has none yet for who asks too early.
    if (pods.length === 0) return;
    this.#kept.set(id, pods);
    this.#count += pods.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#count <= MOST_KEPT) return;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    this.#count -= this.#kept.get(id)?.length ?? 0;
    this.#kept.delete(id);
  }
}

/** Pods as they are saved, a text for each piece. */
export function* podPieces(pods: readonly PlanPod[]): Generator<void, string[]> {
  const pieces: string[] = [];
  for (let from = 0; from < pods.length; from += PIECE_PODS) {
    pieces.push(JSON.stringify(pods.slice(from, from + PIECE_PODS)));
    yield;
  }
  return pieces;
}

function* podsByPlan(
  rows: readonly { readonly plan_id: string; readonly body: string }[],
): Generator<void, Map<string, PlanPod[]>> {
  const pods = new Map<string, PlanPod[]>();
  for (const { plan_id, body } of rows) {
    const own = pods.get(plan_id) ?? [];
    own.push(...(JSON.parse(body) as PlanPod[]));
    pods.set(plan_id, own);
    yield;
  }
  return pods;
}
