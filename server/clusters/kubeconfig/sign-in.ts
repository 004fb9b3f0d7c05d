import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { dirname, isAbsolute, resolve } from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ResolvedContext } from './merge-kubeconfigs.ts';
import { type KubeconfigEntry, textField } from './parse-kubeconfig.ts';
import { runPlugin } from './run-plugin.ts';

/** What each request to a cluster must carry. Holds credentials: it is to live as long as one reading, and to be shown nowhere. */
export interface SignedIn {
  readonly server: URL;
  requestOptions(): Promise<Pick<RequestOptions, 'agent' | 'headers' | 'auth'>>;
}

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
type Fields = Record<string, unknown>;

/**
 * Signs in with the credentials of a context, as kubectl does; this is the one place where a program that a kubeconfig names is run.
 * @throws AppError `kubeconfig.unusable` for what lacks or fails
 */
export async function signIn(resolved: ResolvedContext, signal: AbortSignal): Promise<SignedIn> {
  const { context, server } = resolved;
  if (server.protocol === 'http:' && !LOOPBACK.has(server.hostname)) {
    throw unusable(
      `${server.origin} is no https address: credentials would go to it for all to read.`,
      'Use the https address of the cluster, or "kubectl proxy" on this machine.',
    );
  }
  const cluster = withPaths(resolved.cluster, ['certificate-authority']);
  // An http address on this machine, e.g. of kubectl proxy; the library takes that for a mistake unless told otherwise.
  if (server.protocol === 'http:') cluster['insecure-skip-tls-verify'] = true;
  const user = resolved.user ? await withCredentials(resolved.user, resolved.cluster, signal) : {};
  // 90 MB for as long as the engine runs: only who plans from a kubeconfig pays for it.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      'current-context': 'chosen',
      clusters: [{ name: 'chosen', cluster }],
      users: [{ name: 'chosen', user }],
      contexts: [{ name: 'chosen', context: { cluster: 'chosen', user: 'chosen' } }],
    }),
  );
  return {
    server,
    async requestOptions() {
      const options: RequestOptions = {};
      await config.applyToHTTPSOptions(options).catch((cause: unknown) => {
        throw withoutSecrets(cause, context.name);
      });
      return {
        ...(options.agent === undefined ? {} : { agent: options.agent }),
        ...(options.auth === undefined ? {} : { auth: options.auth }),
        headers: { ...(options.headers as Record<string, string>), ...impersonation(user) },
      };
    },
  };
}

/** The user with its token read and its program run, so that the library finds plain credentials. */
async function withCredentials(
  user: KubeconfigEntry,
  cluster: KubeconfigEntry,
  signal: AbortSignal,
): Promise<Fields> {
  // The library would read a file under this name, which kubectl does not know, by itself.
  const {
    exec,
    tokenFile,
    'token-file': _,
    ...fields
  } = withPaths(user, ['client-certificate', 'client-key', 'tokenFile']);
  const provider = (fields['auth-provider'] as { readonly name?: unknown } | undefined)?.name;
  if (provider !== undefined && provider !== 'oidc') {
    throw unusable(
      `User "${user.name}" signs in by "${String(provider)}", which kubectl gave up in 1.26.`,
      'Write the kubeconfig anew with the tool of your cloud; it then names a program for signing in.',
    );
  }
  if (typeof tokenFile === 'string') {
    const token = await readFile(tokenFile, 'utf8').catch(() => {
      throw unusable(`The file ${tokenFile} with the token of user "${user.name}" cannot be read.`);
    });
    return { ...fields, token: token.trim() };
  }
  // As with kubectl, a token or password that stands there already is used instead.
  if (exec === undefined || exec === null || fields.token || fields.username) return fields;
  const given = await runPlugin(exec, user.file, clusterInfo(cluster), signal);
  const encoded = (pem: string) => Buffer.from(pem).toString('base64');
  return {
    ...fields,
    ...(given.token === undefined ? {} : { token: given.token }),
    ...(given.clientCertificateData === undefined
      ? {}
      : { 'client-certificate-data': encoded(given.clientCertificateData) }),
    ...(given.clientKeyData === undefined ? {} : { 'client-key-data': encoded(given.clientKeyData) }),
  };
}

function withPaths({ fields, file }: KubeconfigEntry, names: readonly string[]): Fields {
  const absolute: Fields = { ...fields };
  for (const name of names) {
    const path = fields[name];
    if (typeof path !== 'string' || path === '') delete absolute[name];
    else absolute[name] = isAbsolute(path) ? path : resolve(dirname(file), path);
  }
  return absolute;
}

/** As client.authentication.k8s.io tells a cluster. */
function clusterInfo(cluster: KubeconfigEntry): Fields {
  const { server, 'certificate-authority-data': ca, 'tls-server-name': name } = cluster.fields;
  return {
    server,
    ...(ca ? { 'certificate-authority-data': ca } : {}),
    ...(name ? { 'tls-server-name': name } : {}),
    config: null,
  };
}

/** The library knows `as` alone; without the groups the cluster would answer for somebody else. */
function impersonation(user: Fields): Record<string, string | string[]> {
  const groups = user['as-groups'];
  const uid = textField({ fields: user }, 'as-uid');
  return {
    ...(Array.isArray(groups) && groups.length > 0 ? { 'Impersonate-Group': groups.map(String) } : {}),
    ...(uid === undefined ? {} : { 'Impersonate-Uid': uid }),
  };
}

/** Of what the library throws only the file that lacks is told: the rest may quote credentials. */
function withoutSecrets(cause: unknown, name: string): AppError {
  if (cause instanceof AppError) return cause;
  const { code, path } = cause as NodeJS.ErrnoException;
  if (code !== undefined && typeof path === 'string')
    return unusable(`The file ${path}, which context "${name}" names, cannot be read (${code}).`);
  return unusable(
    `The credentials of context "${name}" cannot be used.`,
    'Check that kubectl can use this context.',
  );
}

function unusable(sentence: string, hint?: string): AppError {
  return new AppError('kubeconfig.unusable', sentence, hint === undefined ? {} : { hint });
}
