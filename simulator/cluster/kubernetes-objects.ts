/** What every stored object carries; times are RFC 3339 in whole seconds, as the API server writes them. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly generateName?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** A pointer to the object this one is deleted with; `controller` marks the one that manages it. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object. Objects are never changed in place: a change is a new object in the store. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: object;
  readonly status?: object;
}

/** One entry of `status.conditions`. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastProbeTime?: string | null;
  readonly lastUpdateTime?: string;
  readonly observedGeneration?: number;
}

/** Requests and limits as quantities (`250m`, `512Mi`). */
interface ResourceRequirements {
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
}

/** A container of a pod, as far as the pretend cluster looks at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly resources?: ResourceRequirements;
  readonly volumeMounts?: readonly object[];
}

/** A node taint. */
export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
  readonly timeAdded?: string;
}

/** A pod's toleration of taints; no key with `Exists` tolerates everything. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
  readonly tolerationSeconds?: number;
}

/** One term of a node selector: every expression must hold. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly LabelExpression[];
}

/** A label requirement; operators In, NotIn, Exists, DoesNotExist. */
export interface LabelExpression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** `metadata.labels` selector of a workload or a disruption budget. An empty one selects everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelExpression[];
}

/** A pod volume, as far as the pretend cluster looks at it. */
interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly hostPath?: object;
  readonly configMap?: object;
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

/** What a pod asks for. */
export interface PodSpec {
  readonly nodeName?: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms: readonly NodeSelectorTerm[];
      };
    };
  };
  readonly tolerations?: readonly Toleration[];
  readonly volumes?: readonly Volume[];
  readonly priorityClassName?: string;
  readonly priority?: number;
  readonly terminationGracePeriodSeconds?: number;
  readonly restartPolicy?: string;
  readonly serviceAccountName?: string;
  readonly hostNetwork?: boolean;
  readonly overhead?: Readonly<Record<string, string>>;
}

/** The state of one container of a running pod. */
interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly ready: boolean;
  readonly started?: boolean;
  readonly restartCount: number;
  readonly state: object;
  readonly lastState?: object;
  readonly resources?: ResourceRequirements;
  readonly allocatedResources?: Readonly<Record<string, string>>;
}

/** A pod. */
export interface Pod extends KubernetesObject {
  readonly spec: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly startTime?: string;
    readonly qosClass?: string;
    readonly reason?: string;
    readonly observedGeneration?: number;
  };
}

/** A node. */
export interface Node extends KubernetesObject {
  readonly spec: {
    readonly providerID?: string;
    readonly unschedulable?: boolean;
    readonly taints?: readonly Taint[];
  };
  readonly status?: {
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly nodeInfo?: Readonly<Record<string, string>>;
  };
}

/** The pod that a workload stamps out. */
export interface PodTemplate {
  readonly metadata?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: PodSpec;
}

/** A Deployment, ReplicaSet, StatefulSet, DaemonSet or Job: selector, template and, where it has one, a count. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: LabelSelector;
    readonly template: PodTemplate;
    readonly parallelism?: number;
    readonly completions?: number;
    readonly serviceName?: string;
    readonly paused?: boolean;
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: object;
    }[];
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly updatedReplicas?: number;
    readonly succeeded?: number;
    readonly active?: number;
    readonly conditions?: readonly Condition[];
  };
}

/** A PodDisruptionBudget. */
export interface PodDisruptionBudget extends KubernetesObject {
  readonly spec: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector?: LabelSelector;
    readonly unhealthyPodEvictionPolicy?: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly expectedPods: number;
    readonly disruptedPods?: Readonly<Record<string, string>>;
    readonly conditions?: readonly Condition[];
  };
}

/** A PersistentVolume, as far as the scheduler looks at it. */
export interface PersistentVolume extends KubernetesObject {
  readonly spec: {
    readonly nodeAffinity?: {
      readonly required?: { readonly nodeSelectorTerms: readonly NodeSelectorTerm[] };
    };
    readonly claimRef?: { readonly namespace: string; readonly name: string };
    readonly capacity?: Readonly<Record<string, string>>;
    readonly storageClassName?: string;
  };
}

/** A PersistentVolumeClaim. */
export interface PersistentVolumeClaim extends KubernetesObject {
  readonly spec: {
    readonly volumeName?: string;
    readonly accessModes?: readonly string[];
    readonly storageClassName?: string;
  };
}

/** A karpenter.sh/v1 NodePool: what the provisioner may launch. */
export interface NodePool extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec: {
        readonly requirements?: readonly LabelExpression[];
        readonly taints?: readonly Taint[];
        readonly [field: string]: unknown;
      };
    };
    readonly [field: string]: unknown;
  };
}

/** A karpenter.sh/v1 NodeClaim: one launched instance. */
export interface NodeClaim extends KubernetesObject {
  readonly spec: { readonly requirements: readonly LabelExpression[]; readonly [field: string]: unknown };
  readonly status?: {
    readonly nodeName?: string;
    readonly providerID?: string;
    readonly conditions?: readonly Condition[];
    readonly [field: string]: unknown;
  };
}
