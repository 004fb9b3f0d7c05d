import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CappedChild, defaultChildLimits } from './capped-child.ts';

let folder: string;
let child: CappedChild;

/** A child that does what it is asked, for good or ill. */
const SCRIPT = `
import { answerRequests } from ${JSON.stringify(new URL('./answer-requests.ts', import.meta.url).href)};
answerRequests(async ({ verb, value }) => {
  if (verb === 'echo') return value;
  if (verb === 'environment') return Object.keys(process.env);
  if (verb === 'hang') for (;;);
  if (verb === 'exit') process.exit(3);
  if (verb === 'take') return Buffer.alloc(value, 1).length;
  throw new Error('cannot ' + verb);
});`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-child-'));
  writeFileSync(join(folder, 'child.ts'), SCRIPT);
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => child.close());

function start(): CappedChild {
  child = new CappedChild({
    ...defaultChildLimits,
    nodePath: process.execPath,
    script: join(folder, 'child.ts'),
    log: pino({ level: 'silent' }),
  });
  return child;
}

describe('a capped child', () => {
  it('answers with typed arrays as they are', async () => {
    const value = Float64Array.of(1, Number.NaN, -0);
    expect(await start().request({ verb: 'echo', value }, 10_000)).toEqual({ kind: 'answer', value });
  });

  it('sees nothing of the environment of its parent', async () => {
    const outcome = await start().request({ verb: 'environment' }, 10_000);
    const names = outcome.kind === 'answer' ? (outcome.value as string[]) : ['no answer'];
    expect(names.filter(name => !['PWD', 'SHLVL', '_', 'OLDPWD', 'SystemRoot'].includes(name))).toEqual([]);
  });

  it('says why it will not, and goes on', async () => {
    start();
    expect(await child.request({ verb: 'fly' }, 10_000)).toEqual({ kind: 'refused', message: 'cannot fly' });
    expect(await child.request({ verb: 'echo', value: 1 }, 10_000)).toEqual({ kind: 'answer', value: 1 });
  });

  it('is ended at its deadline, and what waits behind has crashed', async () => {
    start();
    await child.request({ verb: 'echo' }, 10_000);
    const hanging = child.request({ verb: 'hang' }, 300);
    const behind = child.request({ verb: 'echo' }, 10_000);
    expect(await hanging).toEqual({ kind: 'timed-out', deadlineMs: 300 });
    expect(await behind).toEqual({ kind: 'crashed', signal: 'SIGKILL', exitCode: null });
    expect(child.isAlive).toBe(false);
    expect((await child.request({ verb: 'echo' }, 1_000)).kind).toBe('crashed');
  });

  it('that ends by itself is told with its exit code', async () => {
    expect(await start().request({ verb: 'exit' }, 10_000)).toEqual({
      kind: 'crashed',
      signal: null,
      exitCode: 3,
    });
  });

  it.runIf(process.platform === 'linux')('cannot take more memory than its cap', async () => {
    start();
    expect(await child.request({ verb: 'take', value: 100e6 }, 10_000)).toEqual({
      kind: 'answer',
      value: 100e6,
    });
    expect((await child.request({ verb: 'take', value: 2e9 }, 10_000)).kind).not.toBe('answer');
  });
});
