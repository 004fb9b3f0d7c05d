import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../../common/contracts/index.ts';
import { convertFile } from './convert/index.ts';
import type { ChildSession } from './model-session.ts';
import { behaviours, isThere, oddModel, pretendChild, sessionOf } from './testing/pretend-child.ts';

const samples = join(import.meta.dirname, '../../resources/models');
const open: ChildSession[] = [];
let folder: string;
let odd: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-session-'));
  odd = pretendChild(folder, 'odd', oddModel);
});
afterEach(() => Promise.all(open.splice(0).map(session => session.close())));
afterAll(() => rmSync(folder, { recursive: true }));

function start(...options: Parameters<typeof sessionOf>) {
  const started = sessionOf(...options);
  open.push(started.session);
  return started;
}
/** The sum that `oddModel` gives, or the message of the error. */
const sumOf = (session: ChildSession, first: number, second = 10) =>
  session.run(Float64Array.of(first, second), 2).then(
    ([sum]) => sum?.[0],
    (error: Error) => error.message,
  );

describe('requests for one row at the same time', { timeout: 60_000 }, () => {
  it.each(['spot-price-ridge', 'spot-price-gbt'])(
    'of %s travel together and give the same bits',
    async name => {
      const { golden, features } = JSON.parse(
        readFileSync(join(samples, `${name}.manifest.json`), 'utf8'),
      ) as ModelManifest;
      const counting = pretendChild(
        folder,
        name,
        `let model, runs = 0;
      answerRequests(async ({ path }) => {
        model = await LoadedModel.load(path);
        return { outputs: [...model.outputs, 'run'], isDouble: model.isDouble };
      });
      answerRuns(4, async (rows, columns) => {
        const values = new Float64Array(rows.length / columns).fill(++runs);
        return [...await model.run(rows, columns), { width: 1, values }];
      });`,
      );
      const { session } = start(counting, { features: features.length, path: join(samples, `${name}.onnx`) });
      const rows = Array.from({ length: 200 }, (_, row) =>
        Float64Array.from(golden[row % golden.length]?.input ?? [], value => value * (1 + row / 1e3)),
      );
      const together = await Promise.all(rows.map(row => session.run(row, features.length)));
      const alone: Float64Array[][] = [];
      for (const row of rows) alone.push(await session.run(row, features.length));
      expect(together.map(([value]) => value)).toEqual(alone.map(([value]) => value));
      const runs = new Set(together.map(outputs => outputs.at(-1)?.[0]));
      expect(runs.size).toBe(1);
      expect(new Set(alone.map(outputs => outputs.at(-1)?.[0])).size).toBe(200);
    },
  );

  it('do not fail for a row that makes the model refuse, crash or hang', async () => {
    const { session, events } = start(odd, { runDeadlineMs: 2_000 });
    for (const behaviour of [behaviours.refuses, behaviours.exits, behaviours.hangs]) {
      const answers = await Promise.all([1, 2, behaviour, 3, 4].map(first => sumOf(session, first)));
      expect(answers.filter(answer => typeof answer === 'number')).toEqual([11, 12, 13, 14]);
      expect(answers[2]).toMatch(/odd|exit code 9|within 2 s/);
    }
    expect(events.faults).toEqual([]);
  });

  it('get their turn between the parts of a large one', async () => {
    const { session } = start(odd);
    await session.warmUp();
    const order: string[] = [];
    const many = new Float64Array(2 * 50_000).fill(1);
    const large = session.run(many, 2).then(([sums]) => {
      order.push('large');
      expect(sums).toEqual(new Float64Array(50_000).fill(2));
    });
    const small = sumOf(session, 1).then(() => order.push('small'));
    await Promise.all([large, small]);
    expect(order).toEqual(['small', 'large']);
  });
});

describe('a model that was made for missing values', { timeout: 60_000 }, () => {
  it('gets them as such and gives what Python got', async () => {
    const fixture = join(import.meta.dirname, 'convert/fixtures/tree-missing');
    const path = join(folder, 'tree-missing.onnx');
    writeFileSync(path, convertFile(readFileSync(join(fixture, 'model.pkl.gz'))).onnx);
    const numbers = (name: string) =>
      readFileSync(join(fixture, name), 'utf8')
        .trim()
        .split(/\r?\n/)
        .slice(1)
        .flatMap(line => line.split(','))
        .map(cell => (cell === '' ? Number.NaN : Number(cell)));
    const rows = Float64Array.from(numbers('input.csv'));
    expect(rows.some(Number.isNaN)).toBe(true);
    const { session } = start(undefined, { features: 4, path });
    const [output] = await session.run(rows, 4);
    for (const [row, expected] of numbers('expected.csv').entries())
      expect(output?.[row]).toBeCloseTo(expected, 9);
  });
});

