import type { ObjectMeta } from '../../common/kubernetes/index.ts';

/** Tools that put an object back as Git has it, by the label or annotation that they leave on it. */
const GIT_TOOLS: readonly (readonly [key: string, name: string])[] = [
  ['argocd.argoproj.io/tracking-id', 'Argo CD'],
  ['argocd.argoproj.io/instance', 'Argo CD'],
  ['kustomize.toolkit.fluxcd.io/name', 'Flux'],
  ['helm.toolkit.fluxcd.io/name', 'Flux'],
];

/** Why an object must not be changed here, when such a tool keeps it. */
export function keptByGit(metadata: ObjectMeta | undefined, name: string): string | undefined {
  const marks = { ...metadata?.labels, ...metadata?.annotations };
  const tool = GIT_TOOLS.find(([key]) => marks[key] !== undefined);
  return tool && `${name} is kept by ${tool[1]} (${tool[0]}), which would undo a change: make it in Git.`;
}
