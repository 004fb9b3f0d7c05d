import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { build, type Configuration, Platform } from 'electron-builder';
import { parse } from 'yaml';
import { findElectron } from '../../scripts/find-electron.ts';

/**
 * The folder that electron-builder makes of the built app, by the real configuration. Where there is no Electron, a file with the mark at
 * which its fuses are found stands in for the program. The packages of npm are left out: half a gigabyte would be copied.
 */
const root = join(import.meta.dirname, '../..');
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const config = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Configuration & {
  files: string[];
};

let folder: string;
let unpacked: string;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-package-'));
  const electron = findElectron();
  await build({
    projectDir: root,
    targets: Platform.LINUX.createTarget('dir'),
    publish: 'never',
    config: {
      ...config,
      electronDist: electron === undefined ? programStandIn() : dirname(electron),
      directories: { ...config.directories, output: join(folder, 'packed') },
      files: [...config.files, '!node_modules/**'],
    },
  });
  unpacked = join(folder, 'packed', 'linux-unpacked');
});
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the packed program has every fuse on its safe side', () => {
  const program = readFileSync(join(unpacked, 'cloudoptim'));
  const at = program.indexOf(FUSE_MARK) + FUSE_MARK.length;
  const length = program[at + 1] ?? 0;
  const wire = program.subarray(at + 2, at + 2 + length).toString('latin1');
  // RunAsNode, cookie encryption, NODE_OPTIONS, --inspect, integrity of the archive, only from the archive, snapshot, file: privileges
  expect(wire.slice(0, 6)).toBe('010011');
  expect(wire[7]).toBe('0');
});

test('the archive holds the built app and nothing else of the checkout', () => {
  const archive = readFileSync(join(unpacked, 'resources', 'app.asar'));
  type Folder = { files: Record<string, Folder & { unpacked?: boolean; integrity?: object }> };
  const { files } = JSON.parse(
    archive.subarray(16, 16 + archive.readUInt32LE(12)).toString('utf8'),
  ) as Folder;
  expect(Object.keys(files).toSorted()).toEqual(['out', 'package.json', 'resources']);
  const desktop = files.out?.files.desktop?.files ?? {};
  expect(Object.keys(desktop).toSorted()).toEqual(['main', 'preload', 'renderer']);
  expect(desktop.preload?.files['index.cjs']?.integrity).toBeDefined();
  expect(desktop.renderer?.files['index.html']?.integrity).toBeDefined();
  expect(files.resources?.files.models?.files.training).toBeUndefined();
});

test('what plain Node starts lies beside the archive; there is no feed of updates', () => {
  const outside = join(unpacked, 'resources', 'app.asar.unpacked', 'out', 'desktop', 'main');
  for (const script of ['inference-child.js', 'plug-in-child.js', 'planning-worker.js'])
    expect(existsSync(join(outside, script)), script).toBe(true);
  expect(existsSync(join(unpacked, 'resources', 'app-update.yml'))).toBe(false);
});

/** A folder as Electron's own, with every fuse where Electron leaves it or worse. */
function programStandIn(): string {
  const dist = join(folder, 'electron');
  mkdirSync(join(dist, 'resources'), { recursive: true });
  const wire = Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, 9]), Buffer.from('101100111')]);
  writeFileSync(join(dist, 'electron'), wire);
  chmodSync(join(dist, 'electron'), 0o755);
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'));
  writeFileSync(join(dist, 'version'), version);
  for (const name of ['LICENSE', 'LICENSES.chromium.html']) writeFileSync(join(dist, name), '');
  return dist;
}
