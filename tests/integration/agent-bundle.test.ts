import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { usageText } from '../../agent/settings.ts';
import { type AgentProcess, startAgent } from '../support/agent-process.ts';
import { type AgentWorld, startAgentWorld } from '../support/agent-world.ts';

/** The agent as its image has it: what esbuild made of it, away from the packages of this checkout. */
const root = join(import.meta.dirname, '../..');
let world: AgentWorld;
let agent: AgentProcess | undefined;
let byPlugin: AgentProcess | undefined;

beforeAll(async () => {
  execFileSync(process.execPath, [join(root, 'scripts/build-agent.ts')], { stdio: 'inherit' });
  world = await startAgentWorld();
}, 60_000);
afterAll(async () => {
  for (const each of [agent, byPlugin]) each?.kill();
  await Promise.all([agent?.ended, byPlugin?.ended]);
  await world?.close();
});

describe('the built agent', () => {
  it('reports a cluster and carries out a task without any package beside it', async () => {
    const built = join(world.folder, 'app');
    cpSync(join(root, 'out/agent'), built, { recursive: true });
    agent = startAgent(
      [
        ...['--server', world.server.url, '--data', join(world.folder, 'built-data')],
        ...['--kubeconfig', join(world.folder, 'kubeconfig'), '--join', 'token'],
      ],
      join(built, 'main.mjs'),
    );
    await world.server.until(
      () => world.server.messages.find(({ body }) => body.kind === 'inventory.snapshot'),
      'A snapshot',
    );
    const [node] = world.cluster.store.list('nodes');
    const { name = '', uid = '' } = node?.metadata ?? {};
    world.server.offer({
      ...{ taskId: 'task-1', epoch: 1, deadlineAt: Date.now() + 30_000, dryRun: false },
      action: { kind: 'cordon', node: { name, uid } },
    });
    expect(await world.server.end('task-1')).toMatchObject({ state: 'done' });
    expect(world.cluster.store.get('nodes', undefined, name)?.spec?.unschedulable).toBe(true);
  });

  it('signs in by an exec plug-in of its kubeconfig, for which it loads the library', async () => {
    const kubeconfig = join(world.folder, 'kubeconfig-exec');
    writeFileSync(kubeconfig, withExecPlugin(readFileSync(join(world.folder, 'kubeconfig'), 'utf8')));
    const before = world.server.messages.length;
    byPlugin = startAgent(
      [
        ...['--server', world.server.url, '--data', join(world.folder, 'plugin-data')],
        ...['--kubeconfig', kubeconfig, '--join', 'token'],
      ],
      join(world.folder, 'app', 'main.mjs'),
    );
    await world.server.until(
      () => world.server.messages.slice(before).find(({ body }) => body.kind === 'inventory.snapshot'),
      'A snapshot by the plug-in',
    );
  });

  it('is what the image starts, and gets settings that it knows from the manifests', () => {
    const dockerfile = readFileSync(join(root, 'infra/docker/agent.Dockerfile'), 'utf8');
    expect(dockerfile).toContain('COPY --from=build /src/out/agent /app');
    expect(dockerfile).toContain('ENTRYPOINT ["node", "--max-semi-space-size=1", "/app/main.mjs"]');
    expect(dockerfile).toMatch(/^USER 65532:65532$/m);
    const text = readFileSync(join(root, 'infra/kubernetes/agent/read-only.yaml'), 'utf8');
    const names = parseAllDocuments(text)
      .map(document => JSON.stringify(document.toJS()))
      .flatMap(json => [...json.matchAll(/"name":"(CLOUDOPTIM_\w+)"/g)].map(([, name]) => name));
    expect(names.length).toBeGreaterThan(2);
    for (const name of names) expect(usageText).toContain(`(${name})`);
  });
});

/** The same kubeconfig whose user gets its token from a program. */
function withExecPlugin(text: string): string {
  const config = parse(text) as { users: { user: { token?: string; exec?: object } }[] };
  for (const { user } of config.users) {
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: user.token },
    };
    user.exec = {
      apiVersion: credential.apiVersion,
      command: process.execPath,
      args: ['-p', JSON.stringify(JSON.stringify(credential))],
      interactiveMode: 'Never',
    };
    delete user.token;
  }
  return stringify(config);
}
