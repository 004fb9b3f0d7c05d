import { join } from 'node:path';
import Database from 'better-sqlite3';
import { containerUsage, type PretendCluster } from '../../simulator/cluster/index.ts';

const REPORT_EVERY_MS = 3_600_000;

/**
 * Writes what the pods of a pretend cluster would have used in the days before into the journal of an engine's SQLite file, as if its
 * agent had been there all the time: no test can wait two weeks.
 */
export function rememberUsage(data: string, clusterId: string, cluster: PretendCluster, days: number): void {
  const database = new Database(join(data, 'cloudoptim.sqlite'), { timeout: 10_000 });
  const insert = database.prepare('insert into usage_journal (cluster_id, at_ms, lines) values (?, ?, ?)');
  const workloads = Map.groupBy(
    cluster.store.list('pods').filter(pod => pod.spec.nodeName !== undefined),
    workloadOf,
  );
  const now = Date.now();
  for (let at = now - days * 86_400_000; at < now; at += REPORT_EVERY_MS) {
    const lines = [...workloads].flatMap(([workload, pods]) =>
      workload === '' || !pods[0]
        ? []
        : pods[0].spec.containers.map(({ name }) => ({
            workload,
            container: name,
            figures: pods.flatMap(pod => {
              const container = pod.spec.containers.find(one => one.name === name);
              if (!container) return [];
              const { cpuMilli, memoryBytes } = containerUsage(pod, container, at);
              return [Math.ceil(cpuMilli), Math.ceil(memoryBytes), 0];
            }),
          })),
    );
    // One commit each: an engine that runs must not find the file locked for long.
    insert.run(clusterId, at, JSON.stringify(lines));
  }
  database.close();
}

/** `Deployment/shop/web`, as usage is kept; nothing for pods of their own and for Jobs. */
function workloadOf({ metadata }: { readonly metadata: PodMeta }): string {
  const owner = metadata.ownerReferences?.find(one => one.controller);
  if (!owner) return '';
  if (owner.kind === 'ReplicaSet')
    return `Deployment/${metadata.namespace}/${owner.name.replace(/-[^-]+$/, '')}`;
  return owner.kind === 'StatefulSet' || owner.kind === 'DaemonSet'
    ? `${owner.kind}/${metadata.namespace}/${owner.name}`
    : '';
}

interface PodMeta {
  readonly namespace?: string;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
}
