import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { AgentTask, ContainerChange, TaskAction } from '../../common/agent-protocol/index.ts';
import type { PolicyRule } from '../../simulator/kubernetes-api/index.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** The manifests that install the agent, and a real agent that may do what their roles allow and nothing else. */
const folder = join(import.meta.dirname, '../../infra/kubernetes/agent');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

const manifestsOf = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(document => document.toJS() as Manifest);
const readOnly = manifestsOf('read-only.yaml');
const acting = manifestsOf('acting.yaml');
const rulesOf = (manifests: readonly Manifest[]) =>
  manifests.flatMap(({ kind, metadata, rules = [] }) =>
    rules.map(
      (rule): PolicyRule =>
        kind === 'Role' ? { ...rule, namespace: metadata.namespace ?? 'no namespace' } : rule,
    ),
  );

let world: AgentWorld;
let epoch = 0;
afterEach(() => world?.close());

async function startWith(rules: readonly PolicyRule[], ...flags: string[]): Promise<void> {
  world = await startAgentWorld(undefined, rules);
  world.start(['--join', 'token', ...flags]);
  await world.server.until(
    () => world.server.messages.find(({ body }) => body.kind === 'inventory.snapshot'),
    'A snapshot',
    60_000,
  );
}

function carryOut(action: TaskAction) {
  epoch++;
  const taskId = `task-${epoch}`;
  const task: AgentTask = { taskId, epoch, deadlineAt: Date.now() + 60_000, dryRun: false, action };
  world.server.offer(task);
  return world.server.end(taskId, 90_000);
}

/** What the agent asked for and was not allowed. */
const forbidden = () =>
  world.api.requests.filter(({ code }) => code === 403).map(({ method, url }) => `${method} ${url}`);

/** Whether the agent has made use of a verb. */
function wasUsed(verb: string, group: string, resource: string): boolean {
  const methods: Record<string, string> = { create: 'POST', delete: 'DELETE', patch: 'PATCH', get: 'GET' };
  const root = group === '' ? '/api/v1' : `/apis/${group}/`;
  const [plural = '', subresource] = resource.split('/');
  const name = verb === 'create' && subresource === undefined ? '' : '/[^/?]+';
  const path = new RegExp(`/${plural}${name}${subresource ? `/${subresource}` : ''}(\\?|$)`);
  return world.api.requests.some(
    one => one.method === methods[verb] && one.url.startsWith(root) && path.test(one.url) && one.code !== 403,
  );
}

/** A node whose pods may all be evicted. */
function quietNode(): { name: string; uid: string } {
  const pods = world.cluster.store.list('pods');
  const found = world.cluster.store.list('nodes').find(({ metadata }) => {
    const own = pods.filter(({ spec }) => spec.nodeName === metadata.name).map(pod => pod.metadata.name);
    return (
      own.some(name => name.startsWith('web')) &&
      !own.some(name => /^(notebook|thumbnails|training|ledger)/.test(name))
    );
  });
  if (!found) throw new Error('no quiet node');
  return { name: found.metadata.name, uid: found.metadata.uid };
}

describe('the roles of the agent', () => {
  it('hold no secret, no wildcard, no way to more rights, and read-only no verb that changes anything', () => {
    const [reads, acts] = [rulesOf(readOnly), rulesOf(acting)];
    expect(reads.length).toBeGreaterThan(0);
    expect(acts.length).toBeGreaterThan(0);
    for (const { apiGroups, resources, verbs } of [...reads, ...acts]) {
      const words = [...apiGroups, ...resources, ...verbs];
      expect(words).not.toContain('*');
      expect(words).not.toContain('rbac.authorization.k8s.io');
      expect(
        resources.filter(name => /secret|configmap|serviceaccount|exec|attach|proxy/.test(name)),
      ).toEqual([]);
      expect(verbs.filter(verb => ['escalate', 'bind', 'impersonate'].includes(verb))).toEqual([]);
    }
    expect([...new Set(reads.flatMap(({ verbs }) => verbs))].sort()).toEqual(['list', 'watch']);
  });

  it('may use no Lease but its own', () => {
    const leases = rulesOf(acting).filter(({ resources }) => resources.includes('leases'));
    expect(leases.length).toBeGreaterThan(0);
    for (const { verbs, resourceNames, namespace } of leases) {
      expect(namespace).toBe('cloudoptim');
      if (!verbs.includes('create')) expect(resourceNames).toEqual(['cloudoptim-agent']);
    }
  });

  it('are bound to the account that the agent runs as', () => {
    const account = readOnly.find(({ kind }) => kind === 'ServiceAccount')?.metadata;
    for (const manifests of [readOnly, acting]) {
      const role = manifests.find(({ kind }) => kind === 'ClusterRole');
      const binding = manifests.find(({ kind }) => kind === 'ClusterRoleBinding');
      expect(binding?.roleRef).toMatchObject({ kind: 'ClusterRole', name: role?.metadata.name });
      expect(binding?.subjects).toEqual([{ kind: 'ServiceAccount', ...account }]);
    }
    const set = readOnly.find(({ kind }) => kind === 'StatefulSet') as unknown as {
      spec: { template: { spec: { serviceAccountName: string } } };
    };
    expect(set.spec.template.spec.serviceAccountName).toBe(account?.name);
  });
});

