/**
 * `npm start`: the engine, a pretend AWS region, a pretend cluster, and a real agent between them, each in a
 * process of its own. The parts know nothing of each other but addresses and keys, as in a real installation.
 */
import { existsSync, mkdirSync, openAsBlob, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Part, PartFailed, startPart } from './demo-part.ts';

const root = join(import.meta.dirname, '..');
const DEFAULT_PORT = 8000;
/** About what EC2 takes for a page of a thousand records. */
const EC2_LATENCY_MS = 400;

interface World {
  readonly ec2Url: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
  readonly clusterName: string;
  readonly kubeconfig: string;
}

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    data: { type: 'string', default: join(root, '.data', 'demo') },
    replay: { type: 'string' },
    scenario: { type: 'string' },
    'general-owner': { type: 'string' },
    // The engine as it was built into out/server, and not its sources.
    bundled: { type: 'boolean', default: false },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});

const parts: Part[] = [];
let ending = false;

process.exitCode = await main().catch(async (error: unknown) => {
  await end();
  process.stderr.write(
    `${error instanceof PartFailed ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  return error instanceof PartFailed ? 2 : 1;
});

async function main(): Promise<number> {
  const data = values.data;
  mkdirSync(data, { recursive: true });
  const world = await startWorld(data);
  const engine = await startEngine(data, world);
  const api = createApi(engine.url, engine.token);
  await uploadSampleModels(api);
  await startAgent(data, world, engine.url, api);

  process.stdout.write(
    [
      '',
      `CloudOptim is ready. Sign in:  ${engine.url}/#token=${engine.token}`,
      '',
      `The cluster "${world.clusterName}" and its AWS region are pretended; nothing here reaches a real account.`,
      `Look at the pretend cluster:   kubectl --kubeconfig ${world.kubeconfig} get nodes`,
      `What the parts say is kept in ${data}/*.log.`,
      'Press Ctrl-C to end everything.',
      '',
    ].join('\n'),
  );
  const failed = await untilAskedToEnd();
  await end();
  if (failed) process.stderr.write(`${failed}\n`);
  return failed ? 1 : 0;
}

