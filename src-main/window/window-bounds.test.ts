import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundsFor, type Rectangle } from './window-bounds.ts';

const laptop = { x: 0, y: 25, width: 1440, height: 875 };
const second = { x: 1440, y: 0, width: 2560, height: 1400 };
const was = (rectangle: Rectangle) => ({ ...rectangle, isMaximized: false });

describe('the window opens', () => {
  it('in the middle of the first screen, the first time', () => {
    expect(boundsFor(undefined, [laptop])).toEqual({ x: 80, y: 62, width: 1280, height: 800 });
  });

  it('where it was, also on the second screen', () => {
    const there = { x: 1700, y: 100, width: 1200, height: 900 };
    expect(boundsFor(was(there), [laptop, second])).toEqual(there);
  });

  it.each([
    ['on a screen that is gone', { x: 1700, y: 100, width: 1200, height: 800 }],
    ['far left of everything', { x: -32_000, y: -32_000, width: 1200, height: 800 }],
    ['with its title bar above the screen', { x: 10, y: -400, width: 1200, height: 800 }],
    ['below the screen', { x: 10, y: 1_800, width: 1200, height: 800 }],
  ])('in the middle again when it was %s', (_, there) => {
    expect(boundsFor(was(there), [laptop])).toEqual({ x: 120, y: 62, width: 1200, height: 800 });
  });

  it('no larger than the screen, and whole', () => {
    expect(boundsFor(was({ x: 900, y: 500, width: 3000, height: 2000 }), [laptop])).toEqual(laptop);
    expect(boundsFor(was({ x: 900, y: 100, width: 1000, height: 700 }), [laptop])).toEqual({
      x: 440,
      y: 100,
      width: 1000,
      height: 700,
    });
  });

  it('inside a screen, whatever is remembered', () => {
    const number = fc.integer({ min: -40_000, max: 40_000 });
    const size = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(number, number, size, size, (x, y, width, height) => {
        const at = boundsFor(was({ x, y, width, height }), [laptop, second]);
        return [laptop, second].some(
          area =>
            at.x >= area.x &&
            at.y >= area.y &&
            at.x + at.width <= area.x + area.width &&
            at.y + at.height <= area.y + area.height,
        );
      }),
    );
  });
});
