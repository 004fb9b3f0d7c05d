import type { KubernetesObject, ObjectList } from '../../common/kubernetes/index.ts';
import { add, amounts } from '../../common/kubernetes/index.ts';
import { type ApiAnswer, type KubernetesApi, statusMessage } from '../kubernetes/kubernetes-api.ts';
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
        const nodes = await api.call({ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/nodes', signal });
        const pods = await api.call({ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/pods', signal });
        const refused = [nodes, pods].find(answer => answer.code !== 200);
        if (!refused) return { ok: true, report: reportOf(nodes, pods) };
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

function reportOf(nodes: ApiAnswer, pods: ApiAnswer): UsageReport {
  const nodeItems = (nodes.body as ObjectList<NodeMetrics> | undefined)?.items ?? [];
  const podItems = (pods.body as ObjectList<PodMetrics> | undefined)?.items ?? [];
  return {
    kind: 'usage',
    nodes: nodeItems.map(({ metadata, usage }) => ({ name: metadata?.name ?? '', used: amounts(usage) })),
    pods: podItems.map(({ metadata, containers = [] }) => {
      const measured = containers.map(({ name = '', usage }) => ({ name, used: amounts(usage) }));
      return {
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
        used: measured.map(({ used }) => used).reduce(add, amounts(undefined)),
        containers: measured,
      };
    }),
  };
}
