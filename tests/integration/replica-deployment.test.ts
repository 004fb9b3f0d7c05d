import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from '../../server/index.ts';
import { type Manifest, renderChart } from '../support/render-chart.ts';

/** Compose file and chart of several replicas against what the server takes. */
const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const host = 'cloudoptim.example.com';
const secret = 'x'.repeat(32);

const compose = parse(read('infra/docker-compose.yml'), { merge: true }) as {
  services: Record<string, { environment?: Readonly<Record<string, string>> }>;
};
/** `${NAME:-standard}` and `${NAME:?problem}` as compose replaces them, with these two values. */
const interpolated = (text: string) =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => {
    if (name === 'CLOUDOPTIM_REPLICA_SECRET') return secret;
    return kind === '?' ? 'x' : (rest ?? '');
  });
const specOf = (kind: string, all: readonly Manifest[]) =>
  all.find(one => one.kind === kind)?.spec as Record<string, unknown> | undefined;

describe('the replicas of compose', () => {
  const names = ['server', 'server-2'];
  const settingsOf = (name: string) =>
    loadSettings(
      {},
      Object.fromEntries(
        Object.entries(compose.services[name]?.environment ?? {}).map(([key, value]) => [
          key,
          interpolated(value),
        ]),
      ),
    );

  it('are alike but for their ports, which are those of the proxy', () => {
    const [first, second] = names.map(settingsOf);
    const { port, allowedHosts, allowedOrigins, databaseUrl: _, ...rest } = second ?? ({} as never);
    expect(first).toMatchObject(rest);
    const upstream = [...read('infra/docker/proxy.conf').matchAll(/^ {2}server 127\.0\.0\.1:(\d+)/gm)];
    expect(upstream.map(([, at]) => Number(at))).toEqual([first?.port, port]);
    // Both answer to the port that is open, of which the first is told nothing.
    expect(allowedHosts).toEqual(['127.0.0.1:8000', 'localhost:8000']);
    expect(allowedOrigins).toEqual(['http://127.0.0.1:8000', 'http://localhost:8000']);
    for (const name of names)
      expect(compose.services[name]).toMatchObject({
        volumes: ['data:/data'],
        network_mode: 'service:proxy',
      });
    expect(new URL(first?.redisUrl ?? '').hostname).toBe('redis');
    expect(compose.services.redis).toBeDefined();
  });
});

describe('the replicas of Kubernetes', () => {
  it('the chart makes replicas that share a volume and a secret and reach each other by TLS', () => {
    const all = renderChart(join(root, 'infra/kubernetes/server/chart'), {
      host,
      replicas: { enabled: true, count: 3 },
      networkPolicy: { from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
    });
    expect(specOf('Deployment', all)).toMatchObject({ replicas: 3, strategy: { type: 'RollingUpdate' } });
    expect(specOf('PersistentVolumeClaim', all)).toMatchObject({ accessModes: ['ReadWriteMany'] });
    expect(specOf('PodDisruptionBudget', all)).toMatchObject({ maxUnavailable: 1 });
    const own = { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'cloudoptim-server' } } };
    expect(specOf('NetworkPolicy', all)).toMatchObject({
      ingress: [{ ports: [{ port: 8443 }], from: [{ ipBlock: { cidr: '10.0.0.0/8' } }, own] }],
    });
    const pod = specOf('Deployment', all)?.template as {
      spec: { containers: { name: string; env: unknown }[] };
    };
    const { env } = pod.spec.containers.find(({ name }) => name === 'server') as {
      env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { key: string } } }[];
    };
    const secrets: Record<string, string> = {
      'database-url': 'postgresql://user@db/cloudoptim',
      'redis-url': 'rediss://cache:6379',
      'replica-secret': secret,
    };
    const environment = Object.fromEntries(
      env.map(({ name, value, valueFrom }) => [
        name,
        value?.replace('$(POD_IP)', '10.0.0.7') ?? secrets[valueFrom?.secretKeyRef?.key ?? ''],
      ]),
    );
    expect(loadSettings({}, environment)).toMatchObject({
      redisUrl: 'rediss://cache:6379',
      replicaUrl: 'https://10.0.0.7:8443',
      publicUrl: `https://${host}`,
    });
  });
});
