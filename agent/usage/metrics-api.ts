import type { KubernetesObject } from '../../common/kubernetes/index.ts';
import { add, amounts } from '../../common/kubernetes/index.ts';
import { type KubernetesApi, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText } from '../log.ts';
import type { UsageReport, UsageSource } from './usage-source.ts';

type Quantities = Readonly<Record<string, string>>;

interface NodeMetrics extends KubernetesObject {
  readonly usage?: Quantities;
}

interface PodMetrics extends KubernetesObject {
  readonly containers?: readonly { readonly name?: string; readonly usage?: Quantities }[];
}

/** Usage as the metrics server of the cluster has it. */
export function metricsApi(api: KubernetesApi): UsageSource {
  return {
    name: 'metrics.k8s.io',
    async read(signal) {
      try {
        const report: UsageReport = { kind: 'usage', nodes: [], pods: [] };
        const nodes = await api.list({ path: '/apis/metrics.k8s.io/v1beta1/nodes', signal }, item =>
          report.nodes.push(nodeUsage(item as NodeMetrics)),
        );
        // Their API knows no pages.
        const pods = await api.list({ path: '/apis/metrics.k8s.io/v1beta1/pods', signal }, item =>
          report.pods.push(podUsage(item as PodMetrics)),
        );
        const refused = [nodes, pods].find(answer => answer.code !== 200);
        if (!refused) return { ok: true, report };
        return {
          ok: false,
          trouble: refused.code === 404 ? 'there is no metrics server' : statusMessage(refused),
          isAbsent: refused.code === 404 || refused.code === 403,
        };
      } catch (error) {
        return { ok: false, trouble: errorText(error), isAbsent: false };
      }
    },
  };
}

function nodeUsage({ metadata, usage }: NodeMetrics): UsageReport['nodes'][number] {
  return { name: metadata?.name ?? '', used: amounts(usage) };
}

function podUsage({ metadata, containers = [] }: PodMetrics): UsageReport['pods'][number] {
  const measured = containers.map(({ name = '', usage }) => ({ name, used: amounts(usage) }));
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    used: measured.map(({ used }) => used).reduce(add, amounts(undefined)),
    containers: measured,
  };
}
