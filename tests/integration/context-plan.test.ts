import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ContextPlan, KubeconfigContext, PackingPlan } from '../../common/contracts/index.ts';
import { createSmallShop, type PretendCluster } from '../../simulator/cluster/index.ts';
import {
  type KubernetesApi,
  type PolicyRule,
  startKubernetesApi,
} from '../../simulator/kubernetes-api/index.ts';
import { type EngineProcess, startEngineProcess } from '../support/engine-process.ts';

/** A real engine that plans for contexts of kubeconfigs, with credentials that may do what the role in infra/ says and nothing else. */
const root = join(import.meta.dirname, '../..');
const { rules: role }: { rules: readonly PolicyRule[] } = parse(
  readFileSync(join(root, 'infra/kubernetes/plan-reader.yaml'), 'utf8'),
);
const TOKEN = 'canary-token-of-the-operator';
const ENVIRONMENT_VALUE = 'canary-value-of-an-environment';

let folder: string;
let cluster: PretendCluster;
let api: KubernetesApi;
let narrow: KubernetesApi;
let engine: EngineProcess;
let kubeconfig: string;
const before = { KUBECONFIG: process.env.KUBECONFIG, HOME: process.env.HOME };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-context-'));
  const { types } = JSON.parse(readFileSync(join(root, 'resources/catalog/instance-types.json'), 'utf8'));
  const zones = ['us-east-1a', 'us-east-1b', 'us-east-1c'];
  cluster = createSmallShop({ catalog: types, seed: 1, nowMs: Date.now(), region: 'us-east-1', zones });
  const first = cluster.store.list('pods')[0]?.metadata;
  cluster.store.update('pods', first?.namespace, first?.name ?? '', pod => ({
    ...pod,
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map(one => ({
        ...one,
        env: [{ name: 'PASSWORD', value: ENVIRONMENT_VALUE }],
      })),
    },
  }));
  const serve = (rules: readonly PolicyRule[]) =>
    startKubernetesApi({
      cluster,
      clock: () => cluster.nowMs(),
      token: 'all',
      serviceAccount: { token: TOKEN, user: 'operator@example.com', rules },
    });
  api = await serve(role);
  narrow = await serve(
    role.map(rule => ({
      ...rule,
      resources: rule.resources.filter(name => name !== 'poddisruptionbudgets' && name !== 'namespaces'),
    })),
  );
  mkdirSync(join(folder, 'home'));
  process.env.HOME = join(folder, 'home');
  process.env.KUBECONFIG = kubeconfig = join(folder, 'kubeconfig');
  writeKubeconfig();
  engine = await startEngineProcess(join(folder, 'engine'));
}, 60_000);
afterAll(async () => {
  Object.assign(process.env, before);
  for (const [name, value] of Object.entries(before)) if (value === undefined) delete process.env[name];
  await engine?.end();
  await api?.close();
  await narrow?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Contexts as cloud tools write them: a plug-in that signs in, a token, credentials that are no good. */
function writeKubeconfig(more: object[] = []): void {
  const plugin = join(folder, 'sign-in.mjs');
  writeFileSync(
    plugin,
    `import { appendFileSync } from 'node:fs';
     appendFileSync(process.argv[2], process.env.KUBERNETES_EXEC_INFO + '\\n');
     if (process.argv[3]) { console.error('Warning: old\\nYour session has expired. Run aws sso login.'); process.exit(1); }
     console.log(JSON.stringify({ kind: 'ExecCredential', status: { token: ${JSON.stringify(TOKEN)} } }));`,
  );
  const exec = (...args: string[]) => ({
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: [plugin, join(folder, 'ran'), ...args],
    provideClusterInfo: true,
  });
  const of = (one: KubernetesApi) => parse(one.kubeconfig('service-account')).clusters[0].cluster;
  const names = ['shop', 'narrow', 'expired', 'stranger', 'untrusted', 'unreachable', 'clear'];
  const clusters = {
    shop: of(api),
    narrow: of(narrow),
    expired: of(api),
    stranger: of(api),
    untrusted: { server: of(api).server },
    unreachable: { server: 'https://127.0.0.1:1' },
    clear: { server: 'http://cluster.example' },
  };
  const users: Record<string, object> = {
    shop: { exec: exec() },
    expired: { exec: exec('fail') },
    stranger: { token: 'not-known' },
  };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: Object.entries(clusters).map(([name, one]) => ({ name, cluster: one })),
      users: names.map(name => ({ name, user: users[name] ?? { token: TOKEN } })),
      contexts: [...names.map(name => ({ name, context: { cluster: name, user: name } })), ...more],
      'current-context': 'shop',
    }),
  );
}

