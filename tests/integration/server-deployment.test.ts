import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { addServerCommand } from '../../server/cli/server-command.ts';
import { createEngine, type Engine, loadSettings } from '../../server/index.ts';
import { settingDefinitions } from '../../server/platform/index.ts';
import { type Manifest, renderChart } from '../support/render-chart.ts';

/** Dockerfile, compose file, manifests and chart of the server against what the server takes and answers. */
const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const chart = join(root, 'infra/kubernetes/server/chart');
const host = 'cloudoptim.example.com';

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly user: string;
  readonly read_only: boolean;
  readonly cap_drop: readonly string[];
  readonly security_opt: readonly string[];
  readonly network_mode?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly securityContext: object;
  readonly resources: { readonly requests: object; readonly limits: { readonly memory: string } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [probe: string]: unknown;
}

const dockerfile = read('infra/docker/server.Dockerfile');
const composeText = read('infra/docker-compose.yml');
const compose = parse(composeText) as { services: Record<string, Service>; volumes: object };
const manifests = parseAllDocuments(read('infra/kubernetes/server/server.yaml')).map(
  document => document.toJS() as Manifest,
);
const specOf = (kind: string, all = manifests) =>
  all.find(one => one.kind === kind)?.spec as Record<string, never>;
const podOf = (all = manifests) =>
  (specOf('Deployment', all) as unknown as { template: { spec: Record<string, unknown> } }).template.spec;

function containerOf(name: string, all = manifests): Container {
  const found = (podOf(all).containers as (Container & { name: string })[]).find(one => one.name === name);
  if (!found) throw new Error(`there is no container ${name}`);
  return found;
}

function serviceOf(name: string): Service {
  const found = compose.services[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
}

/** `${NAME:-standard}` and `${NAME:?problem}` as compose replaces them, with these values. */
const interpolated = (text: string, values: Readonly<Record<string, string>> = {}) =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, rest) => {
    if (values[name]) return values[name];
    if (kind === '?') throw new Error(rest);
    return rest ?? '';
  });

