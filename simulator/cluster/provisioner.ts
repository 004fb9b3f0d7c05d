import { microUsdFromUsd } from '../../common/units/index.ts';
import { daemonPod } from './daemon-sets.ts';
import type { Node, NodePool, Pod } from './kubernetes-objects.ts';
import { matchesExpression } from './label-selectors.ts';
import { createClaim, registerNode } from './node-claims.ts';
import type { CapacityType, CatalogType, NodeInstances } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import type { Amount } from './pod-facts.ts';
import { gpuRequests, podRequests } from './pod-facts.ts';
import { acceptsPod, isWaiting, volumeTerms } from './scheduler.ts';

/** What may be launched: one type in one zone, paid for in one way. */
export interface Offering {
  readonly instanceType: string;
  readonly zone: string;
  readonly capacityType: CapacityType;
}

/** The price of an offering in micro-USD per hour; `undefined` when it is not to be had. */
export type PriceOf = (offering: Offering) => number | undefined;

/** How the provisioner decides. */
export interface ProvisionerOptions {
  readonly catalog: readonly CatalogType[];
  readonly region: string;
  readonly zones: readonly string[];
  readonly priceOf: PriceOf;
  /** A pod must have been pending for this long, in ms. */
  readonly patienceMs: number;
  /** From the decision to the Ready node, in ms. */
  readonly launchMs: number;
}

/** A Karpenter-like provisioner, driven by the NodePool objects. */
export interface Provisioner {
  tick(nowMs: number): void;
}

interface Launch {
  readonly readyAtMs: number;
  readonly candidate: Candidate;
  readonly claimName: string;
}

interface Candidate {
  readonly pool: NodePool;
  readonly type: CatalogType;
  readonly offering: Offering;
  readonly node: Pick<Node, 'metadata' | 'spec'>;
  readonly priceMicroUsdPerHour: number;
}

interface Demand {
  readonly pod: Pod;
  readonly requests: Amount;
}

/** How long a pod may sit on its nomination after the node is up before it counts as pending again. */
const NOMINATION_MS = 5_000;

/** The on-demand part of a price function, from the catalog's USD per hour. */
export function onDemandPriceOf(catalog: readonly CatalogType[]): PriceOf {
  const prices = new Map(
    catalog.map(type => [type.instanceType, microUsdFromUsd(type.onDemandUsdPerHour ?? Number.NaN)]),
  );
  return offering => (offering.capacityType === 'on-demand' ? prices.get(offering.instanceType) : undefined);
}

/** A provisioner over the store; it launches through `instances`. */
export function createProvisioner(
  store: ObjectStore,
  instances: NodeInstances,
  options: ProvisionerOptions,
): Provisioner {
  const pendingSinceMs = new Map<string, number>();
  const nominatedUntilMs = new Map<string, number>();
  let launches: Launch[] = [];

  const finishLaunches = (nowMs: number): void => {
    for (const launch of launches.filter(one => one.readyAtMs <= nowMs))
      finishLaunch(store, instances, options, launch, nowMs);
    launches = launches.filter(one => one.readyAtMs > nowMs);
  };

  const waitingLongEnough = (nowMs: number): Demand[] => {
    const waiting = store.list('pods').filter(isWaiting);
    const alive = new Set(waiting.map(pod => pod.metadata.uid));
    for (const seen of [pendingSinceMs, nominatedUntilMs]) {
      for (const uid of seen.keys()) if (!alive.has(uid)) seen.delete(uid);
    }
    for (const pod of waiting) {
      if (!pendingSinceMs.has(pod.metadata.uid)) pendingSinceMs.set(pod.metadata.uid, nowMs);
    }
    return waiting
      .filter(
        ({ metadata: { uid } }) =>
          nowMs - (pendingSinceMs.get(uid) ?? nowMs) >= options.patienceMs &&
          (nominatedUntilMs.get(uid) ?? Number.NEGATIVE_INFINITY) < nowMs,
      )
      .map(pod => ({ pod, requests: podRequests(pod.spec) }))
      .toSorted(
        (a, b) =>
          b.requests.cpuMilli - a.requests.cpuMilli || b.requests.memoryBytes - a.requests.memoryBytes,
      );
  };

  return {
    tick: nowMs => {
      finishLaunches(nowMs);
      const demands = waitingLongEnough(nowMs);
      if (demands.length === 0) return;
      const candidates = listCandidates(store, options);
      for (const group of groupDemands(store, demands, candidates)) {
        const claimName = createClaim(store, group.candidate.pool, group.candidate.offering).metadata.name;
        const readyAtMs = nowMs + options.launchMs;
        launches.push({ readyAtMs, candidate: group.candidate, claimName });
        for (const { pod } of group.demands)
          nominatedUntilMs.set(pod.metadata.uid, readyAtMs + NOMINATION_MS);
      }
    },
  };
}

