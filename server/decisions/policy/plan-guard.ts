import type { KillSwitch, Plan } from '../../../common/contracts/index.ts';
import { AppError } from '../../../common/errors.ts';
import type { Clock } from '../../platform/index.ts';
import type { PlanCheck } from '../check-plan.ts';
import type { EngineAnswer } from '../engines/engine.ts';
import type { ClusterControl, ObservedCluster } from '../neighbours.ts';
import type { PlanStore } from '../plan-store.ts';
import type { DecisionPolicy } from '../policy.ts';
import { workloadOwners } from '../workload-owner.ts';
import { reasonsForPerson } from './automatic-start.ts';
import { budgetHolds, type ClusterSize, type Hold } from './budgets.ts';
import { nodePoolOf } from './match-nodes.ts';
import { memoryHold, rememberMoves } from './move-memory.ts';
import { type Disruption, disruptionOf } from './plan-disruption.ts';
import type { Policies } from './policies.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { clusterHold } from './start-hold.ts';

/** What plans are held against policies with. */
export interface GuardParts {
  readonly policies: Policies;
  readonly store: PlanStore;
  readonly clusters: Pick<ClusterControl, 'state'>;
  readonly clock: Clock;
}

/** Holds plans and proposals against the policy in force: the one way from planning and execution into this folder. */
export class PlanGuard {
  readonly #parts: GuardParts;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** What engines and executor may do in a cluster now. */
  async settings(clusterId: string): Promise<DecisionPolicy> {
    return (await this.#parts.policies.inForce(clusterId)).settings;
  }

  /** Kill switches that are on for a cluster. */
  async killSwitches(clusterId: string): Promise<readonly KillSwitch[]> {
    return (await this.#parts.policies.inForce(clusterId)).killSwitches;
  }

  /** Who approves in place of a person, where the policy lets this plan start by itself; else `undefined`. */
  async approver(plan: Plan): Promise<{ id: string; label: string; policy: PolicyOf } | undefined> {
    const { policies } = this.#parts;
    const inForce = await policies.inForce(plan.clusterId);
    if (inForce.killSwitches.length > 0) return undefined;
    if (reasonsForPerson(inForce.document, disruptionOf(plan)).length > 0) return undefined;
    const { scope, revision, label } = inForce;
    return { id: `policy:${scope}@${revision}`, label, policy: { scope, revision } };
  }

  /** @throws AppError `resource.conflict` while a kill switch is on for the cluster */
  async demandNoKillSwitch(clusterId: string): Promise<void> {
    const { policies, clock } = this.#parts;
    const hold = clusterHold(await policies.inForce(clusterId), clock.now());
    if (hold?.code === 'kill-switch')
      throw new AppError('resource.conflict', hold.text, {
        hint: 'Switch it off on the Policies page when it is safe, then approve again.',
      });
  }

  /** Why nothing more may begin in a cluster now: a kill switch, a freeze, a window that is closed. */
  async holdNow(clusterId: string): Promise<string | undefined> {
    const { policies, clock } = this.#parts;
    return clusterHold(await policies.inForce(clusterId), clock.now())?.text;
  }

  /** Why an approved plan may not start now: it waits, or the policy that approved it would not do so any more. */
  async mayStart(plan: Plan, observed: ObservedCluster | undefined): Promise<PlanCheck | undefined> {
    const { policies, clock } = this.#parts;
    const nowMs = clock.now();
    const inForce = await policies.inForce(plan.clusterId);
    const disruption = disruptionOf(plan);
    if (plan.approval?.policy) {
      const reasons = reasonsForPerson(inForce.document, disruption);
      if (reasons.length > 0)
        return {
          verdict: 'stale',
          text: `${inForce.label} would not approve it any more: ${reasons.join('; ')}.`,
        };
    }
    const closed = clusterHold(inForce, nowMs);
    if (closed) return { verdict: 'wait', text: closed.text };
    if (!observed) return undefined;
    const history = await this.history(plan.clusterId, [inForce.document], plan.id);
    const holds = planHolds(
      inForce,
      disruption,
      history,
      observed,
      nowMs,
      plan.approval?.policy !== undefined,
    );
    return holds.length === 0
      ? undefined
      : { verdict: 'wait', text: holds.map(({ text }) => text).join(' ') };
  }

  /** Plans of a cluster that began within what these policies look back on, but for one. */
  async history(
    clusterId: string,
    documents: readonly LooksBack[],
    exceptPlanId?: string,
  ): Promise<Disruption[]> {
    const spans = documents.flatMap(({ memory, budgets }) => [
      memory.noReturnMs,
      memory.podRestMs,
      ...budgets.map(({ withinMs }) => withinMs),
    ]);
    const sinceMs = this.#parts.clock.now() - Math.max(...spans);
    const plans = await this.#parts.store.startedPlans(clusterId, sinceMs);
    return plans.filter(({ id }) => id !== exceptPlanId).map(disruptionOf);
  }

  /**
   * Holds answers of engines against the memory of moves as it is now, also later: their nodes stay, with the reason and when it
   * lapses. The others get the pool of their node, for budgets.
   */
  async memoryOf(observed: ObservedCluster): Promise<(answer: EngineAnswer) => EngineAnswer> {
    const { policies, clock } = this.#parts;
    const { document } = await policies.inForce(observed.cluster.id);
    const nowMs = clock.now();
    const history = await this.history(observed.cluster.id, [document]);
    const remembered = rememberMoves(history, document.memory, nowMs);
    const createdAtOf = ageOfPods(observed);
    const poolOf = poolOfNodes(observed);
    const holdOf = (proposal: Proposal) =>
      memoryHold(disruptionOf(proposal), remembered, document.memory, createdAtOf, nowMs);
    return answer => withHolds(answer, holdOf, poolOf);
  }
}

type LooksBack = Pick<PolicyInForce['document'], 'memory' | 'budgets'>;
type Proposal = EngineAnswer['proposals'][number];

function withHolds(
  answer: EngineAnswer,
  holdOf: (proposal: Proposal) => Hold | undefined,
  poolOf: (uid: string) => string | null,
): EngineAnswer {
  const kept: Proposal[] = [];
  const blocked = [...answer.blocked];
  let heldCost = 0;
  for (const proposal of answer.proposals) {
    const { cost, remove, proof } = proposal;
    const hold = holdOf(proposal);
    if (hold) {
      heldCost += cost.nowMicroUsdPerHour - cost.afterMicroUsdPerHour;
      for (const { name } of remove)
        blocked.push({ node: name, reasons: [reasonOf(hold, cost.savingMicroUsdPerHour)] });
      continue;
    }
    kept.push({
      ...proposal,
      remove: remove.map(node => ({ ...node, nodePool: poolOf(node.uid) })),
      // The proof counts the plans before it, of which some are not there any more.
      proof: proof && { ...proof, afterMicroUsdPerHour: proof.afterMicroUsdPerHour + heldCost },
    });
  }
  const { costAfterMicroUsdPerHour } = answer;
  return {
    ...answer,
    proposals: kept,
    blocked: blocked.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0)),
    costAfterMicroUsdPerHour: costAfterMicroUsdPerHour === null ? null : costAfterMicroUsdPerHour + heldCost,
  };
}

