import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { serveHealth } from '../../agent/health.ts';
import { readSettings, usageText } from '../../agent/settings.ts';
import type { PolicyRule } from '../../simulator/kubernetes-api/index.ts';
import { type Manifest, renderChart } from '../support/render-chart.ts';

/** The chart of the agent, rendered, against the manifests beside it and against what the agent takes. */
const folder = join(import.meta.dirname, '../../infra/kubernetes/agent');
const chart = join(folder, 'chart');
const server = 'https://cloudoptim.example.com';
const data = mkdtempSync(join(tmpdir(), 'agent-chart-'));
afterAll(() => rmSync(data, { recursive: true }));

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly startupProbe: { readonly exec: { readonly command: readonly string[] } };
  readonly livenessProbe: { readonly exec: { readonly command: readonly string[] } };
  readonly securityContext: object;
  readonly resources: { readonly limits: { readonly memory: string } };
}

const manifestsOf = (file: string): Manifest[] =>
  parseAllDocuments(readFileSync(join(folder, file), 'utf8')).map(document => document.toJS() as Manifest);
const sorted = (manifests: readonly Manifest[]) =>
  manifests.toSorted((a, b) => (`${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1));
const rulesOf = (manifests: readonly Manifest[]) =>
  manifests.flatMap(({ rules }) => (rules as PolicyRule[] | undefined) ?? []);

/** What the StatefulSet of these manifests runs. */
function containerOf(manifests: readonly Manifest[]): Container {
  const set = manifests.find(({ kind }) => kind === 'StatefulSet');
  const spec = set?.spec as { template: { spec: { containers: Container[] } } } | undefined;
  const [container] = spec?.template.spec.containers ?? [];
  if (!container) throw new Error('there is no container');
  return container;
}

/** Settings as the agent reads them from a container. */
function settingsOf({ args = [], env }: Container) {
  const environment = Object.fromEntries(
    env.map(({ name, value }) => [name, name === 'CLOUDOPTIM_SERVER' ? server : (value ?? 'token')]),
  );
  const settings = readSettings(args, { ...environment, CLOUDOPTIM_AGENT_DATA: data });
  if (settings === 'help') throw new Error('asked for help');
  return settings;
}

describe('the chart', () => {
  const plain = { existingSecret: 'cloudoptim-agent', createNamespace: true };

  it('renders what the manifests beside it say', () => {
    expect(sorted(renderChart(chart, plain))).toEqual(sorted(manifestsOf('read-only.yaml')));
    const acting = renderChart(chart, { ...plain, mode: 'acting' });
    const more = acting.filter(({ metadata }) => metadata.name.endsWith('-acting'));
    expect(sorted(more)).toEqual(sorted(manifestsOf('acting.yaml')));
    expect(acting).toHaveLength(renderChart(chart, plain).length + more.length);
  });

  it('is read-only unless told otherwise: no verb but list and watch', () => {
    const verbs = new Set(rulesOf(renderChart(chart, { server })).flatMap(rule => rule.verbs));
    expect([...verbs].sort()).toEqual(['list', 'watch']);
    const acting = new Set(
      rulesOf(renderChart(chart, { server, mode: 'acting' })).flatMap(rule => rule.verbs),
    );
    expect(acting).toContain('patch');
    expect(acting).not.toContain('*');
  });

  it('keeps address and token in a Secret, and says what is missing without them', () => {
    const secret = renderChart(chart, { server, joinToken: 'join_x' }).find(({ kind }) => kind === 'Secret');
    expect(secret?.stringData).toEqual({ server, 'join-token': 'join_x' });
    expect(() => renderChart(chart)).toThrow('Set server to the address of CloudOptim');
    expect(renderChart(chart, plain).some(({ kind }) => kind === 'Secret')).toBe(false);
  });

  it('gives the agent settings that it knows, and takes more of them', () => {
    const container = containerOf(renderChart(chart, { server, outboxMaxMb: 7 }));
    expect(settingsOf(container)).toMatchObject({
      serverUrl: server,
      joinToken: 'token',
      healthPort: 8090,
      outboxMaxBytes: 7 * 1024 * 1024,
    });
    for (const { name } of container.env) expect(usageText).toContain(`(${name})`);
    const more = containerOf(
      renderChart(chart, {
        server,
        extraArgs: ['--outbox-max-mb', '9'],
        extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
        image: { digest: `sha256:${'a'.repeat(64)}` },
      }),
    );
    expect(settingsOf(more).outboxMaxBytes).toBe(9 * 1024 * 1024);
    expect(more.env.at(-1)).toEqual({ name: 'HTTPS_PROXY', value: 'http://proxy:3128' });
    expect(more.image).toBe(`cloudoptim/agent@sha256:${'a'.repeat(64)}`);
    expect(settingsOf(containerOf(renderChart(chart, { server, extraArgs: [] })))).toBeDefined();
    expect(() => settingsOf(containerOf(renderChart(chart, { server, extraArgs: ['--no-such'] })))).toThrow(
      /--no-such/,
    );
  });

  it('asks a living agent how it is by a probe that runs in the container', async () => {
    const { startupProbe, livenessProbe, env } = containerOf(renderChart(chart, { server }));
    expect(livenessProbe.exec).toEqual(startupProbe.exec);
    const [program, ...args] = livenessProbe.exec.command;
    expect(program).toBe('node');
    const facts = {
      leads: true,
      connected: false,
      transport: null,
      inventoryComplete: false,
      usageFrom: null,
      outboxMessages: 0,
      droppedMessages: {},
    };
    const { port, server: health } = await serveHealth(0, () => facts);
    const portName = 'CLOUDOPTIM_AGENT_HEALTH_PORT';
    expect(env.find(({ name }) => name === portName)?.value).toBe('8090');
    const probe = () =>
      new Promise<number>(resolve => {
        const child = execFile(process.execPath, args, { env: { [portName]: String(port) } }, () =>
          resolve(child.exitCode ?? -1),
        );
      });
    try {
      expect(await probe()).toBe(0);
    } finally {
      await new Promise(resolve => health.close(resolve));
    }
    expect(await probe()).toBe(1);
  });

  it('may run where the Pod Security Standard "restricted" is kept, bounded, apart and undisturbed', () => {
    const manifests = renderChart(chart, { server, replicas: 2 });
    const container = containerOf(manifests);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources.limits.memory).toBe('256Mi');
    const set = manifests.find(({ kind }) => kind === 'StatefulSet') as unknown as {
      spec: { replicas: number; template: { spec: Record<string, unknown>; metadata: { labels: object } } };
    };
    expect(set.spec.replicas).toBe(2);
    expect(set.spec.template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const { labels } = set.spec.template.metadata;
    expect(set.spec.template.spec.topologySpreadConstraints).toMatchObject([
      { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } },
      { topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels: labels } },
    ]);
    const specOf = (kind: string) => manifests.find(one => one.kind === kind)?.spec;
    expect(specOf('PodDisruptionBudget')).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
    expect(specOf('NetworkPolicy')).toEqual({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
    });
    const closed = renderChart(chart, { server, networkPolicy: { egress: [{ ports: [{ port: 443 }] }] } });
    expect(closed.find(({ kind }) => kind === 'NetworkPolicy')?.spec).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      egress: [{ ports: [{ port: 443 }] }],
    });
    const bare = renderChart(chart, {
      server,
      podDisruptionBudget: false,
      topologySpread: false,
      networkPolicy: { enabled: false },
    });
    expect(bare.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
    expect(bare.map(({ kind }) => kind)).not.toContain('NetworkPolicy');
  });

  it('has a schema that fits its values and refuses what the agent would', () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8')));
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
    expect(schema.safeParse(values)).toMatchObject({ success: true });
    for (const wrong of [{ mode: 'write' }, { replicas: 0 }, { server: 'ftp://x' }, { unknown: 1 }])
      expect(schema.safeParse({ ...values, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
    const { properties } = JSON.parse(readFileSync(join(chart, 'values.schema.json'), 'utf8'));
    expect(Object.keys(properties).sort()).toEqual(Object.keys(values).sort());
  });
});

const helm = spawnSync('helm', ['version', '--short']).status === 0;
describe.skipIf(!helm)('Helm itself', () => {
  it('renders the same', () => {
    const set = ['--set', `server=${server}`, '--set', 'mode=acting', '--namespace', 'cloudoptim'];
    const { stdout, stderr } = spawnSync('helm', ['template', 'x', chart, ...set], { encoding: 'utf8' });
    const rendered = parseAllDocuments(stdout).flatMap(
      document => (document.toJS() as Manifest | null) ?? [],
    );
    expect(stderr).toBe('');
    expect(stringify(sorted(rendered))).toBe(
      stringify(sorted(renderChart(chart, { server, mode: 'acting' }))),
    );
  });
});
