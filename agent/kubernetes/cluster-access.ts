import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { AgentStop } from '../agent-stop.ts';

/** Where the Kubernetes API is, and what each request to it must carry. */
export interface ClusterAccess {
  readonly server: URL;
  /** Agent (TLS) and headers (credentials) of one request; credentials are renewed where they expire. */
  requestOptions(): Promise<Pick<RequestOptions, 'agent' | 'headers' | 'auth'>>;
}

const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
/** The kubelet renews the token of a service account long before its end; client-go rereads it once a minute too. */
const tokenReadEveryMs = 60_000;

/**
 * Access by a kubeconfig file, else by the service account of the pod.
 *
 * `@kubernetes/client-node` reads kubeconfigs, but importing it costs about 90 MB for as long as the agent runs. So a
 * child process reads the file; only a user that signs in by an exec plug-in, OIDC or a proxy loads it here.
 * Throws `AgentStop` with exit code 2 when there is no way to the cluster.
 */
export async function openClusterAccess(
  kubeconfigFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number,
): Promise<ClusterAccess> {
  if (kubeconfigFile === undefined) return serviceAccountAccess(environment, now);
  if (existsSync(kubeconfigFile)) return kubeconfigAccess(kubeconfigFile);
  throw bad(`The kubeconfig ${kubeconfigFile} does not exist; name another with --kubeconfig.`);
}

function serviceAccountAccess(
  environment: Readonly<Record<string, string | undefined>>,
  now: () => number,
): ClusterAccess {
  const host = environment.KUBERNETES_SERVICE_HOST;
  const port = environment.KUBERNETES_SERVICE_PORT ?? '443';
  if (!host || !existsSync(`${accountFolder}/token`)) {
    throw bad(
      'No cluster: run the agent in a pod with a service account, or name a kubeconfig with --kubeconfig.',
    );
  }
  const agent = new HttpsAgent({ keepAlive: true, ca: readFileSync(`${accountFolder}/ca.crt`) });
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    async requestOptions() {
      if (now() - readAt > tokenReadEveryMs) {
        token = readFileSync(`${accountFolder}/token`, 'utf8').trim();
        readAt = now();
      }
      return { agent, headers: { authorization: `Bearer ${token}` } };
    },
  };
}

const plainAccess = z.object({
  server: z.string(),
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.string().optional(),
  token: z.string().optional(),
  insecure: z.boolean().optional(),
  serverName: z.string().optional(),
});

/** What `read-kubeconfig.ts` prints: plain credentials, or what is wrong, or that only the library can sign in. */
export type KubeconfigReading =
  | { readonly plain: z.output<typeof plainAccess> }
  | { readonly problem: string }
  | { readonly needsLibrary: true };

async function kubeconfigAccess(file: string): Promise<ClusterAccess> {
  const reader = fileURLToPath(besideThis('read-kubeconfig'));
  let printed: string;
  try {
    printed = (await promisify(execFile)(process.execPath, [reader, file], { timeout: 30_000 })).stdout;
  } catch {
    return byLibrary(file);
  }
  const reading = JSON.parse(printed) as KubeconfigReading;
  if ('problem' in reading)
    throw bad(`The kubeconfig ${file} ${reading.problem}; name another with --kubeconfig.`);
  return 'plain' in reading ? staticAccess(plainAccess.parse(reading.plain)) : byLibrary(file);
}

/** Loaded only here, and in the image from a file of its own: most agents never need it. */
async function byLibrary(file: string): Promise<ClusterAccess> {
  const { libraryAccess } = (await import(
    besideThis('library-access').href
  )) as typeof import('./library-access.ts');
  return libraryAccess(file);
}

/** A module in this folder: TypeScript in a checkout, JavaScript in the image. */
function besideThis(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url);
}

function staticAccess(plain: z.output<typeof plainAccess>): ClusterAccess {
  const server = new URL(plain.server);
  const agent =
    server.protocol === 'http:'
      ? new HttpAgent({ keepAlive: true })
      : new HttpsAgent({
          keepAlive: true,
          ca: plain.ca,
          cert: plain.cert,
          key: plain.key,
          rejectUnauthorized: plain.insecure !== true,
          ...(plain.serverName === undefined ? {} : { servername: plain.serverName }),
        });
  const headers = plain.token === undefined ? {} : { authorization: `Bearer ${plain.token}` };
  return { server, requestOptions: async () => ({ agent, headers }) };
}

function bad(sentence: string): AgentStop {
  return new AgentStop(2, sentence);
}
