import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

/** Everything that docs/guides/offline.md promises, with the network blocked: by the kernel where it lets us, else in Node. */
const support = join(import.meta.dirname, '..', 'support');
const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-offline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A namespace of our own has no way out at all; its own loopback has to be brought up.
const UP = 'ip link set lo up && exec "$@"';
const hasNamespace =
  process.env.CLOUDOPTIM_OFFLINE_BY !== 'node' &&
  spawnSync('unshare', ['-rn', 'sh', '-c', UP, 'sh', 'true']).status === 0;

interface Done {
  readonly outside: string;
  readonly archive: { state: string };
  readonly evaluated: { state: string; report: { pools: number } };
  readonly model: { id: string };
  readonly plan: { before: { nodes: number }; after: { nodes: number } };
  readonly report: { model: string; verdict: string; pools: number };
  readonly fill: { state: string; message: string };
  readonly read: Record<string, number>;
  readonly ui: { files: number; elsewhere: string[] };
}

/** The work in a process without a network. AWS keys are there, so that what lacks is the network alone. */
async function workOffline(): Promise<Done> {
  const work = [process.execPath, join(support, 'offline-process.ts'), folder];
  const [program = '', ...args] = hasNamespace ? ['unshare', '-rn', 'sh', '-c', UP, 'sh', ...work] : work;
  const { NODE_OPTIONS = '', ...env } = process.env;
  const preload = `--import ${pathToFileURL(join(support, 'only-loopback.ts')).href}`;
  const { stdout } = await promisify(execFile)(program, args, {
    env: {
      ...env,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      ...(hasNamespace ? {} : { NODE_OPTIONS: `${NODE_OPTIONS} ${preload}`.trim() }),
    },
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as Done;
}

describe('with the network blocked', () => {
  it('models and prices are taken in, tested and planned with, and everything can be read', async () => {
    process.stdout.write(
      `the network is blocked by ${hasNamespace ? 'a namespace of the kernel' : 'a preload of Node, which refuses every socket but loopback'}\n`,
    );
    const done = await workOffline();
    expect(done.outside).toMatch(/^E(NETUNREACH|HOSTUNREACH)$/);
    expect(done.archive).toMatchObject({ state: 'succeeded' });
    expect(done.model.id).toMatch(/^model-/);
    expect(done.evaluated).toMatchObject({ state: 'succeeded', report: { pools: 2 } });
    expect(done.report).toMatchObject({ model: 'Spot price, ridge', pools: 2 });
    expect(done.report.verdict).not.toBe('baseline');
    expect(done.plan.before.nodes).toBe(5);
    expect(done.plan.after.nodes).toBeLessThan(5);
    // What needs a network says so, and what was read stays.
    expect(done.fill).toMatchObject({ state: 'failed', message: expect.stringMatching(/EC2/) });
    const refused = Object.entries(done.read).filter(([, status]) => status !== 200);
    expect(refused).toEqual([]);
    expect(Object.keys(done.read).length).toBeGreaterThan(20);
    expect(done.ui.elsewhere).toEqual([]);
    expect(done.ui.files).toBeGreaterThan(2);
  });
});