/** What a container is given; the database is left to the default, for there is none here. */
const environments: Record<string, () => Record<string, string>> = {
  Dockerfile: () =>
    Object.fromEntries(
      [...dockerfile.matchAll(/\b(CLOUDOPTIM_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    ),
  compose: () =>
    Object.fromEntries(
      Object.entries(serviceOf('server').environment ?? {}).map(([name, value]) => [
        name,
        interpolated(value, { POSTGRES_PASSWORD: 'x' }),
      ]),
    ),
  manifests: () =>
    Object.fromEntries(
      containerOf('server').env.flatMap(({ name, value }) => (value ? [[name, value]] : [])),
    ),
};

/** The program of a probe that runs in the container, as `node -e …`. */
function scriptOf(command: readonly string[]): readonly string[] {
  const [program, ...args] = command.filter(word => word !== 'CMD');
  expect(program).toBe('node');
  return args;
}
const execOf = (probe: unknown) => scriptOf((probe as { exec: { command: string[] } }).exec.command);

const known = new Set<string>(Object.values(settingDefinitions).map(({ environment }) => environment));
/** Not of the server, but read by its database driver and by the AWS SDK. */
const foreign = /^(PGPASSWORD|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN))$/;

describe('names', () => {
  it.each([
    'infra/docker/server.Dockerfile',
    'infra/docker-compose.yml',
    'infra/.env.example',
    'infra/kubernetes/server/server.yaml',
    'infra/kubernetes/server/chart/templates/deployment.yaml',
    'infra/kubernetes/server/chart/values.yaml',
    'infra/terraform/database/outputs.tf',
    'docs/guides/deploy.md',
  ])('%s: every setting in it is one of the server', path => {
    const names = read(path).match(/\bCLOUDOPTIM_[A-Z0-9_]+/g) ?? [];
    expect([...new Set(names)].filter(name => !known.has(name))).toEqual([]);
  });

  it.each(Object.entries(environments))('%s: the server takes the values', (_, environmentOf) => {
    const environment = environmentOf();
    expect(Object.keys(environment).filter(name => !known.has(name) && !foreign.test(name))).toEqual([]);
    expect(loadSettings({}, environment)).toMatchObject({ host: '127.0.0.1', port: 8000, data: '/data' });
  });

  it('the commands are those of the server, with flags that it has', () => {
    const program = new Command();
    addServerCommand(program);
    const [command] = program.commands;
    const flags = new Set(command?.options.map(({ long }) => long));
    const [, image = '[]'] = dockerfile.match(/^CMD (.*)$/m) ?? [];
    for (const args of [containerOf('server').args, JSON.parse(image) as string[]]) {
      expect(args[0]).toBe(command?.name());
      for (const flag of args.slice(1)) expect(flags).toContain(flag.split('=')[0]);
    }
    const guide = read('docs/guides/deploy.md').matchAll(/cloudoptim(?: --)? server ([^\n`]*)/g);
    for (const [, line = ''] of guide)
      for (const flag of line.match(/--[a-z][a-z0-9-]*/g) ?? []) expect(flags).toContain(flag);
  });

  it('the example of .env has every name that compose asks for, and no value', () => {
    const lines = read('infra/.env.example')
      .split('\n')
      .filter(line => /^\w/.test(line));
    const asked = [...composeText.matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    expect(lines.map(line => line.replace(/=$/, '')).sort()).toEqual([...new Set(asked)].sort());
    expect(() => interpolated(serviceOf('server').environment?.PGPASSWORD ?? '')).toThrow('infra/.env');
  });
});

describe('probes', () => {
  let engine: Engine;
  let port = '';
  const data = mkdtempSync(join(tmpdir(), 'server-deployment-'));
  const { CLOUDOPTIM_DATABASE_URL: _, ...environment } = environments.manifests?.() ?? {};

  beforeAll(async () => {
    const settings = loadSettings({ port: 0, data, logLevel: 'silent' }, environment);
    // Without the user interface, which would answer to any path.
    engine = await createEngine({
      settings,
      version: '0',
      resourcesFolder: join(root, 'resources'),
      uiFolder: undefined,
    });
    port = new URL(engine.url).port;
  });
  afterAll(async () => {
    await engine?.close();
    rmSync(data, { recursive: true });
  });

  const exitOf = (args: readonly string[], atPort: string) =>
    new Promise<number>(resolve => {
      const child = execFile(process.execPath, args, { env: { CLOUDOPTIM_PORT: atPort } }, () =>
        resolve(child.exitCode ?? -1),
      );
    });
  const statusOf = (path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      get({ host: '127.0.0.1', port, path, headers }, answer => resolve(answer.resume().statusCode)).on(
        'error',
        reject,
      );
    });

  it('that run in the container find a server that lives, and miss one that does not', async () => {
    const server = containerOf('server');
    const [, image = '[]'] = dockerfile.match(/^HEALTHCHECK .*CMD (\[.*\])$/m) ?? [];
    const probes = [
      execOf(server.startupProbe),
      execOf(server.livenessProbe),
      scriptOf(serviceOf('server').healthcheck.test),
      scriptOf(JSON.parse(image) as string[]),
    ];
    const different = [...new Map(probes.map(args => [args.join(' '), args])).values()];
    expect(await Promise.all(different.map(args => exitOf(args, port)))).toEqual(different.map(() => 0));
    expect(await exitOf(different[0] ?? [], '1')).toBe(1);
    expect(environment.CLOUDOPTIM_PORT).toBe('8000');
  });

  it('that come through the proxy ask for a route, under a name that the server answers to', async () => {
    const { httpGet } = containerOf('proxy').readinessProbe as {
      httpGet: { path: string; httpHeaders: { name: string; value: string }[] };
    };
    const [header] = httpGet.httpHeaders;
    const words = serviceOf('proxy').healthcheck.test;
    const asked = [
      [httpGet.path, `${header?.name}: ${header?.value}`],
      [new URL(words.at(-1) ?? '').pathname, words[words.indexOf('--header') + 1] ?? ''],
    ];
    for (const [path = '', line = ''] of asked) {
      expect(line).toBe('Host: 127.0.0.1:8000');
      expect(await statusOf(path, { host: `127.0.0.1:${port}` })).toBe(200);
    }
    expect(await statusOf('/readyz', { host: '10.0.0.7:8443' })).toBe(403);
  });

  it('and browsers come in by the name of the deployment, from its own pages alone', async () => {
    expect(await statusOf('/healthz', { host, origin: `https://${host}` })).toBe(200);
    expect(await statusOf('/healthz', { host, origin: 'https://other.example.com' })).toBe(403);
  });
});

describe('compose', () => {
  it.each(Object.keys(compose.services))(
    '%s: read-only, without rights, not root, never the latest',
    name => {
      const service = serviceOf(name);
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(service.user).toMatch(/^([1-9]\d*:[1-9]\d*|postgres)$/);
      expect(service.healthcheck.test[0]).toBe('CMD');
      expect(interpolated(service.image)).toMatch(/:\d[\w.-]*$/);
      const variable = service.image.match(/^\$\{(\w+)/)?.[1];
      if (service.build === undefined)
        expect(composeText).toMatch(new RegExp(`# Pin it .*: ${variable}=.*@sha256:<digest of your review>`));
    },
  );

  it('keeps data, is built from what is here, and opens one port, on loopback', () => {
    const { server, proxy, database } = compose.services;
    expect(join('infra', server?.build?.context ?? '', server?.build?.dockerfile ?? '')).toBe(
      'infra/docker/server.Dockerfile',
    );
    expect(Object.keys(compose.volumes).sort()).toEqual(['data', 'database']);
    expect(server?.volumes).toEqual(['data:/data']);
    expect(database?.volumes).toEqual(['database:/var/lib/postgresql/data']);
    expect(Number(interpolated(database?.image ?? '').match(/:(\d+)/)?.[1])).toBeGreaterThanOrEqual(15);
    // The server answers to 127.0.0.1:8000 without being told.
    const published = Object.values(compose.services).flatMap(({ ports = [] }) => ports);
    expect(published).toEqual(['127.0.0.1:8000:8080']);
    expect(server?.network_mode).toBe('service:proxy');
    const configuration = read('infra/docker/proxy.conf');
    expect(proxy?.volumes).toEqual(['./docker/proxy.conf:/etc/nginx/conf.d/default.conf:ro']);
    expect(configuration).toMatch(/listen 8080;/);
    expect(configuration).toMatch(/proxy_pass http:\/\/127\.0\.0\.1:8000;/);
    expect(new URL(server?.environment?.CLOUDOPTIM_DATABASE_URL ?? '')).toMatchObject({
      hostname: 'database',
      username: database?.environment?.POSTGRES_USER,
      pathname: `/${database?.environment?.POSTGRES_DB}`,
    });
  });
});

describe('Kubernetes', () => {
  const sorted = (all: readonly Manifest[]) => all.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));

  it('the chart renders what the manifest says', () => {
    expect(sorted(renderChart(chart, { host, createNamespace: true }))).toEqual(sorted(manifests));
    expect(() => renderChart(chart)).toThrow('Set host to the name');
  });

  it('one replica, ended before the next one starts, undisturbed by a budget, reached by TLS alone', () => {
    expect(specOf('Deployment')).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } });
    const labels = { 'app.kubernetes.io/name': 'cloudoptim-server' };
    expect(specOf('PodDisruptionBudget')).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
    expect(specOf('NetworkPolicy')).toEqual({
      podSelector: { matchLabels: labels },
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ port: 8443 }] }],
    });
    expect(specOf('Service')).toMatchObject({
      selector: labels,
      ports: [{ port: 443, targetPort: 'https' }],
    });
    expect(containerOf('proxy').ports).toEqual([{ name: 'https', containerPort: 8443 }]);
    const files = manifests.find(({ kind }) => kind === 'ConfigMap')?.data as
      | Record<string, string>
      | undefined;
    const configuration = files?.['default.conf'];
    expect(configuration).toMatch(/listen 8443 ssl;/);
    expect(configuration).toMatch(/proxy_pass http:\/\/127\.0\.0\.1:8000;/);
    expect(configuration).toMatch(/proxy_cookie_flags ~ secure;/);
  });

  it('may run where the Pod Security Standard "restricted" is kept, bounded, with its data on a claim', () => {
    expect(podOf().securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(podOf().automountServiceAccountToken).toBe(false);
    for (const container of [containerOf('server'), containerOf('proxy')]) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources.limits.memory).toMatch(/i$/);
      expect(container.image).toMatch(/:\d[\w.-]*$/);
    }
    expect(read('infra/kubernetes/server/server.yaml')).toContain('@sha256:<digest of your review>');
    const data = containerOf('server').volumeMounts.find(({ mountPath }) => mountPath === '/data');
    expect(podOf().volumes).toContainEqual({
      name: data?.name,
      persistentVolumeClaim: {
        claimName: manifests.find(({ kind }) => kind === 'PersistentVolumeClaim')?.metadata.name,
      },
    });
  });

  it('the chart takes digests, more settings and closed egress', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const all = renderChart(chart, {
      host,
      image: { digest },
      proxyImage: { digest },
      signInLink: false,
      extraEnv: [{ name: 'CLOUDOPTIM_MODEL_MAX_MIB', value: '7' }],
      networkPolicy: { from: [{ podSelector: {} }], egress: [{ ports: [{ port: 443 }] }] },
      podDisruptionBudget: false,
    });
    expect(containerOf('server', all).image).toBe(`cloudoptim/server@${digest}`);
    expect(containerOf('proxy', all).image).toBe(`nginxinc/nginx-unprivileged@${digest}`);
    const environment = Object.fromEntries(
      containerOf('server', all).env.map(({ name, value }) => [name, value]),
    );
    expect(loadSettings({}, environment)).toMatchObject({ modelMaxMib: 7, openSignIn: false });
    expect(specOf('NetworkPolicy', all)).toMatchObject({
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: [{ port: 8443 }], from: [{ podSelector: {} }] }],
    });
    expect(all.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
  });

  it('the chart has a schema that fits its values and refuses what the server would', () => {
    const text = readFileSync(join(chart, 'values.schema.json'), 'utf8');
    const schema = z.fromJSONSchema(JSON.parse(text));
    const values = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
    expect(schema.safeParse(values)).toMatchObject({ success: true });
    for (const wrong of [{ host: 'https://x' }, { logLevel: 'loud' }, { replicas: 2 }, { tlsSecret: '' }])
      expect(schema.safeParse({ ...values, ...wrong }).success, JSON.stringify(wrong)).toBe(false);
    expect(Object.keys(JSON.parse(text).properties).sort()).toEqual(Object.keys(values).sort());
  });
});

