import { type AutoScalingGroups, createAutoScalingGroups } from './auto-scaling-groups.ts';
import { reconcileDaemonSets } from './daemon-sets.ts';
import { reconcileDeployments } from './deployments.ts';
import { reconcileDisruptionBudgets } from './disruption-budgets.ts';
import { createEc2Instances, type Ec2Instances } from './ec2-instances.ts';
import { collectGarbage } from './garbage-collector.ts';
import { reconcileJobs } from './jobs.ts';
import type { KubeletTiming } from './kubelet.ts';
import { createKubelets } from './kubelet.ts';
import { createMemoryKills } from './memory-kills.ts';
import type { CatalogType, NodeInstances } from './node-instances.ts';
import { createNodeInstances } from './node-instances.ts';
import type { ObjectStore } from './object-store.ts';
import { createObjectStore } from './object-store.ts';
import { createPodResizes } from './pod-resizes.ts';
import type { PriceOf } from './provisioner.ts';
import { createProvisioner, onDemandPriceOf } from './provisioner.ts';
import type { Random } from './random.ts';
import { createRandom } from './random.ts';
import { reconcileReplicaSets } from './replica-sets.ts';
import { schedulePods } from './scheduler.ts';
import type { SpotInterruptions } from './spot-interruptions.ts';
import { createSpotInterruptions } from './spot-interruptions.ts';
import { reconcileStatefulSets } from './stateful-sets.ts';

/** How long things take in the pretend cluster, in ms. Every one has a default. */
interface ClusterTiming extends KubeletTiming {
  /** From a change of pods or budgets to the new budget status. */
  readonly budgetLagMs: number;
  /** From a changed request of a running pod to the kubelet's answer. */
  readonly resizeMs: number;
  /** A pod must be pending this long before a node is launched for it. */
  readonly provisionPatienceMs: number;
  /** From that decision to the Ready node. */
  readonly launchMs: number;
  /** A silent kubelet makes its node NotReady after this. */
  readonly nodeSilentMs: number;
}

/** What a pretend cluster is made from. Prices default to on-demand from the catalog, no Spot. */
export interface PretendClusterOptions {
  readonly seed: number;
  readonly nowMs: number;
  readonly catalog: readonly CatalogType[];
  readonly region: string;
  readonly zones: readonly string[];
  readonly priceOf?: PriceOf;
  readonly timing?: Partial<ClusterTiming>;
  readonly maxLogEntries?: number;
}

/** A cluster without an API: its objects, and controllers that move when `tick` is called. */
export interface PretendCluster {
  readonly store: ObjectStore;
  readonly instances: NodeInstances;
  readonly interruptions: SpotInterruptions;
  /** Instances that EC2 launches from the cluster's launch template. */
  readonly ec2: Ec2Instances;
  /** Groups that such instances may belong to. */
  readonly groups: AutoScalingGroups;
  readonly random: Random;
  /** The time of the last tick, in ms. */
  nowMs(): number;
  /** Lets every controller act once at this time; a time before the last tick counts as the last tick's. */
  tick(nowMs: number): void;
}

const DEFAULT_TIMING: ClusterTiming = {
  startMs: 2_000,
  minStopMs: 1_000,
  maxStopMs: 2_000,
  jobRunMs: 60_000,
  budgetLagMs: 300,
  resizeMs: 1_000,
  provisionPatienceMs: 1_000,
  launchMs: 3_000,
  nodeSilentMs: 17_000,
};

/** An empty cluster. The same seed and the same calls give the same objects. */
export function createPretendCluster(options: PretendClusterOptions): PretendCluster {
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const random = createRandom(options.seed);
  let nowMs = options.nowMs;
  const store = createObjectStore({
    nowMs: () => nowMs,
    random,
    ...(options.maxLogEntries === undefined ? {} : { maxLogEntries: options.maxLogEntries }),
  });
  const instances = createNodeInstances(store, random, timing.nodeSilentMs);
  const interruptions = createSpotInterruptions(store, instances);
  const ec2 = createEc2Instances(store, instances, random, {
    catalog: options.catalog,
    region: options.region,
    bootMs: timing.launchMs,
    nowMs: () => nowMs,
  });
  const groups = createAutoScalingGroups(ec2);
  const kubelets = createKubelets(store, timing, instances.hasKubelet);
  const kills = createMemoryKills(store);
  const resizes = createPodResizes(store, timing.resizeMs);
  const provisioner = createProvisioner(store, instances, {
    catalog: options.catalog,
    region: options.region,
    zones: options.zones,
    priceOf: options.priceOf ?? onDemandPriceOf(options.catalog),
    patienceMs: timing.provisionPatienceMs,
    launchMs: timing.launchMs,
  });

  let budgetsChangedMs: number | undefined;
  store.subscribe(({ resource, object, previous }) => {
    const spec =
      resource === 'pods' || (resource === 'poddisruptionbudgets' && object.spec !== previous?.spec);
    if (spec || resource === 'deployments' || resource === 'statefulsets') budgetsChangedMs ??= nowMs;
  });

  const controllers: readonly ((atMs: number) => void)[] = [
    interruptions.tick,
    ec2.tick,
    groups.tick,
    atMs => collectGarbage(store, atMs),
    instances.tick,
    atMs => reconcileDeployments(store, atMs),
    atMs => reconcileReplicaSets(store, atMs),
    atMs => reconcileStatefulSets(store, atMs),
    atMs => reconcileDaemonSets(store, atMs),
    atMs => reconcileJobs(store, atMs),
    atMs => schedulePods(store, atMs),
    provisioner.tick,
    kubelets.tick,
    resizes.tick,
    kills.tick,
    atMs => {
      if (budgetsChangedMs === undefined || atMs - budgetsChangedMs < timing.budgetLagMs) return;
      budgetsChangedMs = undefined;
      reconcileDisruptionBudgets(store, atMs);
    },
  ];

  return {
    store,
    instances,
    interruptions,
    ec2,
    groups,
    random,
    nowMs: () => nowMs,
    tick: atMs => {
      nowMs = Math.max(nowMs, atMs);
      for (const controller of controllers) controller(nowMs);
    },
  };
}