describe('an agent with the read-only role', () => {
  it('sees all that it looks at, and can change nothing', async () => {
    await startWith(rulesOf(readOnly));
    await world.server.until(
      () => world.server.messages.find(({ body }) => body.kind === 'usage'),
      'Usage',
      30_000,
    );
    expect(forbidden()).toEqual([]);
    const node = quietNode();
    const before = world.cluster.store.get('nodes', undefined, node.name);
    const ended = await carryOut({ kind: 'cordon', node });
    expect(ended).toMatchObject({ state: 'failed', detail: expect.stringMatching(/forbidden|may not/i) });
    expect(world.cluster.store.get('nodes', undefined, node.name)?.spec).toEqual(before?.spec);
  });
});

describe('an agent that may act', () => {
  it('carries out every kind of task, and asks for nothing more', async () => {
    await startWith(
      [...rulesOf(readOnly), ...rulesOf(acting)],
      ...['--leader-election', '--namespace', 'cloudoptim'],
    );
    const [pool] = world.cluster.store.list('nodepools');
    const node = quietNode();
    const size = {
      cpuRequestMilli: 900,
      memoryRequestBytes: 2 ** 30,
      cpuLimitMilli: null,
      memoryLimitBytes: 2 ** 30,
    };
    const web: ContainerChange = { name: 'web', now: size, after: { ...size, cpuRequestMilli: 800 } };
    const deployment = world.cluster.store.get('deployments', 'shop', 'web');
    const pods = () => world.cluster.store.list('pods').filter(({ metadata }) => /^web-/.test(metadata.name));
    const [first, second] = pods();
    const refOf = (pod = first) => ({
      namespace: pod?.metadata.namespace ?? '',
      name: pod?.metadata.name ?? '',
      uid: pod?.metadata.uid ?? '',
    });
    const actions: TaskAction[] = [
      { kind: 'resize-pod', pod: refOf(first), containers: [web] },
      { kind: 'evict', pod: refOf(second) },
      { kind: 'cordon', node },
      { kind: 'uncordon', node },
      { kind: 'label', node, key: 'example.com/team', value: 'shop' },
      { kind: 'taint', node, taint: { key: 'example.com/leaving', effect: 'NoSchedule' }, present: true },
      {
        kind: 'change-nodepool',
        pool: { name: pool?.metadata.name ?? '', uid: pool?.metadata.uid ?? '' },
        set: { weight: 7 },
      },
      { kind: 'drain', node, deleteLocalStorage: false },
      { kind: 'delete-node', node },
      {
        kind: 'resize-workload',
        workload: {
          kind: 'Deployment',
          namespace: 'shop',
          name: 'web',
          uid: deployment?.metadata.uid ?? '',
        },
        containers: [web],
      },
    ];
    for (const action of actions)
      expect(await carryOut(action), action.kind).toMatchObject({ state: 'done' });
    expect(forbidden()).toEqual([]);
    const unused = rulesOf(acting).flatMap(({ apiGroups, resources, verbs }) =>
      apiGroups.flatMap(group =>
        resources.flatMap(resource =>
          verbs.filter(verb => !wasUsed(verb, group, resource)).map(verb => `${verb} ${resource}`),
        ),
      ),
    );
    // The same code as for Deployments.
    const sameCode = ['get statefulsets', 'patch statefulsets', 'get daemonsets', 'patch daemonsets'];
    expect(unused).toEqual(sameCode);
  });
});
