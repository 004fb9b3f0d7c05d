/**
 * Builds the engine and all that it starts into `out/server`: a script for each process and thread, what they share beside them, and
 * code that is compiled already. Packages with native parts or WebAssembly stay in `node_modules`. `npm run build-server`; see
 * docs/adr/0033-the-engine-is-bundled.md.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleEngine } from './bundle/bundle-engine.ts';
import { serverEntries } from './bundle/server-entries.ts';

/** Parts of older builds are kept that long: an engine that runs from them may not have loaded all of them yet. */
const KEPT_MS = 7 * 24 * 3_600_000;
const WARM_UP_LIMIT_MS = 60_000;

const root = join(import.meta.dirname, '..');
const folder = join(root, 'out/server');
const compiled = join(folder, 'compile-cache');

const startedAt = Date.now();
const { written, inputs } = await bundleEngine({ root, entries: serverEntries, folder, extension: '.mjs' });
removeOld(written);
await compileAhead();
writeFileSync(join(folder, 'inputs.json'), JSON.stringify({ startedAt, inputs: sources(inputs) }));

function removeOld(present: ReadonlySet<string>): void {
  rmSync(compiled, { recursive: true, force: true });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (present.has(name) || !/\.mjs(\.map|\.new)?$/.test(name)) continue;
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { force: true });
  }
}

/** Paths from the root; packages change by the lock file alone. */
function sources(inputs: readonly string[]): string[] {
  const own = inputs.filter(path => !path.includes('node_modules/') && !path.includes(':'));
  const build = readdirSync(join(root, 'scripts/bundle')).map(name => `scripts/bundle/${name}`);
  return [...new Set([...own, ...build, 'scripts/build-server.ts', 'package-lock.json'])].sort();
}

/**
 * Lets a server start once and end: what V8 compiled for it is kept beside the scripts, where that is not turned off. Where it may not
 * listen, the engine is built all the same and starts more slowly.
 */
async function compileAhead(): Promise<void> {
  if (process.env.NODE_DISABLE_COMPILE_CACHE === '1') return;
  const data = mkdtempSync(join(tmpdir(), 'cloudoptim-build-'));
  const flags = ['server', '--port', '0', '--data', data, '--log-level', 'silent', '--until-stdin-closes'];
  const { PATH, SystemRoot, TEMP } = process.env;
  const server = spawn(process.execPath, [join(folder, 'main.mjs'), ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // None of the settings of whoever builds: not their database either.
    env: { PATH, SystemRoot, TEMP, CLOUDOPTIM_KUBECONFIGS: 'off' },
    signal: AbortSignal.timeout(WARM_UP_LIMIT_MS),
    killSignal: 'SIGKILL',
  });
  server.stdout.on('data', (chunk: Buffer) => {
    if (chunk.toString().includes('listens on')) server.stdin.end();
  });
  const how = await once(server, 'exit').then(
    ([code]: (number | null)[]) => (code === 0 ? undefined : `it ended with ${code}`),
    (error: Error) => error.message,
  );
  if (how !== undefined) process.stderr.write(`The built engine could not be started once (${how}).\n`);
  rmSync(data, { recursive: true, force: true });
}
