export type {
  AnsweredRequest,
  Clock,
  KubernetesApi,
  KubernetesApiOptions,
} from './start-kubernetes-api.ts';
export { startKubernetesApi } from './start-kubernetes-api.ts';
