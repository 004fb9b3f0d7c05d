import type { CatalogType } from '../../../common/contracts/index.ts';
import { type Offer, type Taint, ZONE_LABEL } from '../packing/problem.ts';
import { taintsOf } from './pod-rules.ts';
import type { SnapshotNode } from './snapshot-cluster.ts';

/** Says under which conditions of purchase a pod may run; no label of Kubernetes, so it never leaves here. */
export const CAPACITY_LABEL = 'cloudoptim.io/capacity-type';
/** Taints of conditions and of nodes that come or go. */
const PASSING_TAINT =
  /^node\.(kubernetes\.io|cloudprovider\.kubernetes\.io)\/|^karpenter\.sh\/(disrupted|unregistered)$/;
/** What names a group of nodes that are made alike. */
const GROUP_LABELS = [
  'karpenter.sh/nodepool',
  'karpenter.sh/provisioner-name',
  'eks.amazonaws.com/nodegroup',
  'alpha.eksctl.io/nodegroup-name',
  'cloud.google.com/gke-nodepool',
];
/** Labels of the machine, which another machine would have other values of. */
const MACHINE_LABEL =
  /^(kubernetes\.io\/(hostname|arch|os)|(beta|node)\.kubernetes\.io\/|topology\.|failure-domain\.|karpenter\.k8s\.aws\/instance|karpenter\.sh\/capacity-type|eks\.amazonaws\.com\/(capacityType|sourceLaunchTemplate)|k8s\.io\/cloud-provider)/;

/** An instance type; a burstable one gives its full speed only for a time. */
export interface MachineType extends CatalogType {
  readonly isBurstable: boolean;
}

/** What new nodes of a group have: the labels and taints that all its nodes share. */
export interface NodeTemplate {
  /** `karpenter.sh/nodepool=web`; of nodes without such a label, their taints. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** The least of its nodes: the disk belongs to the group, not to the instance type. */
  readonly ephemeralStorageBytes: number | undefined;
  readonly region: string;
  readonly zones: readonly string[];
  /** Some of its nodes are burstable, so new ones may be. */
  readonly isBurstable: boolean;
}

/** Groups of the nodes whose place is known, with their shared properties. */
export function nodeTemplates(nodes: readonly SnapshotNode[], types: readonly MachineType[]): NodeTemplate[] {
  const burstable = new Set(types.filter(type => type.isBurstable).map(({ instanceType }) => instanceType));
  const placed = nodes.filter(({ facts }) => facts.region !== null && facts.zone !== null);
  return [...Map.groupBy(placed, groupOf)].map(([name, members]) => {
    const [first, ...others] = members.map(({ inventory }) => inventory);
    const labels = Object.entries(first?.labels ?? {}).filter(
      ([key, value]) => !MACHINE_LABEL.test(key) && others.every(other => other.labels[key] === value),
    );
    const disks = members.flatMap(({ allocatable }) => allocatable.extended['ephemeral-storage'] ?? []);
    return {
      name,
      labels: Object.fromEntries(labels),
      taints: taintsOf(lastingTaints(members[0])),
      ephemeralStorageBytes: disks.length === members.length ? Math.min(...disks) : undefined,
      region: members[0]?.facts.region ?? '',
      zones: [...new Set(members.flatMap(({ facts }) => facts.zone ?? []))].sort(),
      isBurstable: members.some(({ facts }) => burstable.has(facts.instanceType ?? '')),
    };
  });
}

/** One on-demand offer for each template, zone and type whose price is known. */
export function offersOf(
  templates: readonly NodeTemplate[],
  types: readonly MachineType[],
  priceOf: (place: { region: string; zone: string; instanceType: string }) => number | undefined,
): { offer: Offer; template: NodeTemplate }[] {
  return templates.flatMap(template =>
    template.zones.flatMap(zone =>
      types
        .filter(({ isBurstable }) => template.isBurstable || !isBurstable)
        .flatMap(type => {
          const price = priceOf({ region: template.region, zone, instanceType: type.instanceType });
          return price === undefined ? [] : { offer: offerOf(template, zone, type, price), template };
        }),
    ),
  );
}

function offerOf(
  { labels, taints, region, ephemeralStorageBytes }: NodeTemplate,
  zone: string,
  type: CatalogType,
  priceMicroUsdPerHour: number,
): Offer {
  const { instanceType, arch, vcpu, gpuCount } = type;
  const [family = '', size = ''] = instanceType.split('.');
  return {
    instanceType,
    zone,
    capacityType: 'on-demand',
    priceMicroUsdPerHour,
    labels: {
      ...labels,
      'kubernetes.io/arch': arch,
      'kubernetes.io/os': 'linux',
      'node.kubernetes.io/instance-type': instanceType,
      'topology.kubernetes.io/region': region,
      [ZONE_LABEL]: zone,
      'karpenter.k8s.aws/instance-family': family,
      'karpenter.k8s.aws/instance-size': size,
      'karpenter.k8s.aws/instance-cpu': String(vcpu),
      'karpenter.sh/capacity-type': 'on-demand',
      'eks.amazonaws.com/capacityType': 'ON_DEMAND',
      [CAPACITY_LABEL]: 'on-demand',
    },
    taints,
    allocatable: {
      cpuMilli: type.allocatableCpuMilli,
      memoryBytes: type.allocatableMemoryMib * 2 ** 20,
      extended: {
        ...(gpuCount > 0 ? { 'nvidia.com/gpu': gpuCount } : {}),
        ...(ephemeralStorageBytes === undefined ? {} : { 'ephemeral-storage': ephemeralStorageBytes }),
      },
    },
    podLimit: type.pods,
  };
}

function groupOf(node: SnapshotNode): string {
  const { labels } = node.inventory;
  const key = GROUP_LABELS.find(label => labels[label] !== undefined);
  const region = node.facts.region ?? '';
  if (key !== undefined) return `${key}=${labels[key]} in ${region}`;
  const taints = lastingTaints(node).map(
    ({ key: name, value, effect }) => `${name}=${value ?? ''}:${effect}`,
  );
  return `${taints.length === 0 ? 'nodes without a group' : `nodes with ${taints.sort().join(', ')}`} in ${region}`;
}

/** Taints that belong to the group; those of conditions come and go. */
function lastingTaints(node: SnapshotNode | undefined) {
  return (node?.inventory.taints ?? []).filter(({ key }) => !PASSING_TAINT.test(key));
}
