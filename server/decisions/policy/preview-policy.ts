import {
  DEFAULT_POLICY_SCOPE,
  type Plan,
  type PlanOutcome,
  type PolicyDocument,
  type PolicyPreview,
  policyDocument,
} from '../../../common/contracts/index.ts';
import { formatUsdPerMonth } from '../../../common/units/index.ts';
import type { Clock } from '../../platform/index.ts';
import { isWorthwhile } from '../engines/spot/expected-cost.ts';
import type { ClusterControl, ObservedCluster } from '../neighbours.ts';
import type { PlanStore } from '../plan-store.ts';
import { reasonsForPerson } from './automatic-start.ts';
import { checkDocument } from './check-document.ts';
import { documentYaml } from './document-text.ts';
import { type Disruption, disruptionOf } from './plan-disruption.ts';
import { type PlanGuard, planHolds } from './plan-guard.ts';
import { type GivenDocument, givenValue, type Policies } from './policies.ts';
import { type PolicyInForce, policyInForce } from './policy-in-force.ts';
import { strictestThresholds } from './pool-thresholds.ts';
import { clusterHold } from './start-hold.ts';
import { isAlwaysOpen, isOpenAt, nextOpenings } from './windows.ts';

/** What a preview is made from. */
export interface PreviewParts {
  readonly policies: Policies;
  readonly guard: PlanGuard;
  readonly store: PlanStore;
  readonly clusters: Pick<ClusterControl, 'state' | 'summaries'>;
  readonly clock: Clock;
}

const SHOWN_OPENINGS = 10;
const SHOWN_PLANS = 100;

/**
 * What is wrong with a document, when its windows open, and what it would make of the plans that wait for approval or for their turn.
 * @throws AppError `input.invalid` for a text that is neither YAML nor JSON; `resource.not-found`
 */
export async function previewPolicy(
  parts: PreviewParts,
  scope: string,
  given: GivenDocument,
): Promise<PolicyPreview> {
  await parts.policies.get(scope);
  const nowMs = parts.clock.now();
  const checked = checkDocument(givenValue(given), nowMs);
  if (!checked.ok)
    return {
      problems: [...checked.problems],
      document: null,
      yaml: null,
      isOpen: null,
      isAlwaysOpen: null,
      openings: [],
      plans: [],
    };
  const { document } = checked;
  return {
    problems: [],
    document,
    yaml: documentYaml(document),
    isOpen: isOpenAt(document.windows, nowMs),
    isAlwaysOpen: isAlwaysOpen(document.windows),
    openings: nextOpenings(document.windows, nowMs, SHOWN_OPENINGS),
    plans: await plansUnder(parts, scope, document, nowMs),
  };
}

async function plansUnder(
  { policies, guard, store, clusters }: PreviewParts,
  scope: string,
  document: PolicyDocument,
  nowMs: number,
): Promise<PolicyPreview['plans']> {
  const result: PolicyPreview['plans'] = [];
  const ids = scope === DEFAULT_POLICY_SCOPE ? clusters.summaries().map(({ id }) => id) : [scope];
  for (const clusterId of ids) {
    const now = await policies.inForce(clusterId);
    // A cluster with a policy of its own takes only the freeze of the one for all.
    const isOwn = scope !== DEFAULT_POLICY_SCOPE || now.scope === DEFAULT_POLICY_SCOPE;
    const common = scope === DEFAULT_POLICY_SCOPE ? document : await commonDocument(policies);
    const used = isOwn ? document : now.document;
    const changed = policyInForce({ ...now, document: used }, common, now.killSwitches);
    const history = await guard.history(clusterId, [used, now.document]);
    const observed = clusters.state(clusterId);
    for (const plan of await store.plansIn(['proposed', 'approved'], clusterId)) {
      if (result.length >= SHOWN_PLANS) return result;
      const outcome = (inForce: PolicyInForce) => outcomeOf(plan, inForce, now, history, observed, nowMs);
      const { id: planId, title, clusterName } = plan;
      result.push({ planId, title, clusterName, now: outcome(now), changed: outcome(changed) });
    }
  }
  return result;
}

async function commonDocument(policies: Policies): Promise<PolicyDocument> {
  return (await policies.get(DEFAULT_POLICY_SCOPE)).document ?? policyDocument.parse({});
}

/** What a policy makes of a plan, from the plan's own figures; caps and floors are looked at by the next run. */
function outcomeOf(
  plan: Plan,
  inForce: PolicyInForce,
  madeUnder: PolicyInForce,
  history: readonly Disruption[],
  observed: ObservedCluster | undefined,
  nowMs: number,
): PlanOutcome {
  const disruption = disruptionOf(plan);
  const { nodes } = disruption;
  if (nodes.length > 0) {
    const limits = strictestThresholds(inForce.settings, nodes);
    const before = strictestThresholds(madeUnder.settings, nodes);
    // The longer both nodes run, the more the switch costs.
    const stretch = before.overlapMs > 0 ? limits.overlapMs / before.overlapMs : 1;
    const { paybackMs } = plan.cost;
    const cost = { ...plan.cost, paybackMs: paybackMs === null ? null : paybackMs * stretch };
    if (
      !isWorthwhile(
        cost,
        nodes.every(({ capacityType }) => capacityType === 'spot'),
        limits,
      )
    )
      return {
        verdict: 'refused',
        text: `It saves ${formatUsdPerMonth(cost.savingMicroUsdPerHour)}: less than the policy wants, or back too late.`,
      };
  }
  const byPerson = reasonsForPerson(inForce.document, disruption);
  const isApproved = plan.approval !== null && plan.approval.policy === undefined;
  if (byPerson.length > 0 && !isApproved)
    return { verdict: 'needs-approval', text: `A person has to approve it: ${byPerson.join('; ')}.` };
  const closed = clusterHold(inForce, nowMs);
  if (closed) return { verdict: 'waits', text: closed.text };
  const holds = observed ? planHolds(inForce, disruption, history, observed, nowMs, !isApproved) : [];
  if (holds.length > 0) return { verdict: 'waits', text: holds.map(({ text }) => text).join(' ') };
  return {
    verdict: 'starts',
    text: isApproved
      ? 'It was approved, and starts at its turn.'
      : 'The policy approves it, and it starts at its turn.',
  };
}
