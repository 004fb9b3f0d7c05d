import { spawn } from 'node:child_process';
import { dirname, isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';

const plugin = z.object({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  interactiveMode: z.string().nullish(),
  provideClusterInfo: z.boolean().nullish(),
});

/** What a plug-in answers; client.authentication.k8s.io ExecCredential. */
const credential = z.object({
  status: z.object({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
  }),
});
export type PluginCredential = z.output<typeof credential>['status'];

const MOST_OUTPUT_BYTES = 1024 * 1024;
/** Long enough for a sign-in in a browser. */
const PLUGIN_LIMIT_MS = 120_000;
const SHOWN_CHARACTERS = 200;

/**
 * Runs the program that a kubeconfig names for signing in, as kubectl does. That of `@kubernetes/client-node` cannot be stopped, and tells the
 * program nothing of the cluster.
 * @param fields what stands under `exec`
 * @param cluster what the program is told where it asks for it
 * @throws AppError `kubeconfig.unusable` where it is not there, fails, takes too long or answers something else; what it prints on standard
 * output is in no message
 */
export async function runPlugin(
  fields: unknown,
  file: string,
  cluster: Readonly<Record<string, unknown>>,
  signal: AbortSignal,
): Promise<PluginCredential> {
  const read = plugin.safeParse(fields);
  if (!read.success)
    throw unusable(`The program for signing in, in ${file}, is not described as Kubernetes asks for it.`);
  const { apiVersion, command, args, env, interactiveMode, provideClusterInfo } = read.data;
  if (interactiveMode === 'Always')
    throw unusable(`${command} wants a terminal to sign in, and there is none here.`);
  const told = {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(provideClusterInfo === true ? { cluster } : {}) },
  };
  const printed = await outputOf(
    // A path counts from the file that names it, a bare name from PATH.
    /[\\/]/.test(command) && !isAbsolute(command) ? resolve(dirname(file), command) : command,
    args ?? [],
    {
      ...process.env,
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(told),
    },
    signal,
  );
  const answer = credential.safeParse(parsed(printed));
  if (!answer.success) throw unusable(`${command} printed no ExecCredential.`);
  return answer.data.status;
}

function outputOf(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      env,
      signal,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PLUGIN_LIMIT_MS,
      windowsHide: true,
    });
    let printed = '';
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.length > MOST_OUTPUT_BYTES) child.kill();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4096);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) fail(error);
      else if (error.code === 'ENOENT')
        fail(unusable(`${command}, which signs in to this cluster, is not on the PATH of the engine.`));
      else
        fail(
          unusable(
            `${command}, which signs in to this cluster, cannot be run (${error.code ?? 'unknown reason'}).`,
          ),
        );
    });
    child.once('close', (code, by) => {
      if (code === 0) done(printed);
      else if (by !== null) fail(unusable(`${command} was ended: it took too long, or printed too much.`));
      else fail(unusable(`${command} did not sign in (exit ${code})${lastLine(said)}.`));
    });
  });
}

/** What the program says last is mostly what to do: "Token has expired, run aws sso login". */
function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().replace(/\.$/, '') ?? '';
  return line === '' ? '' : `: ${line.slice(0, SHOWN_CHARACTERS)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unusable(sentence: string): AppError {
  return new AppError('kubeconfig.unusable', sentence);
}
