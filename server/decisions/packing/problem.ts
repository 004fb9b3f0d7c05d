/**
 * What is to be packed: pods alike, counted; what can be bought; nodes that are there. Names and meanings are those of the Kubernetes
 * API (core/v1) unless a comment says otherwise; what Kubernetes leaves to defaults is written out.
 */

/** Requests of one pod, or what one node has to give. */
export interface Resources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  /** Extended resources by name, e.g. `nvidia.com/gpu`; absent means none. */
  readonly extended: Readonly<Record<string, number>>;
}

/** Kubernetes' operators on labels. */
export const labelOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'] as const;

export interface LabelExpression {
  readonly key: string;
  readonly operator: (typeof labelOperators)[number];
  readonly values: readonly string[];
}

/** All of it must hold. An empty term selects no node. */
export interface NodeTerm {
  readonly matchExpressions: readonly LabelExpression[];
  /** On `metadata.name` only, as in Kubernetes. */
  readonly matchFields: readonly LabelExpression[];
}

export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly LabelExpression[];
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
}

/** `key` empty with `Exists` tolerates everything; `effect` empty stands for all effects. */
export interface Toleration {
  readonly key: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value: string;
  readonly effect: Taint['effect'] | '';
}

/** A required term of pod affinity or anti-affinity. */
export interface PodTerm {
  readonly topologyKey: string;
  readonly selector: LabelSelector;
  /** Namespaces that it looks into; a namespace selector is resolved by the caller. */
  readonly namespaces: readonly string[];
}

/** A term that the scheduler would rather see hold; 1…100. */
export interface Preferred<Term> {
  readonly weight: number;
  readonly term: Term;
}

/** Wishes: they keep no pod from a node. A spread constraint with `ScheduleAnyway` is one too. */
export interface PodPreferences {
  readonly nodeAffinity: readonly Preferred<NodeTerm>[];
  readonly podAffinity: readonly Preferred<PodTerm>[];
  readonly podAntiAffinity: readonly Preferred<PodTerm>[];
}

export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly whenUnsatisfiable: 'DoNotSchedule' | 'ScheduleAnyway';
  readonly minDomains: number;
  readonly selector: LabelSelector;
  readonly matchLabelKeys: readonly string[];
  readonly nodeAffinityPolicy: 'Honor' | 'Ignore';
  readonly nodeTaintsPolicy: 'Honor' | 'Ignore';
}

export interface HostPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** `0.0.0.0` for every address. */
  readonly hostIp: string;
  readonly port: number;
}

/** What decides where a pod may go, besides its size. */
export interface PodRules {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** One of the terms must hold; `null` when there is no required node affinity. */
  readonly nodeAffinity: readonly NodeTerm[] | null;
  readonly tolerations: readonly Toleration[];
  readonly hostPorts: readonly HostPort[];
  readonly podAffinity: readonly PodTerm[];
  readonly podAntiAffinity: readonly PodTerm[];
  readonly topologySpread: readonly SpreadConstraint[];
  readonly preferences: PodPreferences;
  /** Zones that its volumes can be reached from; `null` when it has no such volume. */
  readonly volumeZones: readonly string[] | null;
}

/** Pods that are alike in everything but their name. */
export interface PodClass {
  readonly name: string;
  readonly count: number;
  readonly requests: Resources;
  readonly rules: PodRules;
}

export interface NodeShape {
  /** Without `kubernetes.io/hostname`, which every node has of its own. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Allocatable: capacity without what the system keeps for itself. DaemonSets are taken off by the packer. */
  readonly allocatable: Resources;
  readonly podLimit: number;
}

/** What can be bought: an instance type in a zone under a capacity type. */
export interface Offer extends NodeShape {
  readonly instanceType: string;
  readonly zone: string | null;
  readonly capacityType: string | null;
  /** `null` when unknown: such an offer is never chosen. */
  readonly priceMicroUsdPerHour: number | null;
}

/** A pod of every node that it fits by selector, affinity and tolerations; its requests are taken off the node first. */
export interface DaemonSet {
  readonly name: string;
  readonly requests: Resources;
  readonly rules: Pick<PodRules, 'nodeSelector' | 'nodeAffinity' | 'tolerations'>;
}

/** A node that runs. Its DaemonSet pods are among `pods`, as pods that do not move. */
export interface ExistingNode extends NodeShape {
  readonly name: string;
  readonly unschedulable: boolean;
  /** What is saved when it goes; `null` when unknown, and then it stays. */
  readonly priceMicroUsdPerHour: number | null;
  readonly isRemovable: boolean;
  readonly pods: readonly { readonly podClass: number; readonly count: number; readonly canMove: boolean }[];
}

export interface PackingProblem {
  readonly pods: readonly PodClass[];
  readonly offers: readonly Offer[];
  readonly daemonSets: readonly DaemonSet[];
  readonly existing: readonly ExistingNode[];
  /** Most nodes in the end; `null` for no limit. */
  readonly maxNodes: number | null;
}

/** Rules of a pod that may go anywhere. */
export const anywhere: PodRules = {
  namespace: 'default',
  labels: {},
  priority: 0,
  nodeSelector: {},
  nodeAffinity: null,
  tolerations: [],
  hostPorts: [],
  podAffinity: [],
  podAntiAffinity: [],
  topologySpread: [],
  preferences: { nodeAffinity: [], podAffinity: [], podAntiAffinity: [] },
  volumeZones: null,
};

export const HOSTNAME_LABEL = 'kubernetes.io/hostname';
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
export const ARCH_LABEL = 'kubernetes.io/arch';
