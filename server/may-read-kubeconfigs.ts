import type { Settings } from './platform/index.ts';

/**
 * Why this engine may not read the kubeconfigs of its machine; `null` where it may. Unless somebody decided, it may where it answers under the
 * names of this machine alone and keeps its data on it: then whoever asks sits at it, as with the desktop app.
 */
export function kubeconfigRefusal({
  kubeconfigs,
  allowedHosts,
  databaseUrl,
}: Pick<Settings, 'kubeconfigs' | 'allowedHosts' | 'databaseUrl'>): string | null {
  if (kubeconfigs === 'on') return null;
  if (kubeconfigs === 'off') return 'Reading kubeconfigs is turned off for this engine.';
  if (databaseUrl !== undefined)
    return 'This engine keeps its data in a shared database, so it does not read the kubeconfigs of its machine.';
  if (allowedHosts.length === 0) return null;
  return `This engine serves others under ${allowedHosts[0]}, so it does not read the kubeconfigs of its machine.`;
}