export interface PolicyOf {
  readonly scope: string;
  readonly revision: number;
}

/** Budgets that a plan would break, and, where no person asked for it, the memory of moves. */
export function planHolds(
  { document }: Pick<PolicyInForce, 'document'>,
  plan: Disruption,
  history: readonly Disruption[],
  observed: ObservedCluster,
  nowMs: number,
  isAutomatic: boolean,
): Hold[] {
  const holds = budgetHolds(document.budgets, plan, history, sizeOf(observed), nowMs);
  const memory = isAutomatic
    ? memoryHold(
        plan,
        rememberMoves(history, document.memory, nowMs),
        document.memory,
        ageOfPods(observed),
        nowMs,
      )
    : undefined;
  return memory ? [...holds, memory] : holds;
}

function reasonOf({ code, text, untilMs }: Hold, savesMicroUsdPerHour: number) {
  return {
    code,
    object: null,
    text,
    unblock:
      untilMs === null ? null : `Allowed again from ${new Date(untilMs).toISOString().slice(0, 16)}Z on.`,
    savesMicroUsdPerHour,
    ...(untilMs === null ? {} : { allowedAt: untilMs }),
  };
}

function ageOfPods({ inventory }: ObservedCluster): (uid: string) => number | undefined {
  const created = new Map(inventory.pods.map(pod => [pod.uid, pod.createdAt]));
  return uid => created.get(uid);
}

function poolOfNodes({ inventory }: ObservedCluster): (uid: string) => string | null {
  const labels = new Map(inventory.nodes.map(node => [node.uid, node.labels]));
  return uid => nodePoolOf(labels.get(uid));
}

function sizeOf(observed: ObservedCluster): ClusterSize {
  const poolOf = poolOfNodes(observed);
  const owners = workloadOwners(observed.inventory.workloads);
  const podsOf = new Map<string, number>();
  for (const pod of observed.inventory.pods) {
    const key = owners.keyOf(pod);
    if (key !== null) podsOf.set(key, (podsOf.get(key) ?? 0) + 1);
  }
  return {
    nodes: observed.nodes.map(({ uid, zone, instanceType }) => ({
      zone: zone ?? '',
      instanceType: instanceType ?? '',
      nodePool: poolOf(uid),
    })),
    podsOf,
  };
}
