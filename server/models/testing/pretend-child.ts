import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pino from 'pino';
import type { Model } from '../../../common/contracts/index.ts';
import { ChildSession } from '../model-session.ts';

const address = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Imports of a script that pretends to be the inference child; it runs in a real process behind the real pipe. */
const head = `
import { answerRequests } from ${address('../../platform/workers/answer-requests.ts')};
import { answerRuns } from ${address('../../platform/workers/answer-runs.ts')};
import { LoadedModel } from ${address('../loaded-model.ts')};
import { serveAsThread } from ${address('../run-thread.ts')};
import { ThreadedModel } from ${address('../threaded-model.ts')};
import { messageFrame } from ${address('../../platform/workers/message-frames.ts')};
import { writeSync } from 'node:fs';
`;

/**
 * A child whose model of two features gives their sum and, as a second output, the number of the run. The first feature
 * also says how it behaves.
 */
export const oddModel = `
let runs = 0;
answerRequests(async () => ({ outputs: ['sum', 'run'], isDouble: true }));
answerRuns(4, async (rows, columns) => {
  runs++;
  const count = rows.length / columns;
  const firsts = Array.from({ length: count }, (_, row) => rows[row * columns]);
  if (firsts.includes(-1)) throw new Error('a row is odd');
  if (firsts.includes(-2)) process.exit(9);
  if (firsts.includes(-3)) for (;;);
  if (firsts.includes(-4)) await new Promise(resolve => setTimeout(resolve, 300));
  return [
    { width: 1, values: Float64Array.from(firsts, (first, row) => first + rows[row * columns + 1]) },
    { width: 1, values: new Float64Array(count).fill(runs) },
  ];
});`;

/** First features of `oddModel` that do not only add. */
export const behaviours = { refuses: -1, exits: -2, hangs: -3, takesLong: -4 } as const;

/** Writes such a script. @returns its path */
export function pretendChild(folder: string, name: string, script: string): string {
  const path = join(folder, `${name}.ts`);
  writeFileSync(path, head + script);
  return path;
}

/** A registered model with as many features. */
export function modelOf(features: number, id = 'model-of-test'): Model {
  return {
    id,
    sha256: id,
    state: 'ready',
    reasons: [],
    manifest: {
      name: id,
      task: 'custom',
      features: Array.from({ length: features }, (_, index) => ({ name: `x${index}` })),
      golden: [],
    },
  } as unknown as Model;
}

/** What happened to a session of a test. */
export interface SessionEvents {
  readonly faults: string[];
  uses: number;
}

/** A session of its own with a script in the place of the child's. */
export function sessionOf(
  script: string | undefined,
  options: { features?: number; path?: string; runDeadlineMs?: number } = {},
): { session: ChildSession; events: SessionEvents } {
  const events: SessionEvents = { faults: [], uses: 0 };
  const session = new ChildSession({
    model: modelOf(options.features ?? 2),
    withFile: use => use(options.path ?? 'none'),
    settings: {
      nodePath: process.execPath,
      runDeadlineMs: options.runDeadlineMs ?? 10_000,
      ...(script === undefined ? {} : { script }),
    },
    log: pino({ level: 'silent' }),
    onUse: () => {
      events.uses++;
    },
    onFaulty: reason => events.faults.push(reason),
  });
  return { session, events };
}

/** Whether a process of this id exists. */
export function isThere(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
