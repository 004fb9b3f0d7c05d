import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { isModelFile } from '../../src-main/arrivals/handed-files.ts';
import { nodePackage } from '../../src-main/engine/node-package.ts';

const root = join(import.meta.dirname, '..', '..');
const config = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Configuration;

it('has no feed of updates, so that they are off', () => {
  expect(config.publish).toBeNull();
});

it('takes the links and the files that the app understands', () => {
  expect(config.protocols).toEqual([{ name: 'CloudOptim', schemes: ['cloudoptim'] }]);
  const [association] = config.fileAssociations as { ext: string[] }[];
  expect(association?.ext.length).toBeGreaterThan(0);
  for (const ext of association?.ext ?? []) expect(isModelFile(`model.${ext}`), ext).toBe(true);
});

it('packs for Linux, macOS and Windows, with an icon', () => {
  expect(config.linux?.target).toEqual(['dir', 'AppImage', 'deb']);
  expect([config.mac?.target, config.win?.target]).toEqual([['dmg', 'zip'], ['nsis']]);
  expect(existsSync(join(root, 'resources/icons/icon.png'))).toBe(true);
});

it('brings Node for every system that is packed for, of a version that runs it', () => {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const wanted: Record<string, string> = read('package.json').optionalDependencies;
  const locked: Record<string, { os?: string; cpu?: string; version: string }> =
    read('package-lock.json').packages;
  const systems = (['linux', 'darwin', 'win32'] as const).flatMap(os =>
    ['x64', 'arm64'].map(cpu => ({ os, cpu, name: nodePackage(os, cpu) })),
  );
  expect(Object.keys(wanted).sort()).toEqual(systems.map(({ name }) => name).sort());
  for (const { name, os, cpu } of systems) {
    expect(locked[`node_modules/${name}`], name).toMatchObject({ os, cpu, version: wanted[name] });
    expect(Number(wanted[name]?.split('.')[0]), name).toBeGreaterThanOrEqual(24);
  }
});
