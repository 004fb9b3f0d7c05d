import type { MarketScope } from '../../common/contracts/index.ts';
import type { Clock } from '../platform/index.ts';
import type { FeatureNames } from './manifest.ts';
import type { ModelStore } from './model-store.ts';
import type { ModelState } from './model-tables.ts';

/**
 * Share of what today's features need from which a model may serve. The rest is time since the last pull: an
 * unchanged price is known for 24.5 h, so hours without news make a forecast older but not wrong.
 */
export const READY_SHARE = 0.95;

/** States that follow from coverage; the others stay as they are. */
const BY_COVERAGE: readonly ModelState[] = ['uploaded', 'inspected', 'gap-open', 'ready'];

/**
 * Looks for each model how much of `[now − lookback, now]` is on disk and sets `gap-open` or `ready` by it.
 * @returns ids of the models whose state or share changed
 */
export async function refreshCoverage(parts: {
  store: ModelStore;
  features: FeatureNames;
  clock: Clock;
  coveredShare: (scope: MarketScope, fromMs: number, toMs: number) => Promise<number>;
}): Promise<string[]> {
  const { store, features, clock } = parts;
  const nowMs = clock.now();
  const changed: string[] = [];
  for (const model of await store.all()) {
    if (model.state === 'rejected' || model.state === 'faulty') continue;
    const lookbackMs = features.lookbackMs(model.manifest.features.map(feature => feature.name));
    const raw = await parts.coveredShare(model.manifest.scope, nowMs - Math.max(lookbackMs, 1), nowMs);
    const coveredShare = Math.min(1, Math.max(0, raw));
    const byCoverage = BY_COVERAGE.includes(model.state);
    const state = byCoverage ? (coveredShare >= READY_SHARE ? 'ready' : 'gap-open') : model.state;
    if (coveredShare === model.coveredShare && state === model.state) continue;
    await store.update(model.id, { state, coveredShare }, byCoverage ? BY_COVERAGE : [model.state]);
    changed.push(model.id);
  }
  return changed;
}
