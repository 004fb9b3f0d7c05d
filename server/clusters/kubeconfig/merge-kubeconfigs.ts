import { basename } from 'node:path';
import { type Kubeconfig, type KubeconfigEntry, textField } from './parse-kubeconfig.ts';

/** A context as a person chooses it. Nothing in it is secret. */
export interface KubeconfigContext {
  readonly name: string;
  /** The file that names it. */
  readonly file: string;
  readonly cluster: string;
  /** Host and port of the API server; `null` where its cluster cannot be used. */
  readonly server: string | null;
  readonly namespace: string | null;
  readonly isCurrent: boolean;
  /** The program that is run to sign in, only when somebody has this context read. */
  readonly runs: string | null;
  /** Why it cannot be used; one sentence. */
  readonly problem: string | null;
}

/** A context with what is needed to use it. It holds credentials: for the way to the cluster alone. */
export interface ResolvedContext {
  readonly context: KubeconfigContext;
  readonly server: URL;
  readonly cluster: KubeconfigEntry;
  /** Absent for a context that signs in as nobody. */
  readonly user: KubeconfigEntry | undefined;
}

/** A context that cannot be used has no way to its cluster. */
export type ContextEntry = Pick<ResolvedContext, 'context'> & Partial<ResolvedContext>;

/**
 * The contexts of files as kubectl merges them: of several entries of a name the first one counts, whole, and a context may name a cluster
 * or user of another file.
 */
export function mergeKubeconfigs(configs: readonly Kubeconfig[]): ContextEntry[] {
  const clusters = firstOfName(configs.flatMap(config => config.clusters));
  const users = firstOfName(configs.flatMap(config => config.users));
  const contexts = firstOfName(configs.flatMap(config => config.contexts));
  const current = configs.find(({ currentContext }) => currentContext !== null)?.currentContext;
  return [...contexts.values()].map(entry => {
    const clusterName = textField(entry, 'cluster') ?? '';
    const userName = textField(entry, 'user');
    const cluster = clusters.get(clusterName);
    const user = userName === undefined ? undefined : users.get(userName);
    const server = cluster && serverOf(cluster);
    const problem =
      clusterName === ''
        ? `Context "${entry.name}" names no cluster.`
        : cluster === undefined
          ? `Context "${entry.name}" names the cluster "${clusterName}", which no file describes.`
          : server === undefined
            ? `The server of cluster "${clusterName}" is no address that begins with https:// or http://.`
            : userName !== undefined && user === undefined
              ? `Context "${entry.name}" names the user "${userName}", which no file describes.`
              : null;
    const context = {
      name: entry.name,
      file: entry.file,
      cluster: clusterName,
      server: server?.host ?? null,
      namespace: textField(entry, 'namespace') ?? null,
      isCurrent: entry.name === current,
      runs: user ? programOf(user) : null,
      problem,
    };
    return cluster && server && problem === null ? { context, server, cluster, user } : { context };
  });
}

function firstOfName(entries: readonly KubeconfigEntry[]): Map<string, KubeconfigEntry> {
  const first = new Map<string, KubeconfigEntry>();
  for (const entry of entries) if (!first.has(entry.name)) first.set(entry.name, entry);
  return first;
}

function serverOf(cluster: KubeconfigEntry): URL | undefined {
  const text = textField(cluster, 'server') ?? '';
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}

function programOf({ fields }: KubeconfigEntry): string | null {
  const command = (fields.exec as { readonly command?: unknown } | undefined)?.command;
  return typeof command === 'string' && command !== '' ? basename(command) : null;
}
