import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { AgentStop } from '../agent-stop.ts';
import type { ClusterAccess } from './cluster-access.ts';

/** Access as the library of Kubernetes has it, for users that sign in by an exec plug-in, OIDC or a proxy. */
export function libraryAccess(file: string): ClusterAccess {
  const config = new KubeConfig();
  config.loadFromFile(file);
  const server = config.getCurrentCluster()?.server ?? '';
  if (!URL.canParse(server))
    throw new AgentStop(2, `The kubeconfig ${file} names no cluster in its current context.`);
  return {
    server: new URL(server),
    async requestOptions() {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options);
      return {
        ...(options.agent === undefined ? {} : { agent: options.agent }),
        ...(options.headers === undefined ? {} : { headers: options.headers }),
        ...(options.auth === undefined ? {} : { auth: options.auth }),
      };
    },
  };
}
