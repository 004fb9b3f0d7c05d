import type { PodSpec, Toleration } from './kubernetes-objects.ts';

/** One workload of the small shop. */
export interface ShopWorkload {
  readonly kind: 'deployments' | 'statefulsets' | 'daemonsets';
  readonly namespace: string;
  readonly name: string;
  /** Unused for daemon sets. */
  readonly replicas: number;
  readonly cpu: string;
  readonly memory: string;
  readonly image: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Partial<PodSpec>;
  /** A disruption budget over its pods. */
  readonly budget?: { readonly minAvailable?: number | string; readonly maxUnavailable?: number | string };
}

const EVERYWHERE: readonly Toleration[] = [{ operator: 'Exists' }];

/** The workloads of the small shop: 18 with about 90 pods on 14 nodes. */
export const SHOP_WORKLOADS: readonly ShopWorkload[] = [
  deployment('shop', 'web', 8, '900m', '1Gi', { budget: { maxUnavailable: '25%' } }),
  deployment('shop', 'cart', 4, '600m', '768Mi', { budget: { minAvailable: 3 } }),
  deployment('shop', 'checkout', 4, '700m', '1Gi', { budget: { maxUnavailable: 1 } }),
  deployment('shop', 'search', 5, '1200m', '4Gi'),
  deployment('shop', 'thumbnails', 1, '500m', '1Gi', {
    spec: { volumes: [{ name: 'scratch', emptyDir: {} }] },
  }),
  {
    ...deployment('shop', 'sessions', 3, '500m', '2Gi', { budget: { minAvailable: 2 } }),
    kind: 'statefulsets',
    image: 'registry.k8s.io/pretend/redis:8.2',
  },
  deployment('payments', 'gateway', 4, '600m', '512Mi', { budget: { minAvailable: '50%' } }),
  deployment('payments', 'ledger', 3, '1000m', '2Gi', { budget: { minAvailable: 3 } }),
  deployment('payments', 'fraud', 2, '1500m', '3Gi'),
  deployment('analytics', 'ingest', 4, '800m', '1536Mi'),
  deployment('analytics', 'reports', 2, '1500m', '6Gi'),
  deployment('analytics', 'training', 1, '2000m', '8Gi', {
    annotations: { 'karpenter.sh/do-not-disrupt': 'true' },
  }),
  deployment('kube-system', 'coredns', 2, '100m', '70Mi', {
    budget: { maxUnavailable: 1 },
    spec: { priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 },
  }),
  deployment('kube-system', 'karpenter', 2, '500m', '512Mi', {
    budget: { maxUnavailable: 1 },
    spec: { priorityClassName: 'system-cluster-critical', priority: 2_000_000_000 },
  }),
  deployment('monitoring', 'grafana', 1, '250m', '512Mi'),
  daemon('kube-system', 'aws-node', '50m', '64Mi'),
  daemon('kube-system', 'kube-proxy', '100m', '64Mi'),
  daemon('monitoring', 'node-exporter', '50m', '48Mi'),
];

function deployment(
  namespace: string,
  name: string,
  replicas: number,
  cpu: string,
  memory: string,
  more: Partial<ShopWorkload> = {},
): ShopWorkload {
  const image = `registry.k8s.io/pretend/${name}:1.4.2`;
  return { kind: 'deployments', namespace, name, replicas, cpu, memory, image, ...more };
}

function daemon(namespace: string, name: string, cpu: string, memory: string): ShopWorkload {
  return {
    ...deployment(namespace, name, 0, cpu, memory),
    kind: 'daemonsets',
    spec: {
      tolerations: EVERYWHERE,
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      priority: 2_000_001_000,
    },
  };
}
