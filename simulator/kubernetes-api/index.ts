export type { PolicyRule } from './access.ts';
export type { KubernetesApi } from './start-kubernetes-api.ts';
export { startKubernetesApi } from './start-kubernetes-api.ts';
