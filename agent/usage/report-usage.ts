import type { AgentMessageBody } from '../../common/agent-protocol/index.ts';
import type { KubernetesObject, ObjectList } from '../../common/kubernetes/index.ts';
import { add, amounts } from '../../common/kubernetes/index.ts';
import { type ApiAnswer, type KubernetesApi, statusMessage } from '../kubernetes/kubernetes-api.ts';
import { errorText, type Log } from '../log.ts';
import { pause } from '../pause.ts';

/** What reporting usage needs. */
export interface UsageOptions {
  readonly api: KubernetesApi;
  readonly send: (body: AgentMessageBody) => void;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly everyMs: number;
}

type Quantities = Readonly<Record<string, string>>;

interface NodeMetrics extends KubernetesObject {
  readonly usage?: Quantities;
}

interface PodMetrics extends KubernetesObject {
  readonly containers?: readonly { readonly name?: string; readonly usage?: Quantities }[];
}

/** A cluster may get its metrics server later. */
const probeEveryMs = 5 * 60_000;

/**
 * Reports what nodes and pods use, from metrics.k8s.io, until `signal` aborts. Where that API is absent or not allowed
 * nothing is sent, which is said once, and it is looked for again every 5 minutes: an unknown usage is never a zero.
 */
export async function reportUsage({ api, send, log, signal, everyMs }: UsageOptions): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    let trouble: string | undefined;
    let absent = false;
    try {
      const nodes = await api.call({ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/nodes', signal });
      const pods = await api.call({ method: 'GET', path: '/apis/metrics.k8s.io/v1beta1/pods', signal });
      const refused = [nodes, pods].find(answer => answer.code !== 200);
      absent = refused?.code === 404 || refused?.code === 403;
      if (refused) trouble = refused.code === 404 ? 'there is no metrics server' : statusMessage(refused);
      else send(usageBody(nodes, pods));
    } catch (error) {
      trouble = errorText(error);
    }
    if (signal.aborted) return;
    if (trouble !== said && trouble) log.warn('Usage of nodes and pods is unknown', { reason: trouble });
    if (trouble !== said && !trouble) log.info('Usage of nodes and pods is known again');
    said = trouble;
    await pause(absent ? probeEveryMs : everyMs, signal);
  }
}

function usageBody(nodes: ApiAnswer, pods: ApiAnswer): AgentMessageBody {
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
