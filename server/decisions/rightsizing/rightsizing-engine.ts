import type {
  ContainerResources,
  Reason,
  RightsizingAnswer,
  SizedAsIs,
  SizingProposal,
} from '../../../common/contracts/index.ts';
import { containerTarget, statedResources } from './container-target.ts';
import { confidenceOf, evidenceOf, wantOfEvidence } from './evidence.ts';
import { type AutoscalerFit, fitAutoscaler, type Sized } from './fit-autoscaler.ts';
import { fitLimits } from './fit-limits.ts';
import { type UnitPrices, unitPrices } from './price-share.ts';
import { qosReason } from './qos-class.ts';
import { savingOf } from './saving.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { ContainerToSize, SizingState, WorkloadToSize } from './sizing-state.ts';

/** What is said of one workload. */
export interface SizedWorkload {
  readonly proposals: readonly SizingProposal[];
  readonly left: readonly SizedAsIs[];
}

/**
 * What each container should ask for: a pure function of state and policy. What is unknown leads to no proposal; the order of
 * workloads, containers, days and pods does not matter.
 */
export function decideSizes(state: SizingState, policy: SizingPolicy): RightsizingAnswer {
  const prices = unitPrices(state.nodes);
  return sumUp(
    state,
    state.workloads.map(workload => sizeWorkload(workload, state.asOf, policy, prices)),
  );
}

/** One answer of what was said of each workload, largest saving first. */
export function sumUp(
  { clusterId, asOf }: Pick<SizingState, 'clusterId' | 'asOf'>,
  sized: readonly SizedWorkload[],
): RightsizingAnswer {
  const proposals = sized.flatMap(one => one.proposals);
  const left = sized.flatMap(one => one.left).sort(byName);
  const saving = (one: SizingProposal) => one.savingMicroUsdPerHour ?? Number.NEGATIVE_INFINITY;
  proposals.sort((a, b) => (saving(a) === saving(b) ? byName(a, b) : saving(b) - saving(a)));
  return {
    clusterId,
    asOf,
    proposals,
    left,
    savingMicroUsdPerHour: proposals.reduce((sum, one) => sum + (one.savingMicroUsdPerHour ?? 0), 0),
    proposalsWithUnknownSaving: proposals.filter(one => one.savingMicroUsdPerHour === null).length,
    gatheringContainers: left.filter(({ reasons }) =>
      reasons.some(({ code }) => code === 'gathering' || code === 'no-usage'),
    ).length,
  };
}

/** Why a workload is none of our business, whatever it uses. */
function reasonToLeave({ kind, isStatic, vertical, horizontal }: WorkloadToSize): Reason | undefined {
  const active = vertical.find(({ updateMode }) => updateMode !== 'Off');
  if (active) {
    return {
      code: 'vpa',
      text: `VerticalPodAutoscaler ${active.namespace}/${active.name} (${active.updateMode}) sizes it already.`,
    };
  }
  if (isStatic)
    return { code: 'static-pod', text: 'A static pod: its manifest lies on its node, out of reach.' };
  if (kind === 'Pod') {
    return {
      code: 'bare-pod',
      text: 'A pod without a workload: it has no template, and usage is kept by workload.',
    };
  }
  if (kind === 'Job') return { code: 'job', text: 'A Job that runs once: its pods are not made again.' };
  if (horizontal.length > 1) {
    const names = horizontal.map(({ namespace, name }) => `${namespace}/${name}`).sort();
    return {
      code: 'hpa-several',
      text: `Several HorizontalPodAutoscalers fight over it: ${names.join(', ')}.`,
    };
  }
  return undefined;
}

