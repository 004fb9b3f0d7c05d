import { type NodeFacts, nodeRefusal } from './node-rules.ts';
import type { DaemonSet, Resources } from './problem.ts';

/** Taints that the DaemonSet controller makes its pods tolerate; a fresh node may have them. */
const OWN_TOLERATIONS: DaemonSet['rules']['tolerations'] = [
  'not-ready',
  'unreachable',
  'disk-pressure',
  'memory-pressure',
  'pid-pressure',
  'unschedulable',
].map(name => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', value: '', effect: '' }));

/** Requests of the DaemonSet pods that a node gets: one entry for each. */
export function daemonSetLoad(daemonSets: readonly DaemonSet[], node: NodeFacts): Resources[] {
  return daemonSets
    .filter(({ rules }) => {
      const tolerations = [...rules.tolerations, ...OWN_TOLERATIONS];
      return nodeRefusal({ ...rules, tolerations, volumeZones: null }, node) === undefined;
    })
    .map(({ requests }) => requests);
}
