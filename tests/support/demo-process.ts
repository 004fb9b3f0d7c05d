import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/** The product as `npm start` brings it up, on free ports and in a folder of its own. */
export interface Demo {
  readonly signInLink: string;
  readonly url: string;
  readonly token: string;
  /** Folder of its files. */
  readonly data: string;
  /** Answer of a call as its administrator; a POST where there is a body. Throws what the product said against it. */
  ask<Answer>(path: string, body?: object): Promise<Answer>;
  /** Ends it as Ctrl-C does, and removes its folder. */
  end(): Promise<void>;
}

/**
 * Starts the demo and waits for its sign-in link.
 * @param environment settings beside those of this process
 * @param flags of the demo, beside those for ports and folder
 */
export async function startDemo(
  environment: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<Demo> {
  const data = mkdtempSync(join(tmpdir(), 'cloudoptim-demo-'));
  const child: ChildProcess = spawn(
    process.execPath,
    [join(root, 'scripts/demo.ts'), '--port', '0', '--data', data, '--until-stdin-closes', ...flags],
    { cwd: root, stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...environment } },
  );
  const signInLink = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const link = /Sign in:\s+(\S+)/.exec(said)?.[1];
      if (link !== undefined) resolve(link);
    });
    child.once('exit', code => reject(new Error(`the demo ended with ${code} before it was ready: ${said}`)));
  });
  const [url = '', token = ''] = signInLink.split('/#token=');
  return {
    signInLink,
    url,
    token,
    data,
    ask: async <Answer>(path: string, body?: object) => {
      const answer = await fetch(url + path, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${token}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as Answer;
    },
    end: async () => {
      if (child.exitCode === null) {
        child.kill('SIGINT');
        await once(child, 'exit');
      }
      rmSync(data, { recursive: true, force: true });
    },
  };
}
