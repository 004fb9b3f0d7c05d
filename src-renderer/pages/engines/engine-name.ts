import type { Engine } from '../../../common/contracts/index.ts';

/** `cheapest-in-zone 1.0.0`; a built-in engine has no version of its own. */
export function engineName({ name, manifest }: Pick<Engine, 'name' | 'manifest'>): string {
  return manifest ? `${name} ${manifest.version}` : name;
}

/** What the engine of clusters without a choice is called. */
export const STANDARD_ENGINE = 'spot';
