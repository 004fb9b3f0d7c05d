import type { FillProgress, Model } from '../../../common/contracts/index.ts';

/** States of versions that nobody works with any more. */
const ENDED: readonly Model['state'][] = ['rejected', 'faulty', 'retired'];

/** `Spot price, trees 1.0.0`. */
export function versionName({ manifest }: Pick<Model, 'manifest'>): string {
  return `${manifest.name} ${manifest.version}`;
}

/** Champions first, then what can be worked with, then what has ended; newest first within each. */
export function byImportance(a: Model, b: Model): number {
  return rank(a) - rank(b) || b.uploadedAt - a.uploadedAt || versionName(a).localeCompare(versionName(b));
}

function rank({ aliases, state }: Model): number {
  if (aliases.includes('champion')) return 0;
  if (aliases.includes('challenger')) return 1;
  return ENDED.includes(state) ? 3 : 2;
}

/**
 * The one or two versions that want attention first: those being filled; the champions, or where there is none what could
 * become one, a ready version before one whose gap is open, one that was filled lately before others.
 */
export function modelsInFocus(
  models: readonly Model[],
  fills: ReadonlyMap<string, FillProgress> | undefined,
): Model[] {
  const isFilled = (model: Model) => isGoing(lastFill(fills, model.id));
  const champions = models.filter(({ aliases }) => aliases.includes('champion'));
  const candidates = models
    .filter(({ state, aliases }) => !ENDED.includes(state) && !aliases.includes('champion'))
    .toSorted(
      (a, b) =>
        Number(b.state === 'ready') - Number(a.state === 'ready') ||
        (lastFill(fills, b.id)?.startedAt ?? 0) - (lastFill(fills, a.id)?.startedAt ?? 0) ||
        byImportance(a, b),
    );
  const first = champions.length > 0 ? champions : candidates.slice(0, 1);
  return [...new Set([...first, ...models.filter(isFilled)])].slice(0, 2);
}

/** Whether a fill still goes on. */
export function isGoing(fill: FillProgress | undefined): boolean {
  return fill?.state === 'running' || fill?.state === 'queued';
}

/** The newest fill for a model; one that waits for its turn is the newest. */
export function lastFill(
  fills: ReadonlyMap<string, FillProgress> | undefined,
  modelId: string,
): FillProgress | undefined {
  return [...(fills?.values() ?? [])]
    .filter(fill => fill.modelId === modelId)
    .toSorted((a, b) => (b.startedAt ?? Infinity) - (a.startedAt ?? Infinity))[0];
}
