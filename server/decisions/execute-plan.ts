import type { TaskAction, TaskResult } from '../../common/agent-protocol/index.ts';
import type { Plan, PlanStep } from '../../common/contracts/index.ts';
import { AppError } from '../../common/errors.ts';
import type { Clock, Logger } from '../platform/index.ts';
import { checkPlan } from './check-plan.ts';
import type { ClusterControl, TypeCatalog } from './neighbours.ts';
import { openBill } from './open-bill.ts';
import { executorActor, type PlanJournal } from './plan-journal.ts';
import { nextMove, withStep, withUndo } from './plan-progress.ts';
import type { PlanStore } from './plan-store.ts';
import type { DecisionPolicy } from './policy.ts';

/** What plans are carried out with. */
export interface ExecutorParts {
  readonly store: PlanStore;
  readonly journal: PlanJournal;
  readonly clusters: ClusterControl;
  readonly market: TypeCatalog;
  readonly policy: DecisionPolicy;
  readonly clock: Clock;
  readonly log: Logger;
}

const RUNNING = ['running', 'stopping'] as const;

/**
 * Carries plans out, one at a time for each cluster, in the order of their approval: cordon, drain, delete-node. All that
 * it knows is in the plans, so an engine that starts again goes on. What a cluster needs is done in turn, never twice
 * at once.
 */
export class Executor {
  readonly #parts: ExecutorParts;
  readonly #turns = new Map<string, Promise<void>>();
  /** Tasks whose end was asked for by this process: each order is audited, so it is given once. */
  readonly #cancelled = new Set<string>();
  #isStopped = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
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
      for (const step of plan.steps.filter(one => one.state === 'running')) {
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
    const observed = clusters.state(clusterId);
    // A node that is gone is what a delete wanted, whatever the agent made of it.
    const isGone = observed !== undefined && !observed.nodes.some(node => node.uid === step.node.uid);
    const isDone = result.state === 'done' || (step.kind === 'delete-node' && isGone);
    const state = isDone ? 'done' : result.state === 'cancelled' ? 'skipped' : 'failed';
    await this.#endStep(plan, step, state, result.detail);
  }

  async #endStep(plan: Plan, step: PlanStep, state: PlanStep['state'], detail: string): Promise<void> {
    await this.#parts.journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: `plan.step-${state}`,
      detail: { step: step.kind, node: step.node.name, words: detail },
      apply: one => withStep(one, step.index, { state, detail, endedAt: this.#parts.clock.now() }),
    });
  }

  /** Moves on until somebody else has to say something. */
  async #advance(clusterId: string): Promise<void> {
    while (!this.#isStopped) {
      const [running] = await this.#parts.store.plansIn(RUNNING, clusterId);
      const moved = running ? await this.#continue(running) : await this.#startNext(clusterId);
      if (!moved) return;
    }
  }

  async #continue(plan: Plan): Promise<boolean> {
    const { clusters, journal, policy } = this.#parts;
    const observed = clusters.state(plan.clusterId);
    const stands = (uid: string) => observed?.nodes.some(node => node.uid === uid) ?? true;
    const move = nextMove(plan, stands);
    if (move.kind === 'wait') return false;
    if (move.kind === 'run') return this.#runStep(plan, move.index);
    if (move.kind === 'undo') {
      const apply = (one: Plan) => withUndo(one, stands);
      const change = { from: RUNNING, actor: executorActor, action: 'plan.undone', apply };
      return (await journal.change(plan.id, change)) !== undefined;
    }
    const { state, outcome } = move;
    const failures = await this.#parts.store.failuresInARow(plan.clusterId);
    const ended = await journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: `plan.${state}`,
      apply: one => ({
        ...one,
        state,
        outcome: oneMore(outcome, state === 'failed' ? failures + 1 : 0, policy),
      }),
      ...(state === 'stopped' ? {} : { failuresInARow: () => (state === 'failed' ? failures + 1 : 0) }),
    });
    return ended !== undefined;
  }

  async #runStep(plan: Plan, index: number): Promise<boolean> {
    const { clusters, journal, policy, clock } = this.#parts;
    const step = plan.steps[index];
    if (!step || clusters.state(plan.clusterId)?.cluster.state !== 'live') return false;
    const startedAt = step.startedAt ?? clock.now();
    const begun = await journal.change(plan.id, {
      from: RUNNING,
      actor: executorActor,
      action: 'plan.step-started',
      detail: { step: step.kind, node: step.node.name },
      // A stop that was ordered meanwhile comes before the step, but not before its undoing.
      apply: one =>
        one.state === 'stopping' && step.kind !== 'uncordon'
          ? one
          : withStep(one, index, { state: 'running', startedAt, detail: null }),
    });
    if (begun?.steps[index]?.state !== 'running') return begun !== undefined;
    try {
      const { taskId } = await clusters.sendTask(plan.clusterId, {
        action: actionOf(step, policy),
        deadlineMs: step.kind === 'drain' ? policy.drainMs : policy.shortTaskMs,
        dryRun: false,
        actor: `plan ${plan.id}, approved by ${plan.approval?.by ?? 'nobody'}`,
      });
      const sent = await journal.note(plan.id, one => withStep(one, index, { taskId }));
      if (sent?.state === 'stopping' && mayBeCancelled(step)) await this.#cancel(plan, taskId);
      return false;
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

  /** The first approved plan that still holds; those that do not become stale. */
  async #startNext(clusterId: string): Promise<boolean> {
    const { store, journal, clusters, market, policy } = this.#parts;
    if ((await store.failuresInARow(clusterId)) >= policy.failuresUntilPause) return false;
    for (const plan of await store.plansIn(['approved'], clusterId)) {
      const bill = openBill(clusters, market, []);
      const check = checkPlan(plan, clusters.state(clusterId), [], market.catalog.all(), policy, bill);
      if (check.verdict === 'away') return false;
      if (check.verdict === 'wait') {
        const detail = `Waits: ${check.text}`;
        if (plan.steps[0]?.detail !== detail)
          await journal.note(plan.id, one => withStep(one, 0, { detail }));
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

  /** Asks for the end of a task now; a `stop` calls it. */
  async cancelStep(plan: Plan): Promise<void> {
    const step = plan.steps.find(one => one.state === 'running');
    if (step?.taskId != null && mayBeCancelled(step)) await this.#cancel(plan, step.taskId);
  }

  async #cancel(plan: Plan, taskId: string): Promise<void> {
    if (this.#cancelled.has(taskId)) return;
    this.#cancelled.add(taskId);
    await this.#parts.clusters.cancelTask(plan.clusterId, taskId, `plan ${plan.id} is stopped`);
  }
}

/** A delete cannot be taken back half-way, and an uncordon is the way back itself. */
function mayBeCancelled(step: PlanStep): boolean {
  return step.kind === 'cordon' || step.kind === 'drain';
}

function actionOf({ kind, node }: PlanStep, policy: DecisionPolicy): TaskAction {
  return kind === 'drain' ? { kind, node, deleteLocalStorage: policy.allowLocalStorage } : { kind, node };
}

function oneMore(outcome: string, failures: number, policy: DecisionPolicy): string {
  return failures >= policy.failuresUntilPause ? `${outcome} ${pausedSentence(failures)}` : outcome;
}

/** What is said while the executor of a cluster is paused. */
export function pausedSentence(failures: number): string {
  return `${failures} plans in a row failed on this cluster: approved plans wait until an operator triggers a new run.`;
}
