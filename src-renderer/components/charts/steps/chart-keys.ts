import type { KeyboardEvent } from 'react';
import type uPlot from 'uplot';

/** Does what a key asks for. @returns whether it asked for anything */
export function actOnKey(
  plot: uPlot,
  { key, shiftKey }: KeyboardEvent,
  whole: { readonly fromS: number; readonly toS: number },
): boolean {
  const { min, max } = plot.scales.x ?? {};
  if (min == null || max == null) return false;
  const { left = -1, top } = plot.cursor;
  const middle = left < 0 ? plot.over.clientWidth / 2 : left;
  const show = (from: number, to: number) => {
    const length = Math.min(to - from, whole.toS - whole.fromS);
    const start = Math.min(Math.max(from, whole.fromS), whole.toS - length);
    plot.setScale('x', { min: start, max: start + length });
  };
  const arrow = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0;
  if (arrow !== 0 && shiftKey) show(min + (arrow * (max - min)) / 5, max + (arrow * (max - min)) / 5);
  else if (arrow !== 0) {
    const next = Math.min(Math.max(middle + arrow * 8, 0), plot.over.clientWidth);
    plot.setCursor({ left: next, top: top ?? plot.over.clientHeight / 2 });
  } else if (key === 'ArrowUp' || key === 'ArrowDown') {
    const next = (top ?? plot.over.clientHeight / 2) + (key === 'ArrowUp' ? -8 : 8);
    plot.setCursor({ left: middle, top: Math.min(Math.max(next, 0), plot.over.clientHeight) });
  } else if (key === '+' || key === '=' || key === '-') {
    const at = plot.posToVal(middle, 'x');
    const factor = key === '-' ? 2 : 0.5;
    show(at - (at - min) * factor, at + (max - at) * factor);
  } else if (key === '0') show(whole.fromS, whole.toS);
  else if (key === 'Escape' && left >= 0) plot.setCursor({ left: -1, top: -1 });
  else return false;
  return true;
}
