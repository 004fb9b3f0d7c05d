import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AWAY, PoolAvailability, THERE, UNKNOWN } from './pool-availability.ts';

const pool = {
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
  instanceType: 'm5.large',
  product: 'Linux/UNIX',
};
const letters: Readonly<Record<string, number>> = { '-': AWAY, x: THERE, '?': UNKNOWN };
const stretch = (text: string, startMs = 0, stepMs = 10) => ({
  startMs,
  stepMs,
  states: Uint8Array.from(text, letter => letters[letter] ?? UNKNOWN),
});
const texts = (answers: Int8Array) => [...answers].map(answer => '?01'[answer + 1]).join('');

describe('PoolAvailability', () => {
  it('tells what was away then, and within the horizon after', () => {
    const seen = new PoolAvailability(pool, [stretch('xx-xx--xxx')]);
    const timesMs = Float64Array.from({ length: 10 }, (_, tick) => tick * 10);
    const { isAway, happened } = seen.outcomes(timesMs, 20);
    expect(texts(isAway)).toBe('0010011000');
    // The last two have no whole horizon.
    expect(texts(happened)).toBe('11011100??');
    expect(seen.interruptions).toBe(2);
    expect({ fromMs: seen.fromMs, toMs: seen.toMs }).toEqual({ fromMs: 0, toMs: 100 });
  });

  it('knows no outcome where nobody looked for a part of the horizon, even if it was away in another', () => {
    const seen = new PoolAvailability(pool, [stretch('x-?xxx')]);
    const { isAway, happened } = seen.outcomes(Float64Array.of(0, 10, 20, 30), 20);
    expect(texts(isAway)).toBe('01?0');
    expect(texts(happened)).toBe('??00');
  });

  it('knows nothing between two recordings, nor of a horizon shorter than a tick', () => {
    const seen = new PoolAvailability(pool, [stretch('xxx'), stretch('--x', 100)]);
    const { isAway, happened } = seen.outcomes(Float64Array.of(0, 20, 50, 100), 10);
    expect(texts(isAway)).toBe('00?1');
    expect(texts(happened)).toBe('0??1');
    expect(texts(seen.outcomes(Float64Array.of(0), 9).happened)).toBe('?');
  });

  it('counts an interruption once, however many horizons hold it, and only where one does', () => {
    const seen = new PoolAvailability(pool, [stretch('xxx-xxxxxx-x')]);
    expect(seen.interruptionsWithin(Float64Array.of(0, 10, 20), 30)).toBe(1);
    expect(seen.interruptionsWithin(Float64Array.of(0, 80), 30)).toBe(2);
    expect(seen.interruptionsWithin(Float64Array.of(40), 30)).toBe(0);
  });

  it('agrees with looking at each tick', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('x', '-', '?', 'x'), minLength: 1, maxLength: 40 }),
        fc.integer({ min: 0, max: 45 }),
        fc.integer({ min: 1, max: 8 }),
        (text, now, ahead) => {
          const seen = new PoolAvailability(pool, [stretch(text)]);
          const { isAway, happened } = seen.outcomes(Float64Array.of(now * 10 + 3), ahead * 10);
          const later = text.slice(now + 1, now + 1 + ahead);
          const expected = { x: '0', '-': '1' }[text[now] ?? '?'] ?? '?';
          expect(texts(isAway)).toBe(expected);
          const isKnown = now < text.length && later.length === ahead && !later.includes('?');
          expect(texts(happened)).toBe(isKnown ? (later.includes('-') ? '1' : '0') : '?');
        },
      ),
    );
  });
});
