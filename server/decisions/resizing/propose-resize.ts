import {
  type ContainerChange,
  type ResizableKind,
  resizableKinds,
} from '../../../common/agent-protocol/index.ts';
import type { PlanResize, RightsizingAnswer, SizingProposal } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import type { Proposal } from '../engines/engine.ts';
import type { ObservedCluster } from '../neighbours.ts';
import { podsOfResize } from './pods-of-resize.ts';

/** Nothing leaves the bill by smaller requests alone: that is what packing does with the room. */
const NO_COST: Proposal['cost'] = {
  nowMicroUsdPerHour: 0,
  afterMicroUsdPerHour: 0,
  riskMicroUsdPerHour: 0,
  switchingMicroUsd: 0,
  savingMicroUsdPerHour: 0,
  paybackMs: null,
};

/**
 * One proposal for each workload whose containers should ask for other amounts, those that give back most in front. What has no
 * template that could be changed, or pods that ask not to be disrupted, is left out.
 */
export function proposeResizes(
  { proposals }: Pick<RightsizingAnswer, 'proposals'>,
  observed: ObservedCluster,
): Proposal[] {
  return [...Map.groupBy(proposals, ({ workload }) => workload.key).values()]
    .flatMap(ofWorkload => proposeResize(ofWorkload, observed) ?? [])
    .toSorted((a, b) => givesBack(b) - givesBack(a));
}

function proposeResize(sized: readonly SizingProposal[], observed: ObservedCluster): Proposal | undefined {
  const [first] = sized;
  if (!first || !isResizable(first.workload.kind)) return undefined;
  const { kind, namespace, name, key } = first.workload;
  const { inventory } = observed;
  const found = inventory.workloads.find(
    one => one.kind === kind && one.namespace === namespace && one.name === name,
  );
  const pods = podsOfResize(first, observed);
  // New sizes in the template replace every pod; one that asks to be left alone is.
  if (!found || pods.length === 0 || pods.some(pod => pod.doNotDisrupt)) return undefined;
  const containers = sized.map(
    ({ container, now, recommended }): ContainerChange => ({ name: container, now, after: recommended }),
  );
  const isKnown = sized.every(one => one.savingMicroUsdPerHour !== null);
  const resize: PlanResize = {
    workload: { key, kind, namespace, name, uid: found.uid },
    replicas: pods.length,
    containers,
    givesBackMicroUsdPerHour: isKnown
      ? sized.reduce((sum, one) => sum + (one.savingMicroUsdPerHour ?? 0), 0)
      : null,
    hasFullEvidence: sized.every(({ automatic }) => automatic),
  };
  return {
    kind: 'resize',
    title: `Resize ${kind} ${namespace}/${name}: ${changeWords(containers)}`,
    reasons: reasonsOf(sized),
    remove: [],
    add: [],
    resize,
    cost: NO_COST,
    pods: pods.map(pod => ({
      namespace,
      name: pod.name,
      uid: pod.uid,
      owner: key,
      from: pod.nodeName,
      to: null,
      requests: pod.requests,
    })),
    proof: null,
  };
}

function isResizable(kind: string): kind is ResizableKind {
  return (resizableKinds as readonly string[]).includes(kind);
}

function givesBack({ resize }: Proposal): number {
  return resize?.givesBackMicroUsdPerHour ?? Number.NEGATIVE_INFINITY;
}

function changeWords(containers: readonly ContainerChange[]): string {
  const [only] = containers;
  if (!only || containers.length > 1) return `${containers.length} containers`;
  const { now, after } = only;
  const changes = [
    changed('CPU', now.cpuRequestMilli, after.cpuRequestMilli, formatCpu),
    changed('memory', now.memoryRequestBytes, after.memoryRequestBytes, formatBytes),
  ].filter(text => text !== '');
  return changes.length > 0 ? changes.join(', ') : 'other limits';
}

function changed(
  what: string,
  now: number | null,
  after: number | null,
  format: (value: number) => string,
): string {
  const text = (value: number | null) => (value === null ? 'none' : format(value));
  return now === after ? '' : `${what} ${text(now)} → ${text(after)}`;
}

function reasonsOf(sized: readonly SizingProposal[]): Proposal['reasons'] {
  const evidence = sized.map(({ container, evidence: { days, samples } }) => ({
    code: 'evidence-seen',
    text: `Container ${container} was measured ${samples} times on ${days} ${days === 1 ? 'day' : 'days'}.`,
  }));
  return [
    ...sized.flatMap(({ container, reasons }) =>
      sized.length === 1
        ? reasons
        : reasons.map(({ code, text }) => ({ code, text: `${container}: ${text}` })),
    ),
    ...evidence,
    {
      code: 'resize-order',
      text: 'One pod gets the new sizes first, without a restart, and is watched; then the template changes and its controller replaces the others. Killed for want of memory, crashing or throttled, all is taken back.',
    },
  ];
}
