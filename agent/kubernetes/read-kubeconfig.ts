import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import type { KubeconfigReading } from './cluster-access.ts';

/** Runs as a child process: `read-kubeconfig.ts FILE` prints one `KubeconfigReading` as JSON. */
process.stdout.write(JSON.stringify(read(process.argv[2] ?? '')));

function read(file: string): KubeconfigReading {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (error) {
    return {
      problem: `cannot be read (${error instanceof Error ? (error.message.split('\n')[0] ?? '') : error})`,
    };
  }
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (!cluster || !URL.canParse(cluster.server))
    return { problem: 'names no cluster in its current context' };
  if (cluster.proxyUrl || user?.exec || user?.authProvider || user?.username || user?.impersonateUser) {
    return { needsLibrary: true };
  }
  try {
    return {
      plain: {
        server: cluster.server,
        ...named('ca', text(cluster.caData, cluster.caFile)),
        ...named('cert', text(user?.certData, user?.certFile)),
        ...named('key', text(user?.keyData, user?.keyFile)),
        ...named('token', user?.token || undefined),
        ...named('serverName', cluster.tlsServerName || undefined),
        insecure: cluster.skipTLSVerify === true,
      },
    };
  } catch (error) {
    return {
      problem: `names a file that cannot be read (${error instanceof Error ? error.message : error})`,
    };
  }
}

function text(base64: string | undefined, file: string | undefined): string | undefined {
  if (base64) return Buffer.from(base64, 'base64').toString('utf8');
  return file ? readFileSync(file, 'utf8') : undefined;
}

function named<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: string };
}