/** @param asOf ms UTC: the present of the state that the workload is of */
export function sizeWorkload(
  workload: WorkloadToSize,
  asOf: number,
  policy: SizingPolicy,
  prices: ReadonlyMap<string, UnitPrices>,
): SizedWorkload {
  const kept = reasonToLeave(workload);
  if (kept) {
    return { proposals: [], left: workload.containers.map(container => asIs(workload, container, [kept])) };
  }
  const proposals: SizingProposal[] = [];
  const left: SizedAsIs[] = [];
  const sized: Sized[] = [];
  for (const container of workload.containers) {
    const want = wantOfEvidence(container.usage, asOf, policy);
    if (want) left.push(asIs(workload, container, [want]));
    else sized.push({ container, target: containerTarget(container, policy) });
  }
  const fits = autoscalerFits(workload, sized);
  const replicas = workload.podNodes.length;
  const replicasAfter = Math.max(...[fits.cpu, fits.memory].map(fit => (fit?.ok ? fit.replicas : replicas)));
  for (const { container, target } of sized) {
    const { usage } = container;
    if (!usage) continue;
    const now = statedResources(container);
    const reasons: Reason[] = [];
    const cpu = settle(now.cpuRequestMilli, target.cpuMilli, target.usedCpuMilli, fits.cpu, policy);
    const memory = settle(
      now.memoryRequestBytes,
      target.memoryBytes,
      target.usedMemoryBytes,
      fits.memory,
      policy,
    );
    reasons.push(...target.cpuReasons, ...cpu.reasons, ...target.memoryReasons, ...memory.reasons);
    const limits = fitLimits(container, { cpuMilli: cpu.request, memoryBytes: memory.request }, policy);
    const recommended: ContainerResources = {
      cpuRequestMilli: cpu.request,
      memoryRequestBytes: memory.request,
      ...limits.limits,
    };
    reasons.push(...limits.reasons);
    if (isSame(now, recommended)) {
      left.push(asIs(workload, container, reasons));
      continue;
    }
    const qos = qosReason(workload, container, recommended);
    if (qos) reasons.push(qos);
    if (workload.kind === 'DaemonSet') {
      reasons.push({
        code: 'daemon-set',
        text: `A DaemonSet: the change counts on each of ${replicas} nodes, and on every new one.`,
      });
    }
    const { level, isEnoughToAct, missing } = confidenceOf(usage, policy);
    if (missing.length > 0) {
      reasons.push({
        code: 'evidence',
        text: `Not to be carried out by itself: ${missing.join(', ')} of evidence.`,
      });
    }
    const saving = savingOf(workload, usage, now, recommended, prices);
    proposals.push({
      workload: nameOf(workload),
      container: container.name,
      replicas,
      replicasAfter,
      now,
      recommended,
      savingMicroUsdPerHour: saving.microUsdPerHour,
      podsWithUnknownPrice: saving.podsWithUnknownPrice,
      reasons,
      evidence: evidenceOf(usage),
      confidence: level,
      automatic: isEnoughToAct,
      used: {
        cpuTargetMilli: usage.cpuMilli?.target ?? null,
        cpuMaxMilli: usage.cpuMilli?.max ?? null,
        memoryMaxBytes: usage.memoryBytes?.max ?? null,
        startUpCpuMilli: usage.startUp?.cpuMilli ?? null,
        startUpMemoryBytes: usage.startUp?.memoryBytes ?? null,
        oomKills: container.kills.length,
      },
    });
  }
  return { proposals, left };
}

function autoscalerFits(
  { horizontal, containers }: WorkloadToSize,
  sized: readonly Sized[],
): { readonly cpu: AutoscalerFit | undefined; readonly memory: AutoscalerFit | undefined } {
  const [autoscaler] = horizontal;
  if (!autoscaler) return { cpu: undefined, memory: undefined };
  const seen = sized.flatMap(({ container }) => container.usage?.pods ?? []);
  const pods = {
    min: Math.min(...seen.map(({ min }) => min)),
    max: Math.max(...seen.map(({ max }) => max)),
  };
  const fitOf = (resource: 'cpu' | 'memory'): AutoscalerFit | undefined => {
    const scales = autoscaler.utilization.some(one => one.resource === resource);
    // A metric of the whole pod is a share of what all its containers request.
    if (scales && sized.length < containers.length) {
      const text = `HorizontalPodAutoscaler ${autoscaler.namespace}/${autoscaler.name} scales by what all containers use, and not all are measured enough.`;
      return { ok: false, reason: { code: 'hpa-unknown', text } };
    }
    return sized.length === 0 ? undefined : fitAutoscaler(autoscaler, resource, sized, pods);
  };
  return { cpu: fitOf('cpu'), memory: fitOf('memory') };
}

/** The request to recommend for one resource: as the autoscaler allows, and as it is where the change would be small. */
function settle(
  now: number | null,
  target: number | null,
  used: number,
  fit: AutoscalerFit | undefined,
  policy: SizingPolicy,
): { readonly request: number | null; readonly reasons: readonly Reason[] } {
  if (target === null) return { request: now, reasons: [] };
  if (fit && !fit.ok) return { request: now, reasons: [fit.reason] };
  const reasons = fit?.reason ? [fit.reason] : [];
  const request = Math.ceil(target * (fit?.factor ?? 1));
  if (now === null) return { request, reasons };
  const isSmall = Math.abs(request - now) < policy.minimumChangeShare * now;
  return isSmall && now >= used ? { request: now, reasons } : { request, reasons };
}

function asIs(workload: WorkloadToSize, container: ContainerToSize, reasons: readonly Reason[]): SizedAsIs {
  return {
    workload: nameOf(workload),
    container: container.name,
    now: statedResources(container),
    reasons: [...reasons],
    evidence: container.usage ? evidenceOf(container.usage) : null,
  };
}

function nameOf({ key, kind, namespace, name }: WorkloadToSize): SizingProposal['workload'] {
  return { key, kind, namespace, name };
}

function isSame(a: ContainerResources, b: ContainerResources): boolean {
  return (
    a.cpuRequestMilli === b.cpuRequestMilli &&
    a.memoryRequestBytes === b.memoryRequestBytes &&
    a.cpuLimitMilli === b.cpuLimitMilli &&
    a.memoryLimitBytes === b.memoryLimitBytes
  );
}

function byName(
  a: Pick<SizedAsIs, 'workload' | 'container'>,
  b: Pick<SizedAsIs, 'workload' | 'container'>,
): number {
  const [left, right] =
    a.workload.key === b.workload.key ? [a.container, b.container] : [a.workload.key, b.workload.key];
  return left < right ? -1 : left > right ? 1 : 0;
}
