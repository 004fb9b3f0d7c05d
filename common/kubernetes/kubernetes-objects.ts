/** The fields of Kubernetes objects that are read here; everything may be absent, as in JSON from any version. */
export interface ObjectMeta {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

export interface KubernetesObject {
  readonly metadata?: ObjectMeta;
}

export interface EventObject extends KubernetesObject {
  readonly reason?: string;
  readonly message?: string;
  readonly involvedObject?: { readonly kind?: string; readonly namespace?: string; readonly name?: string };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface TaintSpec {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface NodeObject extends KubernetesObject {
  readonly spec?: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly TaintSpec[];
  };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
  };
}

type Quantities = Readonly<Record<string, string>>;

export interface ContainerSpec {
  readonly name?: string;
  readonly restartPolicy?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  /** `value` is absent where it comes from elsewhere. */
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly ports?: readonly {
    readonly hostPort?: number;
    readonly hostIP?: string;
    readonly protocol?: string;
  }[];
}

/** `In`, `Exists`, … on a label or, in `matchFields`, on a field. */
export interface SelectorRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

export interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>> | undefined;
  readonly matchExpressions?: readonly SelectorRequirement[] | undefined;
}

export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly SelectorRequirement[];
  readonly matchFields?: readonly SelectorRequirement[];
}

export interface PodAffinityTerm {
  readonly topologyKey: string;
  readonly labelSelector?: Selector | null;
  readonly namespaces?: readonly string[] | null;
  readonly namespaceSelector?: Selector | null;
}

export interface SpreadConstraintSpec {
  readonly maxSkew?: number;
  readonly topologyKey?: string;
  readonly whenUnsatisfiable?: string;
  readonly minDomains?: number;
  readonly labelSelector?: Selector | null;
  readonly matchLabelKeys?: readonly string[];
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
}

export interface Affinity {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly NodeSelectorTerm[];
    };
    readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly {
      readonly weight?: number;
      readonly preference?: NodeSelectorTerm;
    }[];
  } | null;
  readonly podAffinity?: PodAffinity | null;
  readonly podAntiAffinity?: PodAffinity | null;
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[];
  readonly preferredDuringSchedulingIgnoredDuringExecution?: readonly WeightedPodAffinityTerm[];
}

export interface WeightedPodAffinityTerm {
  readonly weight?: number;
  readonly podAffinityTerm?: PodAffinityTerm;
}

export interface Volume {
  readonly emptyDir?: unknown;
  readonly hostPath?: unknown;
  readonly persistentVolumeClaim?: { readonly claimName?: string };
  /** Its claim is named after the pod and the volume. */
  readonly ephemeral?: unknown;
  readonly name?: string;
}

export interface TolerationSpec {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly schedulerName?: string;
  readonly containers?: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly overhead?: Readonly<Record<string, string>>;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly resourceClaims?: readonly unknown[];
  readonly schedulingGates?: readonly unknown[];
  readonly priority?: number;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly TolerationSpec[];
  readonly affinity?: Affinity | null;
  readonly topologySpreadConstraints?: readonly SpreadConstraintSpec[];
  readonly volumes?: readonly Volume[];
}

export interface PodObject extends KubernetesObject {
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly running?: { readonly startedAt?: string };
    readonly waiting?: { readonly reason?: string };
  };
  /** What it runs with, which may differ from its spec while a resize is under way. */
  readonly resources?: { readonly requests?: Quantities; readonly limits?: Quantities };
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly finishedAt?: string } };
}

interface ResourceTarget {
  readonly type?: string;
  readonly averageUtilization?: number;
}

/** `autoscaling/v2`. */
export interface HorizontalAutoscalerObject extends KubernetesObject {
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
    readonly minReplicas?: number;
    readonly maxReplicas?: number;
    readonly metrics?: readonly {
      readonly type?: string;
      readonly resource?: { readonly name?: string; readonly target?: ResourceTarget };
      readonly containerResource?: {
        readonly name?: string;
        readonly container?: string;
        readonly target?: ResourceTarget;
      };
    }[];
  };
}

/** `autoscaling.k8s.io/v1`. */
export interface VerticalAutoscalerObject extends KubernetesObject {
  readonly spec?: {
    readonly targetRef?: { readonly kind?: string; readonly name?: string };
    readonly updatePolicy?: { readonly updateMode?: string };
  };
}

export interface BudgetObject extends KubernetesObject {
  readonly spec?: {
    readonly selector?: Selector;
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
  };
  readonly status?: {
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly expectedPods?: number;
  };
}

export interface WorkloadObject extends KubernetesObject {
  readonly spec?: { readonly replicas?: number; readonly template?: { readonly spec?: PodSpec } };
  readonly status?: {
    readonly readyReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
  };
}

export interface VolumeClaimObject extends KubernetesObject {
  readonly spec?: { readonly volumeName?: string; readonly storageClassName?: string | null };
}

export interface VolumeObject extends KubernetesObject {
  readonly spec?: {
    readonly nodeAffinity?: {
      readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] };
    };
  };
}

/** `storage.k8s.io/v1`. */
export interface StorageClassObject extends KubernetesObject {
  readonly allowedTopologies?: readonly {
    readonly matchLabelExpressions?: readonly { readonly key: string; readonly values?: readonly string[] }[];
  }[];
}

/** `karpenter.sh/v1`. */
export interface NodePoolObject extends KubernetesObject {
  readonly spec?: {
    readonly weight?: number;
    readonly limits?: Readonly<Record<string, string | number>>;
    readonly template?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: {
        readonly requirements?: readonly SelectorRequirement[];
        readonly taints?: readonly TaintSpec[];
      };
    };
    readonly disruption?: {
      readonly consolidationPolicy?: string;
      readonly consolidateAfter?: string;
      readonly budgets?: readonly {
        readonly nodes?: string;
        readonly reasons?: readonly string[];
        readonly schedule?: string;
        readonly duration?: string;
      }[];
    };
  };
}

/** `karpenter.sh/v1`. */
export interface NodeClaimObject extends KubernetesObject {
  readonly status?: { readonly nodeName?: string };
}

/** A list answer: one page of it. */
export interface ObjectList<T> {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

/** The `Status` object in which the API answers failures, and evictions. */
export interface ApiStatus {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly metadata?: { readonly continue?: string };
  readonly details?: { readonly causes?: readonly { readonly reason?: string; readonly message?: string }[] };
}
