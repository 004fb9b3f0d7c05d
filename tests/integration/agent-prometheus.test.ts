import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** A real agent that is told a Prometheus: what it reports is what that has. */
let world: AgentWorld;
let prometheus: Server;
afterEach(async () => {
  await world?.close();
  prometheus?.closeAllConnections();
  prometheus?.close();
});

it('reports usage from Prometheus and from nowhere else', async () => {
  world = await startAgentWorld();
  const pod = world.cluster.store.list('pods').find(({ metadata }) => metadata.name.startsWith('web-'));
  const { namespace = '', name = '' } = pod?.metadata ?? {};
  prometheus = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://x').searchParams.get('query') ?? '';
    const value = query.includes('container_cpu_usage_seconds_total') ? '0.123' : '4242';
    const metric = query.includes('id="/"')
      ? { node: pod?.spec.nodeName ?? '' }
      : { namespace, pod: name, container: 'web' };
    const result = [{ metric, value: [Date.now() / 1000, value] }];
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await new Promise<void>(resolve => prometheus.listen(0, '127.0.0.1', resolve));
  const { port } = prometheus.address() as AddressInfo;
  world.start(['--join', 'token', '--prometheus', `http://127.0.0.1:${port}`]);
  const reports = () => world.server.messages.flatMap(({ body }) => (body.kind === 'usage' ? [body] : []));
  const first = await world.server.until(() => reports()[0], 'Usage', 30_000);
  const used = { cpuMilli: 123, memoryBytes: 4242 };
  expect(first).toEqual({
    kind: 'usage',
    nodes: [{ name: pod?.spec.nodeName, used }],
    pods: [{ namespace, name, used, containers: [{ name: 'web', used }] }],
  });
});
