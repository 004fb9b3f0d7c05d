import { describe, expect, it } from 'vitest';
import { trainedUntilIn } from './trained-until.ts';

describe('until when a model was trained', () => {
  it.each([
    // What the reader makes of datetime.date, datetime.datetime and pandas.Timestamp.
    ['2025-10-31', '2025-10-31T00:00:00Z'],
    ['2025-11-02T03:04:05', '2025-11-02T03:04:05Z'],
    ['2025-11-02T03:04:05.123456', '2025-11-02T03:04:05.123Z'],
    ['2025-11-02T03:04:05+02:00', '2025-11-02T01:04:05Z'],
    ['2025-11-02T00:30:00-05:30', '2025-11-02T06:00:00Z'],
    // What people write themselves.
    ['2025-11-02 03:04', '2025-11-02T03:04:00Z'],
    ['2025-11-02 03:04:05 UTC', '2025-11-02T03:04:05Z'],
    ['2025-11-02T03:04:05+0200', '2025-11-02T01:04:05Z'],
    [1_761_868_800, '2025-10-31T00:00:00Z'],
    [1_761_868_800_000, '2025-10-31T00:00:00Z'],
    [1_761_868_800.5, '2025-10-31T00:00:00.500Z'],
  ])('%s is %s', (value, text) => {
    expect(trainedUntilIn({ trained_until: value })).toBe(text);
  });

  it.each(['31.10.2025', '10/31/2025', '2025-02-30', '2025-13-01', 'yesterday', '', 20251031, 0, -1, 1e20])(
    'does not guess what %s means',
    value => {
      expect(trainedUntilIn({ trained_until: value })).toBeUndefined();
    },
  );

  it('is found under its usual names and nowhere else', () => {
    expect(trainedUntilIn({ trainedUntil: '2025-10-31' })).toBe('2025-10-31T00:00:00Z');
    expect(trainedUntilIn({ trained_at: '2025-10-31', created: '2025-10-31' })).toBeUndefined();
    expect(trainedUntilIn({})).toBeUndefined();
  });
});
