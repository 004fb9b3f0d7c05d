import { expect, it } from 'vitest';
import type { FillProgress, Model } from '../../../common/contracts/index.ts';
import { byImportance, lastFill, modelsInFocus } from './model-order.ts';

const model = (id: string, fields: Partial<Model> = {}) =>
  ({
    id,
    state: 'gap-open',
    aliases: [],
    uploadedAt: 0,
    manifest: { name: id, version: '1' },
    ...fields,
  }) as unknown as Model;
const fill = (modelId: string, state: FillProgress['state'], startedAt: number | null) =>
  [`${modelId}${startedAt}`, { modelId, state, startedAt } as FillProgress] as const;
const idsOf = (models: readonly Model[]) => models.map(({ id }) => id);

it('orders champion, challenger, usable, ended', () => {
  const models = [
    model('retired', { state: 'retired', uploadedAt: 9 }),
    model('new', { uploadedAt: 5 }),
    model('challenger', { aliases: ['challenger'] }),
    model('old', { uploadedAt: 1 }),
    model('champion', { aliases: ['champion'] }),
  ];
  expect(idsOf(models.toSorted(byImportance))).toEqual(['champion', 'challenger', 'new', 'old', 'retired']);
});

it('looks at the champion, and at what is being filled', () => {
  const champion = model('c', { aliases: ['champion'], state: 'active' });
  const models = [champion, model('a'), model('b')];
  expect(idsOf(modelsInFocus(models, new Map()))).toEqual(['c']);
  expect(idsOf(modelsInFocus(models, new Map([fill('b', 'running', 1)])))).toEqual(['c', 'b']);
});

it('without a champion looks at what could become one, and stays with what was filled', () => {
  const models = [
    model('a', { uploadedAt: 2 }),
    model('b'),
    model('x', { state: 'rejected', uploadedAt: 3 }),
  ];
  expect(idsOf(modelsInFocus(models, undefined))).toEqual(['a']);
  expect(idsOf(modelsInFocus(models, new Map([fill('b', 'cancelled', 1)])))).toEqual(['b']);
  expect(idsOf(modelsInFocus([...models, model('r', { state: 'ready' })], undefined))).toEqual(['r']);
});

it('takes the fill that waits for its turn for the newest', () => {
  const fills = new Map([fill('a', 'cancelled', 5), fill('a', 'queued', null), fill('a', 'failed', 7)]);
  expect(lastFill(fills, 'a')?.state).toBe('queued');
});
