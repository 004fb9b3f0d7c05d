/** `node large-cluster-server.ts NODES PODS KUBECONFIG`: a pretend cluster of that size behind its API, and a server that takes an agent in. Prints the server's address once both listen, and `whole N` when it has been told of N pods. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CatalogType, createPretendCluster } from '../../simulator/cluster/index.ts';
import { startKubernetesApi } from '../../simulator/kubernetes-api/index.ts';
import { startAgentServer } from '../../tests/support/agent-server.ts';

const [nodes = '', pods = '', kubeconfig = ''] = process.argv.slice(2);
const { types }: { types: CatalogType[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../resources/catalog/instance-types.json'), 'utf8'),
);
const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
const cluster = createPretendCluster({
  seed: 1,
  nowMs: Date.now(),
  catalog: types,
  region: 'us-east-1',
  zones,
  maxLogEntries: 100_000,
});
const { store, instances } = cluster;
const type = types.find(one => one.instanceType === 'm5.xlarge');
if (!type) throw new Error('the catalog has no m5.xlarge');
for (const name of ['kube-node-lease', 'shop']) store.create('namespaces', { metadata: { name } });
const names = Array.from({ length: Number(nodes) }, (_, n) => {
  const zone = zones[n % zones.length] ?? '';
  return instances.launch({
    type,
    region: 'us-east-1',
    zone,
    capacityType: 'on-demand',
    managedBy: 'launch-template',
  }).metadata.name;
});
for (let n = 0; n < Number(pods); n++) {
  const app = `app-${n % 500}`;
  const environment = Array.from({ length: 12 }, (_, at) => ({
    name: `SETTING_${at}`,
    value: `value-${at}-of-${app}`,
  }));
  store.create('pods', {
    metadata: {
      name: `${app}-7c9d5b6f4-${n}`,
      namespace: 'shop',
      labels: { app, 'pod-template-hash': '7c9d5b6f4', 'app.kubernetes.io/part-of': 'shop' },
      annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-01T00:00:00Z' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${app}-7c9d5b6f4`,
          uid: `uid-${app}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: names[n % names.length] ?? '',
      containers: [
        {
          name: 'main',
          image: `registry.example/shop/${app}:2026.11`,
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          ...({ env: environment } as object),
        },
      ],
    },
    status: { phase: 'Running' },
  });
}
const api = await startKubernetesApi({ cluster, clock: Date.now, token: 'all' });
writeFileSync(kubeconfig, api.kubeconfig());
const server = await startAgentServer();
process.stdout.write(`listens on ${server.url}\n`);
// Without its controllers the cluster changes by this alone: a hundred pods a second.
let turn = 0;
setInterval(() => {
  const all = store.list('pods');
  for (let n = 0; n < 10; n++) {
    const { metadata } = all[(turn * 37 + n * 991) % all.length] ?? {};
    if (!metadata) continue;
    store.update('pods', metadata.namespace, metadata.name, pod => ({
      ...pod,
      metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, turn: String(turn) } },
    }));
  }
  turn++;
}, 100);
const watching = setInterval(() => {
  const told = new Set<string>();
  for (const { body } of server.messages) {
    const objects =
      body.kind === 'inventory.snapshot' ? body.objects : body.kind === 'inventory.delta' ? body.upserts : [];
    for (const object of objects) if (object.kind === 'Pod') told.add(object.name);
  }
  if (told.size < Number(pods)) return;
  clearInterval(watching);
  process.stdout.write(`whole ${told.size}\n`);
}, 1_000);
