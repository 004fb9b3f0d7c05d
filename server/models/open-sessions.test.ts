import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '../../common/contracts/index.ts';
import { OpenSessions } from './open-sessions.ts';
import { behaviours, isThere, modelOf, oddModel, pretendChild } from './testing/pretend-child.ts';

let folder: string;
let sessions: OpenSessions;
let models: Map<string, Model>;
let lookUps: string[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cloudoptim-sessions-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  models = new Map(['a', 'b', 'c', 'd', 'e'].map(id => [id, modelOf(2, id)]));
  lookUps = [];
  sessions = new OpenSessions({
    get: async id => {
      lookUps.push(id);
      return models.get(id) as Model;
    },
    files: { withVerified: (_, use) => use('none') },
    children: { nodePath: process.execPath, script: pretendChild(folder, 'odd', oddModel) },
    log: pino({ level: 'silent' }),
    onFaulty: async (model, reason) => {
      models.set(model.id, { ...model, state: 'faulty', reasons: [reason] });
    },
  });
});
afterEach(() => sessions.closeAll());

const gone = async (pid: number | undefined) => {
  while (isThere(pid)) await new Promise(resolve => setTimeout(resolve, 10));
};

describe('open sessions', { timeout: 60_000 }, () => {
  it('are four processes at most; the fifth ends the one that was asked least recently', async () => {
    const opened = [];
    for (const id of ['a', 'b', 'c', 'd']) opened.push(await sessions.open(id));
    const [a, b] = opened;
    await a?.run(Float64Array.of(1, 2), 2);
    const pids = opened.map(session => session.pid);
    await sessions.open('e');
    await gone(pids[1]);
    expect(pids.map(isThere)).toEqual([true, false, true, true]);
    // Who still holds it may ask it all the same.
    expect((await b?.run(Float64Array.of(1, 2), 2))?.[0]).toEqual(Float64Array.of(3));
    await gone(pids[2]);
  });

  it('that make room for others answer first what they were asked', async () => {
    const a = await sessions.open('a');
    const { pid } = a;
    const running = a.run(Float64Array.of(behaviours.takesLong, 5), 2);
    await Promise.all(['b', 'c', 'd', 'e'].map(id => sessions.open(id)));
    expect((await running)[0]).toEqual(Float64Array.of(1));
    await gone(pid);
    expect(models.get('a')?.state).toBe('ready');
  });

  it('leave no process behind when all are closed', async () => {
    const opened = await Promise.all([...models.keys()].map(id => sessions.open(id)));
    const pids = opened.map(session => session.pid);
    await sessions.closeAll();
    expect(pids.map(isThere)).toEqual([false, false, false, false, false]);
  });

  it('look a known model up no more, and share one process for all who open it', async () => {
    const opened = await Promise.all(Array.from({ length: 5 }, () => sessions.open('a')));
    expect(new Set(opened).size).toBe(1);
    lookUps = [];
    await sessions.open('a');
    expect(lookUps).toEqual([]);
  });

  it('of a model that turned faulty are not opened again', async () => {
    const a = await sessions.open('a');
    for (let failure = 0; failure < 3; failure++) {
      await expect(a.run(Float64Array.of(behaviours.exits, 0), 2)).rejects.toMatchObject({
        code: 'model.faulty',
      });
    }
    await expect(sessions.open('a')).rejects.toMatchObject({ code: 'model.faulty' });
    await new Promise(resolve => setImmediate(resolve));
    await expect(sessions.open('a')).rejects.toMatchObject({
      message: 'The model "a" is faulty: its process ended with exit code 9',
    });
  });
});
