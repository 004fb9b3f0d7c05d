import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const main = join(import.meta.dirname, '../../agent/main.ts');

/** How an agent process ended, and what it said. */
export interface AgentEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real agent in a process of its own. */
export interface AgentProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<AgentEnd>;
  /** What it has logged so far. */
  said(): string;
  /** kill -9, as a node that loses power does it to the process. */
  kill(): void;
}

const settings = /^(KUBECONFIG|CLOUDOPTIM_.*|(https?|no)_proxy|NODE_EXTRA_CA_CERTS)$/i;

/**
 * Starts `agent/main.ts`, or what was built of it, with these flags and nothing of the agent's settings in the environment
 * but what is given here.
 */
export function startAgent(
  flags: readonly string[],
  script = main,
  given: Readonly<Record<string, string>> = {},
): AgentProcess {
  const environment = Object.entries(process.env).filter(([name]) => !settings.test(name));
  const child = spawn(process.execPath, [script, ...flags], {
    env: { ...Object.fromEntries(environment), ...given },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.on('data', chunk => {
    stderr += chunk;
  });
  return {
    child,
    ended: new Promise(resolve => child.on('close', code => resolve({ code, stdout, stderr }))),
    said: () => stderr,
    kill: () => void child.kill('SIGKILL'),
  };
}
