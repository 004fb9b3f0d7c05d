import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { openTestDatabase } from '../platform/database/testing/open-test-database.ts';
import { auditMigrations, type Database, LiveHub } from '../platform/index.ts';
import { createModels, type Models, modelMigrations } from './index.ts';
import type { FileLimits } from './model-files.ts';

const samples = join(import.meta.dirname, '../../resources/models');

/** The two sample models. */
export const ridgePath = join(samples, 'spot-price-ridge.onnx');
export const treesPath = join(samples, 'spot-price-gbt.onnx');

/** A model of scikit-learn with four nameless columns. */
export const picklePath = join(import.meta.dirname, 'convert/fixtures/bayesian-ridge/model.pkl.gz');

/** The manifest of a sample model. */
export function sampleManifest(name: 'spot-price-ridge' | 'spot-price-gbt'): ModelManifest {
  return JSON.parse(readFileSync(join(samples, `${name}.manifest.json`), 'utf8')) as ModelManifest;
}

/** A manifest for the pickle. */
export const pickleManifest = {
  name: 'Bayes',
  version: '1.0.0',
  task: 'spot-price',
  trainedUntil: '2026-10-01T00:00:00Z',
  target: 'log-return',
  horizonHours: 24,
  features: sampleManifest('spot-price-ridge').features.slice(0, 4),
  scope: { regions: ['us-east-1'] },
} as const;

/** A registry on a folder of its own, with a clock and a market that the test moves. */
export interface TestRegistry {
  readonly models: Models;
  readonly database: Database;
  readonly folder: string;
  readonly live: LiveHub;
  nowMs: number;
  /** How much of what models need is on disk. */
  share: number;
  /** Hashes under which files are kept: those that run, and originals that are not the same. */
  kept(): { readonly running: string[]; readonly originals: string[] };
  /** Files that arrive or wait. */
  incoming(): string[];
  /** Closes and opens again, as a restart would. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a registry with the features of the sample models; the catalog itself is of a later room. */
export async function openTestRegistry(
  limits: FileLimits = { maxBytes: 2 ** 30, quotaBytes: 2 ** 31 },
): Promise<TestRegistry> {
  const names = new Set(
    (['spot-price-ridge', 'spot-price-gbt'] as const).flatMap(name =>
      sampleManifest(name).features.map(feature => feature.name),
    ),
  );
  const folder = mkdtempSync(join(tmpdir(), 'cloudoptim-registry-'));
  const live = new LiveHub();
  const inside = (name: string) => readdirSync(join(folder, 'models', name));
  const state = { nowMs: Date.UTC(2026, 10, 23, 12), share: 1 };
  const open = async () => {
    const database = await openTestDatabase(folder, { ...auditMigrations, ...modelMigrations });
    const models = await createModels({
      database,
      live,
      clock: { now: () => state.nowMs },
      log: pino({ level: 'silent' }),
      folder: join(folder, 'models'),
      limits,
      coveredShare: async () => state.share,
      features: {
        known: name => names.has(name),
        nearMatches: name => [...names].filter(known => name.startsWith(known)),
        lookbackMs: () => 192.5 * 3_600_000,
      },
      nodePath: process.execPath,
    });
    await models.start();
    return { database, models };
  };
  let current = await open();
  const shut = async () => {
    await current.models.stop();
    await current.database.close();
  };
  return {
    get models() {
      return current.models;
    },
    get database() {
      return current.database;
    },
    get nowMs() {
      return state.nowMs;
    },
    set nowMs(value) {
      state.nowMs = value;
    },
    get share() {
      return state.share;
    },
    set share(value) {
      state.share = value;
    },
    folder,
    live,
    kept: () => ({
      running: inside('').filter(name => name !== 'incoming' && name !== 'originals'),
      originals: inside('originals'),
    }),
    incoming: () => inside('incoming'),
    restart: async () => {
      await shut();
      current = await open();
    },
    close: async () => {
      await shut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
