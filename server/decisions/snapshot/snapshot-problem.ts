import {
  ARCH_LABEL,
  type DaemonSet,
  type ExistingNode,
  type PackingProblem,
  type PodClass,
  type PodRules,
  ZONE_LABEL,
} from '../packing/problem.ts';
import type { DecisionPolicy } from '../policy.ts';
import { placeKey, type QuotedMachines } from './machine-quotes.ts';
import { CAPACITY_LABEL, type NodeTemplate, nodeTemplates, offersOf } from './node-templates.ts';
import { nodeRules, taintsOf } from './pod-rules.ts';
import type { SnapshotCluster, SnapshotDaemonSet, SnapshotNode, SnapshotPod } from './snapshot-cluster.ts';

/** A snapshot as a packing problem, with the way back. */
export interface SnapshotProblem {
  readonly problem: PackingProblem;
  /** Pods of each class on each node, by the node's name; pending ones under the empty name. */
  readonly podsOf: readonly ReadonlyMap<string, readonly SnapshotPod[]>[];
  /** Of each offer. */
  readonly templates: readonly NodeTemplate[];
}

/**
 * Pods that need the same and belong together become a class. A pod stays with the architecture that its image is known to run
 * on, one that runs on demand stays on demand, and by policy each keeps its zone: what a snapshot does not say is not assumed.
 */
export function snapshotProblem(
  cluster: SnapshotCluster,
  { types, onDemand }: QuotedMachines,
  policy: Pick<DecisionPolicy, 'allowOtherZones'>,
): SnapshotProblem {
  const classes: PodClass[] = [];
  const podsOf: Map<string, SnapshotPod[]>[] = [];
  const placeOf = new Map<string, number>();
  const texts = new Map<PodRules, string>();
  const textOf = (rules: PodRules): string => {
    const text = texts.get(rules) ?? JSON.stringify(rules);
    texts.set(rules, text);
    return text;
  };
  const classOf = (pod: SnapshotPod, node: SnapshotNode | undefined): number => {
    const keeps = kept(pod, node, policy);
    const key = `${textOf(pod.rules)} ${JSON.stringify([pod.owner, pod.requests, keeps])}`;
    let place = placeOf.get(key);
    if (place === undefined) {
      place = classes.length;
      placeOf.set(key, place);
      const rules = { ...pod.rules, nodeSelector: { ...pod.rules.nodeSelector, ...keeps } };
      classes.push({ name: pod.owner, count: 0, requests: pod.requests, rules });
      podsOf.push(new Map());
    }
    const byNode = podsOf[place];
    const here = byNode?.get(node?.name ?? '');
    if (here) here.push(pod);
    else byNode?.set(node?.name ?? '', [pod]);
    return place;
  };
  const existing = cluster.nodes.map((node): ExistingNode => {
    const { price } = node;
    const counted = new Map<string, { podClass: number; count: number; canMove: boolean }>();
    for (const pod of node.pods) {
      const podClass = classOf(pod, node);
      const canMove = !pod.isResident && !node.heldWorkloads.has(pod.owner);
      const entry = counted.get(`${podClass}/${canMove}`) ?? { podClass, count: 0, canMove };
      entry.count++;
      counted.set(`${podClass}/${canMove}`, entry);
    }
    return {
      name: node.name,
      labels: { ...node.inventory.labels, [CAPACITY_LABEL]: node.facts.capacityType },
      taints: taintsOf(node.inventory.taints),
      allocatable: node.allocatable,
      podLimit: node.podLimit,
      unschedulable: node.inventory.unschedulable,
      priceMicroUsdPerHour: 'microUsdPerHour' in price ? price.microUsdPerHour : null,
      isRemovable: node.blockers.length === 0,
      pods: [...counted.values()],
    };
  });
  for (const pod of cluster.pending) {
    const place = classOf(pod, undefined);
    const one = classes[place];
    if (one) classes[place] = { ...one, count: one.count + 1 };
  }
  const offers = offersOf(nodeTemplates(cluster.nodes, types), types, place => onDemand.get(placeKey(place)));
  return {
    problem: {
      pods: classes,
      offers: offers.map(({ offer }) => offer),
      daemonSets: cluster.daemonSets.map(daemonSetOf),
      existing,
      maxNodes: null,
    },
    podsOf,
    templates: offers.map(({ template }) => template),
  };
}

/** What of its present node a pod keeps, unless its own rules speak of that. */
function kept(
  { rules, isResident }: SnapshotPod,
  node: SnapshotNode | undefined,
  { allowOtherZones }: Pick<DecisionPolicy, 'allowOtherZones'>,
): Record<string, string> {
  if (isResident) return {};
  const arch = node?.facts.arch;
  const zone = allowOtherZones ? undefined : node?.inventory.labels[ZONE_LABEL];
  const capacityType = node?.facts.capacityType;
  return {
    ...(arch && rules.nodeSelector[ARCH_LABEL] === undefined ? { [ARCH_LABEL]: arch } : {}),
    ...(zone === undefined ? {} : { [ZONE_LABEL]: zone }),
    // What runs on Spot may run on demand; the other way round is a decision of its own.
    ...(capacityType === 'spot' ? {} : { [CAPACITY_LABEL]: capacityType ?? 'on-demand' }),
  };
}

function daemonSetOf({ key, requests, shape }: SnapshotDaemonSet): DaemonSet {
  const { nodeSelector, nodeAffinity, tolerations } = nodeRules(shape);
  return {
    name: key,
    requests,
    rules: { nodeSelector, nodeAffinity, tolerations },
  };
}
