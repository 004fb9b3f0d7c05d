import type { Actor, DecisionRun, Plan, PlanState } from '../../common/contracts/index.ts';
import { type AuditLog, type Clock, inTurns, type LiveHub } from '../platform/index.ts';
import { listedPlan, listedRun } from './listed-plan.ts';
import { podPieces } from './plan-pods.ts';
import type { PlanStore } from './plan-store.ts';
import type { Breaker } from './policy/breaker.ts';

/** Who changes a plan: a person, or the executor on behalf of the one who approved it. */
export type PlanActor = Pick<Actor, 'id' | 'label'> & {
  /** Of a policy that approves in place of a person. */
  readonly policy?: { readonly scope: string; readonly revision: number };
};

/** The executor as an actor. */
export const executorActor: PlanActor = { id: 'executor', label: 'executor' };

/** A change of a plan: what it becomes, and what it is called in the audit log (`plan.approved`). */
export interface PlanChange {
  readonly from: readonly PlanState[];
  readonly actor: PlanActor;
  readonly action: string;
  readonly apply: (plan: Plan) => Plan;
  readonly detail?: unknown;
  /** The cluster's circuit breaker after it, in the same commit. */
  readonly breaker?: Breaker;
}

/**
 * The only way in which plans change: audit entry and change are one commit, then the change is published. An effect
 * that follows a resolved change is thus always in the audit log before it happens.
 */
export class PlanJournal {
  readonly #store: PlanStore;
  readonly #audit: AuditLog;
  readonly #live: LiveHub;
  readonly #clock: Clock;
  readonly #listeners: ((plan: Plan) => void)[] = [];
  readonly #runListeners: ((run: DecisionRun) => void)[] = [];

  constructor(parts: { store: PlanStore; audit: AuditLog; live: LiveHub; clock: Clock }) {
    this.#store = parts.store;
    this.#audit = parts.audit;
    this.#live = parts.live;
    this.#clock = parts.clock;
  }

  /** Hears of every plan that is new or changed, after the commit. */
  onPlanChanged(listener: (plan: Plan) => void): void {
    this.#listeners.push(listener);
  }

  /** Hears of every run that began or ended, after the commit. */
  onRunChanged(listener: (run: DecisionRun) => void): void {
    this.#runListeners.push(listener);
  }

  /** Saves a new plan. */
  async propose(plan: Plan, actor: PlanActor): Promise<void> {
    const pieces = await inTurns(podPieces(plan.pods));
    await this.#store.write(async transaction => {
      const detail = { runId: plan.runId, title: plan.title, cost: plan.cost };
      await this.#audit.recordIn(transaction, { ...entryOf(actor, 'plan.proposed', plan), detail });
      await this.#store.insertPlan(transaction, plan, pieces);
    });
    this.#publish(plan);
  }

  /** Changes a plan that is in one of the states `from`; `undefined` when it is not there or in another state. */
  async change(planId: string, change: PlanChange): Promise<Plan | undefined> {
    const pods = await this.#store.podsOf(planId);
    const changed = await this.#store.write(async transaction => {
      const before = await this.#store.planIn(transaction, planId, pods);
      if (!before || !change.from.includes(before.state)) return undefined;
      const after = { ...change.apply(before), changedAt: this.#clock.now() };
      const detail = {
        before: before.state,
        after: after.state,
        outcome: after.outcome,
        ...asRecord(change.detail),
      };
      await this.#audit.recordIn(transaction, { ...entryOf(change.actor, change.action, after), detail });
      if (!(await this.#store.replacePlan(transaction, after, before.state))) return undefined;
      if (change.breaker) await this.#store.setBreaker(transaction, after.clusterId, change.breaker);
      return after;
    });
    if (changed) this.#publish(changed);
    return changed;
  }

  /** Notes progress within a state: words and task ids. Not a change of state, so not in the audit log. */
  async note(planId: string, apply: (plan: Plan) => Plan): Promise<Plan | undefined> {
    const pods = await this.#store.podsOf(planId);
    const changed = await this.#store.write(async transaction => {
      const before = await this.#store.planIn(transaction, planId, pods);
      if (!before) return undefined;
      const after = { ...apply(before), state: before.state, changedAt: this.#clock.now() };
      return (await this.#store.replacePlan(transaction, after, before.state)) ? after : undefined;
    });
    if (changed) this.#publish(changed);
    return changed;
  }

  /** Saves and publishes a run. */
  async saveRun(run: DecisionRun): Promise<void> {
    await this.#store.saveRun(run);
    this.#live.publish('decisions', `run/${run.id}`, listedRun(run));
    for (const listener of this.#runListeners) listener(run);
  }

  #publish(plan: Plan): void {
    this.#live.publish('decisions', `plan/${plan.id}`, listedPlan(plan));
    this.#live.publish(`plan/${plan.id}`, 'progress', { ...plan, pods: [] });
    for (const listener of this.#listeners) listener(plan);
  }
}

function entryOf(actor: PlanActor, action: string, plan: Plan) {
  return { actor: `${actor.label} (${actor.id})`, action, subject: plan.id };
}

function asRecord(detail: unknown): Record<string, unknown> {
  return typeof detail === 'object' && detail !== null ? { ...detail } : {};
}