async function ask<Answer>(path: string, body?: object, of = engine): Promise<Answer> {
  const answer = await fetch(`${of.url}/api/v1/optimization/kubeconfig${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${of.token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await answer.json()) as Answer;
}

/** Asks for a plan and waits for its end. */
async function planFor(context: string): Promise<{ progress: ContextPlan; plan: PackingPlan | null }> {
  const { id } = await ask<ContextPlan>('/plans', { context, timeLimitSeconds: 20 });
  for (let tries = 0; tries < 600; tries++) {
    const made = await ask<{ progress: ContextPlan; plan: PackingPlan | null }>(`/plans/${id}`);
    if (made.progress.endedAt !== null) return made;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error(`The plan for ${context} did not end.`);
}

const methodsAsked = (one: KubernetesApi) => new Set(one.requests.map(({ method }) => method));
const ran = () => {
  try {
    return readFileSync(join(folder, 'ran'), 'utf8').trim().split('\n');
  } catch {
    return [];
  }
};

describe('a plan for a context of a kubeconfig', () => {
  it('is offered for every context, of which no program is run and no cluster asked', async () => {
    expect(await ask('')).toEqual({ allowed: true, reason: null });
    const { contexts, problems } = await ask<{ contexts: KubeconfigContext[]; problems: string[] }>(
      '/contexts',
    );
    expect(problems).toEqual([]);
    expect(contexts.map(({ name, runs }) => [name, runs])).toEqual([
      ['shop', 'node'],
      ['narrow', null],
      ['expired', 'node'],
      ['stranger', null],
      ['untrusted', null],
      ['unreachable', null],
      ['clear', null],
    ]);
    expect(ran()).toEqual([]);
    expect(api.requests).toEqual([]);
  });

  it('is made with the rights of the role in infra/ alone, by GET alone, and says what the one from kubectl says', async () => {
    const { progress, plan } = await planFor('shop');
    expect(progress).toMatchObject({ state: 'done', problem: null, nodes: 14, server: expect.any(String) });
    expect(plan?.before.nodes).toBe(14);
    expect(plan?.warnings).toEqual([]);
    expect(plan?.lowerBoundUsdHour).toBeGreaterThan(0);
    expect(methodsAsked(api)).toEqual(new Set(['GET']));
    expect(api.requests.filter(({ code }) => code === 403)).toEqual([]);
    expect(api.requests.every(({ user }) => user === 'operator@example.com')).toBe(true);
    // Each kind in the role is read, so nothing in it is too much. The pretend cluster has not all of them.
    const asked = new Set(api.requests.map(({ url }) => url.split('?')[0]?.split('/').at(-1)));
    expect([...asked].sort()).toEqual(role.flatMap(({ resources }) => resources).sort());
    expect(api.requests.every(({ url }) => url.includes('limit='))).toBe(true);
    expect(JSON.parse(ran()[0] ?? '')).toMatchObject({
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: expect.stringContaining('https://127.0.0.1') } },
    });
    const markdown = await ask<{ fileName: string; text: string }>(
      `/plans/${progress.id}/export?format=markdown`,
    );
    expect(markdown.fileName).toBe('plan-shop.md');
    expect(markdown.text).toContain('# Plan\n');
    const json = await ask<{ text: string }>(`/plans/${progress.id}/export?format=json`);
    expect(JSON.parse(json.text)).toEqual(plan);
  });

  it('names the rights that lack: without budgets there is a plan with a warning', async () => {
    const { plan } = await planFor('narrow');
    expect(plan?.warnings).toEqual([
      'The credentials lack the right "list" on policy/poddisruptionbudgets of the whole cluster: evictions may be planned that a budget refuses.',
      'The credentials lack the right "list" on namespaces of the whole cluster: rules that choose namespaces by label count for all of them.',
    ]);
    expect(methodsAsked(narrow)).toEqual(new Set(['GET']));
  });

  it.each([
    [
      'expired',
      /^.*node(\.exe)? did not sign in \(exit 1\): Your session has expired\. Run aws sso login\.$/,
    ],
    ['stranger', /^127\.0\.0\.1:\d+ does not accept the credentials of this context\.$/],
    [
      'untrusted',
      /^The certificate of 127\.0\.0\.1:\d+ is not trusted: nobody that is trusted has signed it\.$/,
    ],
    ['unreachable', /^127\.0\.0\.1:1 cannot be reached: it refuses connections\.$/],
    [
      'clear',
      /^http:\/\/cluster\.example is no https address: credentials would go to it for all to read\.$/,
    ],
  ])('is not made for "%s", which is told in one sentence', async (context, sentence) => {
    const { progress, plan } = await planFor(context);
    expect(plan).toBeNull();
    expect(progress).toMatchObject({
      state: 'failed',
      problem: { message: expect.stringMatching(sentence) },
    });
  });

  it('is not made where nodes may not be listed, and says which right lacks', async () => {
    const blind = await startKubernetesApi({
      cluster,
      clock: () => cluster.nowMs(),
      token: 'all',
      serviceAccount: { token: TOKEN, user: 'blind', rules: [] },
    });
    try {
      const path = join(folder, 'blind');
      writeFileSync(path, blind.kubeconfig('service-account'));
      const { status, stderr } = await runPlan('--context', 'pretend', '--kubeconfig', path);
      expect(status).toBe(2);
      expect(stderr).toContain(
        'does not let these credentials list nodes. Ask for the right "list" on nodes',
      );
    } finally {
      await blind.close();
    }
  });

  it('can be stopped while the cluster does not answer', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    writeFileSync(
      join(folder, 'home/config'),
      JSON.stringify({
        clusters: [{ name: 'silent', cluster: { server: `http://127.0.0.1:${port}` } }],
        contexts: [{ name: 'silent', context: { cluster: 'silent' } }],
      }),
    );
    mkdirSync(join(folder, 'home/.kube'));
    writeFileSync(join(folder, 'home/.kube/config'), readFileSync(join(folder, 'home/config')));
    const { id, state } = await ask<ContextPlan>('/plans', { context: 'silent' });
    expect(state).toBe('signing-in');
    await ask(`/plans/${id}/stop`, {});
    for (let tries = 0; tries < 100; tries++) {
      const { progress } = await ask<{ progress: ContextPlan }>(`/plans/${id}`);
      if (progress.endedAt !== null) break;
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    expect((await ask<{ progress: ContextPlan }>(`/plans/${id}`)).progress.state).toBe('stopped');
    silent.close();
  });

  it('leaves neither credentials nor environment values in what the engine keeps and says', async () => {
    const { plans } = await ask<{ plans: ContextPlan[] }>('/plans');
    const told = JSON.stringify(await Promise.all(plans.map(({ id }) => ask(`/plans/${id}`))));
    const kept = readdirSync(join(folder, 'engine'), { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    for (const text of [told, ...kept])
      for (const canary of [TOKEN, ENVIRONMENT_VALUE, Buffer.from(TOKEN).toString('base64')])
        expect(text.includes(canary), canary).toBe(false);
    expect(kept.join('').includes('context-plan.start')).toBe(true);
  });

  it('is refused where an engine serves others, unless a setting says otherwise', async () => {
    const served = await startEngineProcess(join(folder, 'served'), '--allowed-hosts', 'optim.example');
    try {
      expect(await ask('', undefined, served)).toEqual({
        allowed: false,
        reason:
          'This engine serves others under optim.example, so it does not read the kubeconfigs of its machine.',
      });
      for (const refused of [ask('/contexts', undefined, served), ask('/plans', { context: 'shop' }, served)])
        expect(await refused).toMatchObject({ error: { code: 'kubeconfig.turned-off' } });
    } finally {
      await served.end();
    }
  });
});

/** Not waited for by blocking: the pretend cluster answers from this very process. */
function runPlan(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    const script = join(root, 'server/main.ts');
    execFile(process.execPath, [script, 'plan', '--data', folder, ...args], (error, stdout, stderr) =>
      resolve({ status: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('cloudoptim plan --context', () => {
  it('prints the plan of the context', async () => {
    const { status, stdout, stderr } = await runPlan('--context', 'shop', '--json');
    expect(stderr).toContain('node signs in …');
    expect(stderr).toContain('Planning for 14 nodes');
    expect(status).toBe(0);
    const printed = JSON.parse(stdout) as PackingPlan;
    expect(printed.before.nodes).toBe(14);
    expect(printed.lowerBoundUsdHour).toBeGreaterThan(0);
    expect(printed.after.costUsdHour).toBeGreaterThanOrEqual(printed.lowerBoundUsdHour);
  });

  it.each([
    [['--context', 'none'], 'There is no context "none". Known are shop, narrow,'],
    [['--context', 'shop', '--snapshot', '-'], 'A plan is made either from --snapshot or from --context.'],
  ])('refuses %j in one line', async (args, sentence) => {
    const { status, stderr } = await runPlan(...args);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });
});
