import type { TaskResult } from '../../common/agent-protocol/index.ts';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock, Logger } from '../platform/index.ts';
import type { Capacity } from './capacity/choose-capacity.ts';
import { checkPlan, type PlanCheck } from './check-plan.ts';
import { disturbedBy } from './drain-order.ts';
import type { Endings } from './ending/endings.ts';
import { EngineSteps } from './engine-steps.ts';
import type { ClusterControl, TypeCatalog } from './neighbours.ts';
import { nodeOfInstance } from './node-of-instance.ts';
import { openBill } from './open-bill.ts';
import { executorActor, type PlanJournal } from './plan-journal.ts';
import {
  type ClusterFacts,
  freshStep,
  isDue,
  isOfEngine,
  isUndo,
  nextMove,
  withGone,
  withStep,
  withUndo,
} from './plan-progress.ts';
import type { PlanStore } from './plan-store.ts';
import { actionOf, mayBeCancelled, subjectOf } from './plan-tasks.ts';
import { plansBefore } from './plans-before.ts';
import { afterPlan, pausedSentence, withPause } from './policy/breaker.ts';
import { endForKillSwitch } from './policy/kill-switch.ts';
import type { PlanGuard } from './policy/plan-guard.ts';
import { canaryOf } from './resizing/pods-of-resize.ts';
import { waitsForResizes } from './resizing/side-by-side.ts';
import { shutAhead, withNodesOpened } from './shut-ahead.ts';
import { moveOf } from './trigger-run.ts';