async function startWorld(data: string): Promise<World> {
  const kubeconfig = join(data, 'kubeconfig.yaml');
  const flags = [
    '--ec2-latency-ms',
    String(EC2_LATENCY_MS),
    '--region',
    'us-east-1',
    '--seed',
    '1',
    '--catalog',
    join(root, 'resources/catalog/instance-types.json'),
  ];
  if (values.replay !== undefined) flags.push('--replay', values.replay);
  if (values.scenario !== undefined) flags.push('--scenario', values.scenario);
  const owner = values['general-owner'];
  if (owner !== undefined) flags.push('--general-owner', owner);
  const part = start('simulator', 'simulator/main.ts', [
    ...flags,
    '--kubeconfig-out',
    kubeconfig,
    '--until-stdin-closes',
  ]);
  const line = await part.firstLine(/^\{/);
  return { ...(JSON.parse(line) as Omit<World, 'kubeconfig'>), kubeconfig };
}

async function startEngine(data: string, world: World): Promise<{ url: string; token: string }> {
  const environment = {
    CLOUDOPTIM_EC2_ENDPOINT: world.ec2Url,
    CLOUDOPTIM_AUTO_SCALING_ENDPOINT: world.ec2Url,
    AWS_ACCESS_KEY_ID: world.accessKeyId,
    AWS_SECRET_ACCESS_KEY: world.secretAccessKey,
    AWS_REGION: world.region,
    // The one kubeconfig here is that of the pretend cluster: real ones are not to be planned for with pretended prices.
    KUBECONFIG: world.kubeconfig,
    HOME: join(data, 'engine'),
    USERPROFILE: join(data, 'engine'),
    CLOUDOPTIM_LOG_LEVEL: process.env.CLOUDOPTIM_LOG_LEVEL ?? 'warn',
  };
  const flags = (port: string) => [
    'server',
    '--data',
    join(data, 'engine'),
    '--port',
    port,
    '--until-stdin-closes',
  ];
  const engine = values.bundled ? 'out/server/main.mjs' : 'server/main.ts';
  const wanted = values.port ?? process.env.CLOUDOPTIM_PORT;
  const first = start('engine', engine, flags(wanted ?? String(DEFAULT_PORT)), environment);
  const ready = /^Sign in: (\S+)\/#token=(\S+)$/;
  const line = await first.firstLine(ready).catch(async (error: unknown) => {
    // Nobody asked for this very port: a free one serves as well.
    if (
      wanted !== undefined ||
      !(error instanceof PartFailed) ||
      !error.message.includes('in use by another program')
    ) {
      throw error;
    }
    parts.splice(parts.indexOf(first), 1);
    process.stderr.write(`Port ${DEFAULT_PORT} is taken; a free one is used instead.\n`);
    return start('engine', engine, flags('0'), environment).firstLine(ready);
  });
  const [, url = '', token = ''] = ready.exec(line) ?? [];
  return { url, token };
}

async function startAgent(data: string, world: World, url: string, api: Api): Promise<void> {
  // Each scenario is a cluster of its own, and its agent has an identity of its own.
  const folder = join(data, world.clusterName === 'small-shop' ? 'agent' : `agent-${world.clusterName}`);
  const environment: Record<string, string> = {};
  if (!existsSync(join(folder, 'identity.json'))) {
    const { token } = await api.post<{ token: string }>('/api/v1/admin/enrolment/tokens', {
      clusterName: world.clusterName,
    });
    environment.CLOUDOPTIM_JOIN_TOKEN = token;
  }
  const flags = ['--server', url, '--data', folder, '--kubeconfig', world.kubeconfig, '--until-stdin-closes'];
  await start('agent', 'agent/main.ts', flags, environment).firstLine(/"ready":true/);
}

async function uploadSampleModels(api: Api): Promise<void> {
  const { models } = await api.get<{ models: unknown[] }>('/api/v1/ml/models/list');
  // Whoever removed or replaced them does not want them back at each start.
  if (models.length > 0) return;
  const folder = join(root, 'resources', 'models');
  for (const file of readdirSync(folder)
    .filter(name => /\.(onnx|joblib)$/.test(name))
    .sort()) {
    await api.upload('/api/v1/ml/models/upload', join(folder, file));
  }
}

function start(
  name: string,
  script: string,
  flags: readonly string[],
  environment: Record<string, string> = {},
): Part {
  const part = startPart({
    name,
    script: join(root, script),
    flags,
    environment,
    logFile: join(values.data, `${name}.log`),
  });
  parts.push(part);
  return part;
}

/** Resolves with `undefined` when somebody ends it, or with a sentence when a part ended by itself. */
function untilAskedToEnd(): Promise<string | undefined> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve(undefined));
    process.once('SIGTERM', () => resolve(undefined));
    if (values['until-stdin-closes']) process.stdin.on('end', () => resolve(undefined)).resume();
    for (const part of parts)
      void part.ended.then(how => ending || resolve(`The ${part.name} ended by itself (${how}).`));
  });
}

/** Newest first, so that nobody talks to a part that has gone. */
async function end(): Promise<void> {
  ending = true;
  for (const part of parts.splice(0).reverse()) await part.stop();
  // An open standard input would keep this process alive.
  process.stdin.destroy();
}

interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  upload(path: string, file: string): Promise<void>;
}

function createApi(url: string, token: string): Api {
  const authorization = `Bearer ${token}`;
  const read = async (response: Response) => {
    const text = await response.text();
    if (!response.ok) throw new PartFailed(`The engine answered ${response.status}: ${text}`);
    return JSON.parse(text) as never;
  };
  return {
    get: async path => read(await fetch(url + path, { headers: { authorization } })),
    post: async (path, body) => {
      const headers = { authorization, 'content-type': 'application/json' };
      return read(await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) }));
    },
    upload: async (path, file) => {
      const form = new FormData();
      form.append('file', await openAsBlob(file), basename(file));
      await read(await fetch(url + path, { method: 'POST', headers: { authorization }, body: form }));
    },
  };
}