describe('a process that fails', { timeout: 60_000 }, () => {
  it('is ended at the deadline, and another one answers the next request', async () => {
    const { session } = start(odd, { runDeadlineMs: 2_000 });
    await session.warmUp();
    const { pid } = session;
    await expect(session.run(Float64Array.of(behaviours.hangs, 0), 2)).rejects.toMatchObject({
      code: 'model.faulty',
      message: expect.stringContaining('did not answer within 2 s'),
      details: { outcome: 'timed-out' },
    });
    expect(await sumOf(session, 1)).toBe(11);
    expect(session.pid).not.toBe(pid);
    await session.close();
    expect(isThere(pid)).toBe(false);
  });

  it('three times in a row makes the model faulty, which is told once', async () => {
    const { session, events } = start(odd);
    for (const failures of [0, 0, 1]) {
      expect(await sumOf(session, behaviours.exits)).toContain('exit code 9');
      expect(events.faults).toHaveLength(failures);
    }
    expect(await sumOf(session, 1)).toContain('failed 3 times in a row');
    expect(await Promise.all([sumOf(session, 1), sumOf(session, 2)])).toHaveLength(2);
    expect(events.faults).toEqual(['its process ended with exit code 9']);
    expect(session.pid === undefined || !isThere(session.pid)).toBe(true);
  });

  it('counts anew after a good answer, and a refusal counts for nothing', async () => {
    const { session, events } = start(odd);
    for (const first of [behaviours.exits, behaviours.exits, 1, behaviours.exits, behaviours.exits]) {
      await sumOf(session, first);
    }
    for (let round = 0; round < 5; round++) {
      expect(await sumOf(session, behaviours.refuses)).toContain('a row is odd');
    }
    expect(await sumOf(session, 1)).toBe(11);
    expect(events.faults).toEqual([]);
  });

  it('is started again once for all who wait', async () => {
    const { session } = start(odd);
    await session.warmUp();
    const { pid } = session;
    process.kill(pid ?? 0, 'SIGKILL');
    while (isThere(pid)) await new Promise(resolve => setTimeout(resolve, 10));
    const answers = await Promise.all(
      [1, 2, 3, 4].map(first => session.run(Float64Array.of(first, 10), 2).catch((error: Error) => error)),
    );
    // The trial with a row of zeros was the new process's first run.
    const runs = answers.map(answer => (answer instanceof Error ? answer.message : answer[1]?.[0]));
    expect(runs.every(run => typeof run === 'number' && run >= 2 && run <= 3)).toBe(true);
  });

  it('that cannot load the model fails all who wait for it, and counts once', async () => {
    const broken = pretendChild(
      folder,
      'broken',
      `answerRequests(async () => { throw new Error('no room') });`,
    );
    const { session, events } = start(broken);
    const answers = await Promise.all([1, 2, 3, 4].map(first => sumOf(session, first)));
    expect(new Set(answers)).toEqual(new Set(['The model "model-of-test" could not answer: no room.']));
    expect(events.faults).toEqual([]);
  });
});

describe('the end of a session', { timeout: 60_000 }, () => {
  it('leaves no process, not even of a start that is under way', async () => {
    const { session, events } = start(odd);
    const starting = session.warmUp().catch((error: { code: string }) => error.code);
    await new Promise(resolve => setTimeout(resolve, 20));
    const { pid } = session;
    expect(isThere(pid)).toBe(true);
    await session.close();
    expect(isThere(pid)).toBe(false);
    expect(await starting).toBe('model.not-ready');
    expect(await sumOf(session, 1)).toContain('was closed');
    expect(events.faults).toEqual([]);
  });

  it('fails what is under way without calling the model faulty', async () => {
    const { session, events } = start(odd);
    await session.warmUp();
    const running = Promise.all([1, 2, 3, 4].map(() => sumOf(session, behaviours.takesLong)));
    await session.close();
    expect(new Set(await running)).toEqual(
      new Set(['The model "model-of-test" was closed with the engine.']),
    );
    expect(events.faults).toEqual([]);
  });
});