/** What plans are carried out with. */
export interface ExecutorParts {
  readonly store: PlanStore;
  readonly journal: PlanJournal;
  readonly clusters: ClusterControl;
  readonly market: TypeCatalog;
  readonly capacity: Pick<Capacity, 'providerOf'>;
  readonly endings: Endings;
  readonly guard: PlanGuard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Drains of one cluster that run side by side at most. */
const MOST_DRAINS = 3;

const RUNNING = ['running', 'stopping'] as const;

/**
 * Carries plans out in the order of their approval and wave by wave, one at a time for each cluster but for resizes, which run side by side: check, cordon, drain,
 * end-instance, delete-node. All that it knows is in the plans, so an engine that starts again goes on. What a cluster needs is done in turn, never
 * twice at once.
 */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #engineSteps: EngineSteps;
  readonly #turns = new Map<string, Promise<void>>();
  /** Tasks whose end was asked for by this process: each order is audited, so it is given once. */
  readonly #cancelled = new Set<string>();
  /** What drains of this process disturb since their start, by task: pods that left their node are not up again elsewhere yet. */
  readonly #disturbed = new Map<string, ReadonlySet<string>>();
  #isStopped = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
    this.#engineSteps = new EngineSteps(parts);
    parts.clusters.onTaskResult((clusterId, result) => {
      void this.#inTurn(clusterId, async () => {
        await this.#takeResult(clusterId, result);
        await this.#advance(clusterId);
      });
    });
  }

  /** Takes up whatever can go on: results nobody heard of, steps that waited for the agent, the next approved plan. */
  async wake(): Promise<void> {
    const open = await this.#parts.store.plansIn(['approved', ...RUNNING]);
    await Promise.all(
      [...new Set(open.map(plan => plan.clusterId))].map(clusterId => this.wakeCluster(clusterId)),
    );
  }

  /** The same for one cluster; resolves when nothing more can be done now. */
  async wakeCluster(clusterId: string): Promise<void> {
    await this.#inTurn(clusterId, async () => {
      await endForKillSwitch({ ...this.#parts, executor: this }, clusterId);
      await this.#recover(clusterId);
      await this.#advance(clusterId);
    });
  }

  /** Begins nothing more; resolves when what is under way in this process is on disk. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#turns.values());
  }

  #inTurn(clusterId: string, work: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(clusterId) ?? Promise.resolve();
    const turn = before.then(async () => {
      if (this.#isStopped) return;
      await work();
    });
    const settled = turn.catch((error: unknown) => {
      this.#parts.log.error(
        { clusterId, err: error },
        'carrying out plans of a cluster failed; it is tried again',
      );
    });
    this.#turns.set(clusterId, settled);
    return settled;
  }

  /** Asks for the word on each running step, and sends again what was never sent. */
  async #recover(clusterId: string): Promise<void> {
    const { store, journal, clusters } = this.#parts;
    for (const plan of await store.plansIn(RUNNING, clusterId)) {
      for (const step of plan.steps.filter(one => one.state === 'running' && !isOfEngine(one))) {
        if (step.taskId === null) {
          await journal.note(plan.id, one => withStep(one, step.index, { state: 'waiting' }));
          continue;
        }
        const task = await clusters.getTask(step.taskId);
        if (task?.result) await this.#takeResult(clusterId, task.result);
        else if (!task) await this.#endStep(plan, step, 'failed', 'the agent’s task is not known any more');
        if (plan.state === 'stopping' && mayBeCancelled(step) && task) await this.#cancel(plan, step.taskId);
      }
    }
  }

  async #takeResult(clusterId: string, result: TaskResult): Promise<void> {
    const { store, journal, clusters } = this.#parts;
    const running = await store.plansIn(RUNNING, clusterId);
    const plan = running.find(one => one.steps.some(step => step.taskId === result.taskId));
    const step = plan?.steps.find(one => one.taskId === result.taskId);
    if (!plan || step?.state !== 'running') return;
    if (result.state === 'running') {
      if (step.detail === result.detail) return;
      await journal.note(plan.id, one => withStep(one, step.index, { detail: result.detail }));
      return;
    }
    // A node that is gone is what a delete wanted, whatever the agent made of it.
    const isGone = clusters.state(clusterId)?.nodes.every(node => node.uid !== step.node?.uid) === true;
    const isDone = result.state === 'done' || (step.kind === 'delete-node' && isGone);
    const state = isDone ? 'done' : result.state === 'cancelled' ? 'skipped' : 'failed';
    await this.#endStep(plan, step, state, result.detail);
    this.#disturbed.delete(result.taskId);
  }

  async #endStep(
    plan: Plan,
    step: PlanStep,
    state: PlanStep['state'],
    detail: string,
    also: (plan: Plan) => Plan = one => one,
  ): Promise<void> {
    await this.#parts.journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: `plan.step-${state}`,
      detail: { ...subjectOf(plan, step), words: detail },
      apply: one => also(withStep(one, step.index, { state, detail, endedAt: this.#parts.clock.now() })),
    });
  }

  /** Moves on until somebody else has to say something. */
  async #advance(clusterId: string): Promise<void> {
    while (!this.#isStopped) {
      const running = await this.#parts.store.plansIn(RUNNING, clusterId);
      let moved = false;
      for (const plan of running) moved = (await this.#continue(plan)) || moved;
      if (!moved && !(await this.#startNext(clusterId, running))) return;
    }
  }

  async #continue(plan: Plan): Promise<boolean> {
    const { journal, guard, clock } = this.#parts;
    const facts = this.#factsOf(plan.clusterId);
    const move = nextMove(plan, facts);
    if (move.kind === 'wait') return false;
    if (move.kind === 'run') return this.#runStep(plan, move.index);
    if (move.kind === 'poll') return this.#pollStep(plan, move.index);
    if (move.kind === 'undo') {
      const apply = (one: Plan) => withUndo(one, facts);
      const change = { from: RUNNING, actor: executorActor, action: 'plan.undone', apply };
      return (await journal.change(plan.id, change)) !== undefined;
    }
    const { state, outcome } = move;
    const policy = await guard.settings(plan.clusterId);
    const before = await this.#parts.store.breaker(plan.clusterId);
    const breaker = afterPlan(before, state === 'failed', clock.now(), policy);
    const ended = await journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: `plan.${state}`,
      apply: one => ({
        ...one,
        state,
        outcome: state === 'failed' ? withPause(outcome, breaker, policy) : outcome,
      }),
      ...(state === 'stopped' || state === 'stale' ? {} : { breaker }),
    });
    return ended !== undefined;
  }

  #factsOf(clusterId: string): ClusterFacts {
    const observed = this.#parts.clusters.state(clusterId);
    return {
      stands: uid => observed?.nodes.some(node => node.uid === uid) ?? true,
      hasPod: uid => observed?.inventory.pods.some(pod => pod.uid === uid) ?? true,
      nodeOf: instanceId => {
        const found = observed && nodeOfInstance(observed, instanceId);
        return found && { node: { name: found.name, uid: found.uid }, isUsed: found.isUsed };
      },
      mayJoin: (drain, underWay) => {
        if (!observed || !drain.node || underWay.length >= MOST_DRAINS) return false;
        const mine = disturbedBy(drain.node.name, observed.inventory);
        // Of a drain that an earlier process began it is not known what it disturbs.
        return underWay.every(({ taskId }) => {
          const theirs = this.#disturbed.get(taskId ?? '');
          return theirs !== undefined && ![...mine].some(one => theirs.has(one));
        });
      },
    };
  }

  async #runStep(plan: Plan, index: number): Promise<boolean> {
    const { clusters, journal, guard, clock } = this.#parts;
    const step = plan.steps[index];
    const observed = clusters.state(plan.clusterId);
    if (!step || observed?.cluster.state !== 'live') return false;
    if (step.kind === 'check' && step.wave > 1 && plan.state === 'running') {
      const held = (await guard.holdNow(plan.clusterId)) ?? (await this.#pause(plan));
      if (held !== undefined) {
        if (shutAhead(plan, step.wave).length > 0) return this.#openNodes(plan, step.wave);
        await this.#say(plan, step, `Waits: ${held}`);
        return false;
      }
    }
    const policy = await guard.settings(plan.clusterId);
    const startedAt = step.startedAt ?? clock.now();
    const pod =
      step.kind === 'resize-pod' && plan.resize ? (step.pod ?? canaryOf(plan.resize, observed)) : undefined;
    const begun = await journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: 'plan.step-started',
      detail: subjectOf(plan, step),
      // A stop that was ordered meanwhile comes before the step, but not before its undoing.
      apply: one =>
        one.state === 'stopping' && !isUndo(step) && !isDue(one, step)
          ? one
          : withStep(one, index, { state: 'running', startedAt, detail: null, ...(pod ? { pod } : {}) }),
    });
    const running = begun?.steps[index];
    if (!begun || running?.state !== 'running' || isOfEngine(step)) return begun !== undefined;
    const action = actionOf(begun, running, policy);
    if (!action) {
      await this.#endStep(
        plan,
        step,
        'failed',
        'no ready pod asks for what it asked for when this was decided',
      );
      return true;
    }
    try {
      const { taskId } = await clusters.sendTask(plan.clusterId, {
        action,
        deadlineMs: step.kind === 'drain' || step.kind === 'evict' ? policy.drainMs : policy.shortTaskMs,
        dryRun: false,
        actor: `plan ${plan.id}, approved by ${plan.approval?.by ?? 'nobody'}`,
      });
      if (action.kind === 'drain')
        this.#disturbed.set(taskId, disturbedBy(action.node.name, observed.inventory));
      const sent = await journal.note(plan.id, one => withStep(one, index, { taskId }));
      if (sent?.state === 'stopping' && mayBeCancelled(step)) await this.#cancel(plan, taskId);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'cluster.away') {
        await journal.note(plan.id, one => withStep(one, index, { state: 'waiting', detail: error.message }));
        return false;
      }
      await this.#endStep(plan, step, 'failed', error.message);
      return true;
    }
  }

  /** Nobody knows how long the wave is held back, and no node stays shut for that. */
  async #openNodes(plan: Plan, wave: number): Promise<boolean> {
    const opened = await this.#parts.journal.change(plan.id, {
      from: ['running'],
      actor: executorActor,
      action: 'plan.nodes-opened',
      detail: { wave, nodes: shutAhead(plan, wave).map(({ name }) => name) },
      apply: one => withNodesOpened(one, wave, freshStep),
    });
    return opened !== undefined;
  }

  /** Goes on with a step that the engine does itself; `false` while it has to wait. */
  async #pollStep(plan: Plan, index: number): Promise<boolean> {
    const step = plan.steps[index];
    if (!step) return false;
    if (plan.state === 'stopping' && !isUndo(step) && step.kind !== 'end-instance') {
      await this.#endStep(plan, step, 'skipped', 'Stopped.');
      return true;
    }
    const look = await this.#engineSteps.look(plan, step, await this.#parts.guard.settings(plan.clusterId));
    if (look.state === 'waits') {
      const { detail = step.detail, change } = look;
      const hasChanged = change && JSON.stringify({ ...step, ...change }) !== JSON.stringify(step);
      if (detail !== step.detail || hasChanged)
        await this.#parts.journal.note(plan.id, one => withStep(one, index, { ...change, detail }));
      return false;
    }
    const { state, detail, change = {}, gone = [] } = look;
    await this.#endStep(plan, step, state, detail, one =>
      withGone(withStep(one, index, change), gone, this.#parts.clock.now()),
    );
    return true;
  }

  async #say(plan: Plan, step: PlanStep, detail: string): Promise<void> {
    if (step.detail !== detail)
      await this.#parts.journal.note(plan.id, one => withStep(one, step.index, { detail }));
  }

  /** Why a plan that runs beside others goes no further: enough of them have failed. */
  async #pause({ clusterId }: Plan): Promise<string | undefined> {
    const breaker = await this.#parts.store.breaker(clusterId);
    if (breaker.pausedAt === null) return undefined;
    return pausedSentence(breaker, await this.#parts.guard.settings(clusterId));
  }

  /** The first approved plan that still holds and may run beside those that do; those that hold no more become stale. */
  async #startNext(clusterId: string, running: readonly Plan[]): Promise<boolean> {
    const { store, journal, clusters, market, guard } = this.#parts;
    if (running.some(({ resize }) => !resize)) return false;
    if ((await store.breaker(clusterId)).pausedAt !== null) return false;
    for (const plan of await store.plansIn(['approved'], clusterId)) {
      const [first] = plan.steps;
      const before = await plansBefore(plan, store);
      if (before.length > 0) {
        if (first)
          await this.#say(
            plan,
            first,
            `Waits: ${before.map(({ title }) => `"${title}"`).join(', ')} comes first.`,
          );
        continue;
      }
      const bill = openBill(clusters, market, []);
      const observed = clusters.state(clusterId);
      const policy = await guard.settings(clusterId);
      const held = await guard.mayStart(plan, observed);
      // Nodes are left alone while pods change on them, and what was approved later does not overtake.
      if (!plan.resize && running.length > 0 && held === undefined) return false;
      const waits = observed && waitsForResizes(plan, running, observed, policy.resizesAtOnce);
      const check: PlanCheck =
        held ??
        (waits === undefined
          ? checkPlan(plan, observed, running.map(moveOf), market.catalog.all(), policy, bill)
          : { verdict: 'wait', text: waits });
      if (check.verdict === 'away') return false;
      if (check.verdict === 'wait') {
        if (first) await this.#say(plan, first, `Waits: ${check.text}`);
        continue;
      }
      const stale = check.verdict === 'stale';
      const changed = await journal.change(plan.id, {
        from: ['approved'],
        actor: executorActor,
        action: stale ? 'plan.stale' : 'plan.started',
        apply: one =>
          stale ? { ...one, state: 'stale', outcome: check.text } : { ...one, state: 'running' },
      });
      return changed !== undefined;
    }
    return false;
  }

  /** Asks for the end of the tasks under way; a `stop` calls it. */
  async cancelSteps(plan: Plan): Promise<void> {
    for (const step of plan.steps.filter(one => one.state === 'running'))
      if (step.taskId !== null && mayBeCancelled(step)) await this.#cancel(plan, step.taskId);
  }

  async #cancel(plan: Plan, taskId: string): Promise<void> {
    if (this.#cancelled.has(taskId)) return;
    this.#cancelled.add(taskId);
    await this.#parts.clusters.cancelTask(plan.clusterId, taskId, `plan ${plan.id} is stopped`);
  }
}
