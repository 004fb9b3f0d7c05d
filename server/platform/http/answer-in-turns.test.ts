import { expect, it } from 'vitest';
import { z } from 'zod';
import { answerInTurns } from './answer-in-turns.ts';

const route = { method: 'GET', url: '/x' };
const schema = z.object({
  before: z.string(),
  moves: z
    .array(z.object({ pod: z.string(), to: z.string().nullable(), more: z.number().optional() }))
    .readonly(),
  left: z.number().optional(),
  nodes: z.array(z.string()).optional(),
  few: z.array(z.string()).min(1),
});
const answer = (count: number) => ({
  before: 'a "quoted" one',
  moves: Array.from({ length: count }, (_, n) => ({ pod: `p${n}`, to: null, notInTheContract: n })),
  left: undefined,
  nodes: Array.from({ length: count + 1 }, (_, n) => `n${n}`),
  few: Array.from({ length: 700 }, () => 'with a rule of its own'),
});

it('is the text that it would be at once, however long its lists are', async () => {
  for (const count of [500, 501, 999, 1_234]) {
    const whole = answer(count);
    expect(await answerInTurns(schema, whole, route)).toBe(JSON.stringify(z.encode(schema, whole)));
  }
});

it('leaves an answer without long lists to the usual way', async () => {
  const short = { ...answer(3), few: ['one'] };
  expect(await answerInTurns(schema, short, route)).toBeUndefined();
  expect(await answerInTurns(z.array(z.string()), ['one'], route)).toBeUndefined();
});

it('refuses what the contract does not allow, also deep in a list', async () => {
  const wrong = { ...answer(1_000) };
  wrong.moves[999] = { pod: 7 } as never;
  await expect(answerInTurns(schema, wrong, route)).rejects.toThrow(/Response/);
  await expect(answerInTurns(schema, { ...answer(1_000), before: 1 }, route)).rejects.toThrow(/Response/);
});

it('lets others in between the pieces', async () => {
  let turns = 0;
  let next = setImmediate(function again() {
    turns++;
    next = setImmediate(again);
  });
  await answerInTurns(schema, answer(100_000), route);
  clearImmediate(next);
  expect(turns).toBeGreaterThan(2);
});
