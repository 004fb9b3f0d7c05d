import fc from 'fast-check';
import { expect, it } from 'vitest';
import { panBy, WHOLE, zoomAt } from './zoom.ts';

const size = { width: 600, height: 300 };

it('keeps what is under the pointer where it is', () => {
  const zoomed = zoomAt(WHOLE, 2, { x: 300, y: 150 }, size);
  expect(zoomed).toEqual({ scale: 2, x: 300, y: 150 });
  expect(zoomAt(zoomed, 0.5, { x: 300, y: 150 }, size)).toEqual(WHOLE);
});

it('never shows what is beyond the picture', () => {
  const step = fc.tuple(
    fc.double({ min: 0.2, max: 4, noNaN: true }),
    fc.integer({ min: 0, max: 600 }),
    fc.integer({ min: 0, max: 300 }),
    fc.integer({ min: -900, max: 900 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), steps => {
      let zoom = WHOLE;
      for (const [factor, x, y, by] of steps)
        zoom = panBy(zoomAt(zoom, factor, { x, y }, size), by, by, size);
      expect(zoom.x).toBeGreaterThanOrEqual(0);
      expect(zoom.x + size.width).toBeLessThanOrEqual(size.width * zoom.scale + 1e-6);
      expect(zoom.y + size.height).toBeLessThanOrEqual(size.height * zoom.scale + 1e-6);
    }),
  );
});