describe('the database of Terraform', () => {
  it('is private, encrypted, backed up, kept from being deleted, and its password is in no file', () => {
    const main = read('infra/terraform/database/main.tf');
    const instance = main.match(/^resource "aws_db_instance" "database" \{\n([\s\S]*?)^\}/m)?.[1] ?? '';
    const settings = Object.fromEntries(
      [...instance.matchAll(/^ {2}(\w+)\s+= (.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(settings).toMatchObject({
      engine: '"postgres"',
      manage_master_user_password: 'true',
      storage_encrypted: 'true',
      publicly_accessible: 'false',
      backup_retention_period: 'var.backup_days',
      deletion_protection: 'true',
      skip_final_snapshot: 'false',
    });
    expect(main).not.toMatch(/^\s*password\s*=|cidr_blocks/m);
    expect(main).toMatch(/name {2}= "rds\.force_ssl"\n\s+value = "1"/);
  });
});

const helm = spawnSync('helm', ['version', '--short']).status === 0;
describe.skipIf(!helm)('Helm itself', () => {
  it('renders the same', () => {
    const args = ['template', 'x', chart, '--set', `host=${host}`, '--namespace', 'cloudoptim'];
    const { stdout, stderr } = spawnSync('helm', args, { encoding: 'utf8' });
    const rendered = parseAllDocuments(stdout).flatMap(
      document => (document.toJS() as Manifest | null) ?? [],
    );
    const sorted = (all: readonly Manifest[]) => all.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
    expect(stderr).toBe('');
    expect(stringify(sorted(rendered))).toBe(stringify(sorted(renderChart(chart, { host }))));
  });
});
