import { expect, it } from 'vitest';
import { squarify } from './treemap.ts';

const area = { x: 10, y: 5, width: 600, height: 400 };

it('fills the area with rectangles of the right size', () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], area);
  const areas = boxes.map(box => Math.round(box.width * box.height));
  expect(areas).toEqual([60_000, 60_000, 40_000, 30_000, 20_000, 20_000, 10_000]);
});

it('stays inside the area and overlaps nowhere', () => {
  const boxes = squarify([6, 6, 4, 3, 2, 2, 1], area);
  for (const [index, a] of boxes.entries()) {
    expect(a.x).toBeGreaterThanOrEqual(9.999);
    expect(a.x + a.width).toBeLessThanOrEqual(610.001);
    expect(a.y + a.height).toBeLessThanOrEqual(405.001);
    for (const b of boxes.slice(index + 1)) {
      const isApart =
        a.x + a.width <= b.x + 0.001 ||
        b.x + b.width <= a.x + 0.001 ||
        a.y + a.height <= b.y + 0.001 ||
        b.y + b.height <= a.y + 0.001;
      expect(isApart).toBe(true);
    }
  }
});

it('keeps equal tiles near squares', () => {
  const boxes = squarify(
    Array.from({ length: 24 }, () => 1),
    area,
  );
  for (const { width, height } of boxes) expect(Math.max(width / height, height / width)).toBeLessThan(2);
});

it('draws nothing without room', () => {
  expect(squarify([1, 2], { x: 0, y: 0, width: 0, height: 10 })).toEqual([]);
});
