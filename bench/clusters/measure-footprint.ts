import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figureLine, peakMibOf, spreadOf } from '../figures.ts';
import { judge, pause, startMeasured } from './process-figures.ts';

const root = join(import.meta.dirname, '../..');
const NODES = 1_000;
const PODS = 10_000;
/** In which pods change and are reported. */
const WATCH_MS = 20_000;
const LIST_MS = 120_000;

/** How the image starts the agent: arguments of Node before its file, and the environment. */
function asInTheImage(): { readonly nodeArgs: string[]; readonly env: Record<string, string> } {
  const dockerfile = readFileSync(join(root, 'infra/docker/agent.Dockerfile'), 'utf8');
  const [, entry = '[]'] = /^ENTRYPOINT (.*)$/m.exec(dockerfile) ?? [];
  const nodeArgs = (JSON.parse(entry) as string[]).slice(1, -1);
  const env = [...dockerfile.matchAll(/^ENV (\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  return { nodeArgs, env: Object.fromEntries(env) };
}

/** Row *agent footprint*: most memory of the built agent on a cluster of 10,000 pods, against informers of the Kubernetes client and bare Node. */
export async function measureFootprint(runs: number): Promise<void> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  say(
    `\n${NODES} nodes, ${PODS} pods, of which a hundred a second change for ${WATCH_MS / 1000} s, ${runs} times`,
  );
  const built = spawnSync(process.execPath, [join(root, 'scripts/build-agent.ts')], { stdio: 'inherit' });
  if (built.status !== 0) throw new Error('the agent could not be built');
  const { nodeArgs, env } = asInTheImage();
  const agent: number[] = [];
  const informer: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run++) {
    const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-bench-agent-'));
    const kubeconfig = join(folder, 'kubeconfig');
    const world = await startMeasured(
      [join(import.meta.dirname, 'large-cluster-server.ts'), String(NODES), String(PODS), kubeconfig],
      /listens on (\S+)\n/,
    );
    try {
      const flags = ['--server', world.said[1] ?? '', '--join', 'token', '--data', join(folder, 'agent')];
      const main = join(root, 'out/agent/main.mjs');
      agent.push(
        await peakOf(
          [...nodeArgs, main, ...flags, '--kubeconfig', kubeconfig],
          /ready/,
          () => world.heard(/whole/, LIST_MS),
          env,
        ),
      );
      informer.push(
        await peakOf([join(import.meta.dirname, 'informer.ts'), kubeconfig], new RegExp(`holds ${PODS}`)),
      );
      bare.push(await peakOf(['-e', "console.log('runs'); setInterval(() => undefined, 1000)"], /runs/));
    } finally {
      await world.end();
      rmSync(folder, { recursive: true });
    }
  }
  say(figureLine('agent: most memory', spreadOf(agent), 'MiB'));
  say(figureLine('informers of @kubernetes/client-node', spreadOf(informer), 'MiB'));
  say(figureLine('bare Node', spreadOf(bare), 'MiB'));
  const most = spreadOf(agent).median;
  judge('agent footprint: / informers', most / spreadOf(informer).median, 0.2, '×');
  judge('agent footprint: / bare Node', most / spreadOf(bare).median, 2.5, '×');
  judge('agent footprint', most, 105, 'MiB');
}

async function peakOf(
  args: readonly string[],
  word: RegExp,
  whole?: () => Promise<void>,
  env: Record<string, string> = {},
): Promise<number> {
  const measured = await startMeasured(args, word, env);
  try {
    await whole?.();
    await pause(WATCH_MS);
    return peakMibOf(measured.pid);
  } finally {
    await measured.end();
  }
}
