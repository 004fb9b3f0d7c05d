import { z } from 'zod';

/** A rectangle of the desktop, in device-independent pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What is remembered of the window: where it is when it is not maximised, and whether it is. */
export const windowMemory = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  isMaximized: z.boolean(),
});
export type WindowMemory = z.output<typeof windowMemory>;

export const MIN_SIZE = { width: 960, height: 600 };
const FIRST_SIZE = { width: 1280, height: 800 };

/** So much of the title bar has to be on a screen for a person to take hold of it. */
const GRIP = { width: 120, height: 24 };

/**
 * Where the window is to open: where it was, unless no screen shows its title bar any more; never larger than its screen.
 * @param areas of the screens without bars of the system, that of the first screen first; at least one
 */
export function boundsFor(
  memory: WindowMemory | undefined,
  areas: readonly [Rectangle, ...Rectangle[]],
): Rectangle {
  const home = memory && areas.find(area => hasGrip(memory, area));
  if (memory && home) {
    const size = fitting(memory, home);
    return {
      x: clamp(memory.x, home.x, home.x + home.width - size.width),
      y: clamp(memory.y, home.y, home.y + home.height - size.height),
      ...size,
    };
  }
  const [area] = areas;
  const size = fitting(memory ?? FIRST_SIZE, area);
  return {
    x: area.x + Math.floor((area.width - size.width) / 2),
    y: area.y + Math.floor((area.height - size.height) / 2),
    ...size,
  };
}

function hasGrip({ x, y, width }: Rectangle, area: Rectangle): boolean {
  const shown = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return shown >= GRIP.width && y >= area.y && y + GRIP.height <= area.y + area.height;
}

function fitting({ width, height }: { width: number; height: number }, area: Rectangle) {
  return {
    width: Math.min(Math.max(width, MIN_SIZE.width), area.width),
    height: Math.min(Math.max(height, MIN_SIZE.height), area.height),
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