/** Every offering that some NodePool admits and that has a price, cheapest first. */
function listCandidates(store: ObjectStore, options: ProvisionerOptions): Candidate[] {
  const found: Candidate[] = [];
  for (const pool of store.list('nodepools')) {
    if (pool.metadata.deletionTimestamp) continue;
    for (const type of options.catalog) {
      for (const zone of options.zones) {
        for (const capacityType of ['spot', 'on-demand'] as const) {
          const offering = { instanceType: type.instanceType, zone, capacityType };
          const node = futureNode(pool, type, offering, options.region);
          const { requirements } = pool.spec.template.spec;
          if (!(requirements ?? []).every(one => matchesExpression(one, node.metadata.labels ?? {})))
            continue;
          const priceMicroUsdPerHour = options.priceOf(offering);
          if (priceMicroUsdPerHour !== undefined)
            found.push({ pool, type, offering, node, priceMicroUsdPerHour });
        }
      }
    }
  }
  return found.toSorted((a, b) => a.priceMicroUsdPerHour - b.priceMicroUsdPerHour);
}

/** Puts pods together on one new node as long as that is no dearer than a node for each. */
function groupDemands(store: ObjectStore, demands: readonly Demand[], candidates: readonly Candidate[]) {
  const daemons = store.list('daemonsets').map(daemonPod);
  const groups: { demands: Demand[]; candidate: Candidate }[] = [];
  for (const demand of demands) {
    const alone = cheapestFor(store, [demand], candidates, daemons);
    if (!alone) continue;
    let joined = false;
    for (const group of groups) {
      const together = [...group.demands, demand];
      const candidate = cheapestFor(store, together, candidates, daemons);
      const apart = group.candidate.priceMicroUsdPerHour + alone.priceMicroUsdPerHour;
      if (!candidate || candidate.priceMicroUsdPerHour > apart) continue;
      group.demands = together;
      group.candidate = candidate;
      joined = true;
      break;
    }
    if (!joined) groups.push({ demands: [demand], candidate: alone });
  }
  return groups;
}

function cheapestFor(
  store: ObjectStore,
  demands: readonly Demand[],
  candidates: readonly Candidate[],
  daemons: readonly Pod[],
): Candidate | undefined {
  const cpuMilli = demands.reduce((total, demand) => total + demand.requests.cpuMilli, 0);
  const memoryBytes = demands.reduce((total, demand) => total + demand.requests.memoryBytes, 0);
  const gpus = demands.reduce((total, { pod }) => total + gpuRequests(pod.spec), 0);
  const terms = demands.map(demand => volumeTerms(store, demand.pod));
  return candidates.find(({ type, node }) => {
    if (gpus > (type.gpuCount ?? 0)) return false;
    if (type.allocatableCpuMilli < cpuMilli || type.allocatableMemoryMib * 2 ** 20 < memoryBytes)
      return false;
    const resident = daemons.filter(pod => acceptsPod(node, pod, [])).map(pod => podRequests(pod.spec));
    const cpu = cpuMilli + resident.reduce((total, one) => total + one.cpuMilli, 0);
    const memory = memoryBytes + resident.reduce((total, one) => total + one.memoryBytes, 0);
    return (
      cpu <= type.allocatableCpuMilli &&
      memory <= type.allocatableMemoryMib * 2 ** 20 &&
      demands.length + resident.length <= type.pods &&
      demands.every((demand, index) => acceptsPod(node, demand.pod, terms[index] ?? []))
    );
  });
}

function futureNode(pool: NodePool, type: CatalogType, offering: Offering, region: string) {
  const [family, size] = type.instanceType.split('.');
  return {
    metadata: {
      ...pool.metadata,
      labels: {
        ...pool.spec.template.metadata?.labels,
        'kubernetes.io/arch': type.arch,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': type.instanceType,
        'karpenter.k8s.aws/instance-family': family ?? '',
        'karpenter.k8s.aws/instance-size': size ?? '',
        'karpenter.k8s.aws/instance-category': type.instanceType.charAt(0),
        'karpenter.sh/capacity-type': offering.capacityType,
        'karpenter.sh/nodepool': pool.metadata.name,
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': offering.zone,
      },
    },
    spec: { taints: pool.spec.template.spec.taints ?? [] },
  };
}

function finishLaunch(
  store: ObjectStore,
  instances: NodeInstances,
  options: ProvisionerOptions,
  launch: Launch,
  nowMs: number,
): void {
  const claim = store.get('nodeclaims', undefined, launch.claimName);
  // Somebody deleted the claim while its instance was starting.
  if (!claim) return;
  const { pool, type, offering } = launch.candidate;
  const node = instances.launch({
    type,
    region: options.region,
    zone: offering.zone,
    capacityType: offering.capacityType,
    managedBy: { nodepool: pool.metadata.name },
    labels: pool.spec.template.metadata?.labels ?? {},
    taints: pool.spec.template.spec.taints ?? [],
  });
  registerNode(store, claim, node, nowMs);
}
