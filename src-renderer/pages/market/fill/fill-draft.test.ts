import { describe, expect, it } from 'vitest';
import { emptyDraft, problemOf, requestOf } from './fill-draft.ts';

const nowMs = Date.UTC(2026, 10, 26, 12);

describe('the draft of a fill', () => {
  it('asks for all that EC2 keeps up to now, unless told', () => {
    const draft = emptyDraft(nowMs, { regions: ['eu-west-1'] });
    expect(problemOf(draft, nowMs)).toBeUndefined();
    expect(requestOf(draft, nowMs)).toEqual({
      scope: { regions: ['eu-west-1'], instanceTypes: [], products: ['Linux/UNIX'] },
      fromMs: Date.UTC(2026, 7, 28),
    });
  });

  it('fills the last day to its end, and a day that has not ended up to now', () => {
    const draft = emptyDraft(nowMs, { regions: ['eu-west-1'], fromDay: '2026-11-01', toDay: '2026-11-02' });
    expect(requestOf({ ...draft, again: true }, nowMs)).toMatchObject({
      toMs: Date.UTC(2026, 10, 3),
      again: true,
    });
    expect(requestOf({ ...draft, toDay: '2026-11-26' }, nowMs)).not.toHaveProperty('toMs');
  });

  it('says what is wrong with which value', () => {
    const draft = emptyDraft(nowMs);
    expect(problemOf(draft, nowMs)).toBe('Name a region.');
    expect(problemOf({ ...draft, regions: ['Ireland'] }, nowMs)).toContain('"Ireland" is no region');
    const named = { ...draft, regions: ['eu-west-1'] };
    expect(problemOf({ ...named, toDay: '2026-01-01' }, nowMs)).toContain('before the first one');
    expect(problemOf({ ...named, fromDay: '2027-01-01' }, nowMs)).toContain('not in the past');
    expect(problemOf({ ...draft, modelId: 'm' }, nowMs)).toBeUndefined();
    expect(requestOf({ ...draft, modelId: 'm' }, nowMs)).toEqual({ modelId: 'm' });
  });
});
