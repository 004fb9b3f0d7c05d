import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreeOn, parseVersions, versionsText } from './agree-versions.ts';

const speaker = fc
  .record({ current: fc.integer({ min: 1, max: 6 }), back: fc.integer({ min: 0, max: 5 }) })
  .map(({ current, back }) => ({ current, oldest: Math.max(1, current - back) }));

describe('two engines', () => {
  it('of the same version exchange everything', () => {
    expect(agreeOn({ current: 3, oldest: 1 }, { current: 3, oldest: 3 })).toEqual({ mode: 'full' });
  });

  it('of different versions only read while the newer understands the older', () => {
    expect(agreeOn({ current: 3, oldest: 2 }, { current: 2, oldest: 1 })).toEqual({ mode: 'read-only' });
    expect(agreeOn({ current: 3, oldest: 3 }, { current: 2, oldest: 1 })).toEqual({
      refused:
        'Version 2 of sync, which the other engine speaks, is too old: the other side speaks 3 and understands 3 at the least.',
    });
    expect(agreeOn({ current: 2, oldest: 1 }, { current: 3, oldest: 3 })).toMatchObject({
      refused: expect.stringContaining('this engine speaks'),
    });
  });

  it('come to the same, whoever asks', () => {
    fc.assert(
      fc.property(speaker, speaker, (a, b) => {
        const kind = (one: object) => ('mode' in one ? one.mode : 'refused');
        expect(kind(agreeOn(a, b))).toBe(kind(agreeOn(b, a)));
      }),
      { seed: 7 },
    );
  });

  it('say their versions in a header, and nothing else is read from one', () => {
    fc.assert(
      fc.property(speaker, one => {
        expect(parseVersions(versionsText(one))).toEqual(one);
      }),
      { seed: 7 },
    );
    for (const text of [undefined, '', '1', 'a-b', '1-1-1', '-1-1', ['1-1']])
      expect(parseVersions(text)).toBeUndefined();
  });
});
