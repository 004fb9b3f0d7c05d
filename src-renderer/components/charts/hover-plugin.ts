import type uPlot from 'uplot';
import { formatExact } from '../time-text.ts';

/** Says in words what is under the pointer: the time and the value of each line in force there. */
export function hoverPlugin(format: (value: number) => string): uPlot.Plugin {
  const box = document.createElement('div');
  Object.assign(box.style, {
    position: 'absolute',
    zIndex: '5',
    pointerEvents: 'none',
    display: 'none',
    padding: '8px 10px',
    borderRadius: '8px',
    fontSize: '12px',
    lineHeight: '1.5',
    whiteSpace: 'pre',
    background: 'var(--co-card)',
    border: '1px solid var(--co-faint)',
    boxShadow: '0 4px 16px rgb(0 0 0 / 20%)',
  });
  return {
    hooks: {
      init: plot => {
        plot.over.appendChild(box);
        plot.over.addEventListener('mouseleave', () => {
          box.style.display = 'none';
        });
      },
      setCursor: plot => {
        const { idx, left = -1, top = 0 } = plot.cursor;
        const at = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        if (idx === null || idx === undefined || at === undefined || left < 0) {
          box.style.display = 'none';
          return;
        }
        const lines = plot.series.slice(1).flatMap((series, index) => {
          const value = valueInForce(plot.data[index + 1], idx);
          return value === undefined ? [] : [`${String(series.label)}: ${format(value)}`];
        });
        box.textContent = [formatExact(at * 1000), ...lines].join('\n');
        box.style.display = 'block';
        const isRight = left > plot.over.clientWidth / 2;
        box.style.left = `${isRight ? left - box.offsetWidth - 14 : left + 14}px`;
        box.style.top = `${Math.max(0, Math.min(top, plot.over.clientHeight - box.offsetHeight))}px`;
      },
    },
  };
}

/** The value at an index, or the last one before it: aligned lines hold `undefined` where they have no point. */
function valueInForce(
  values: ArrayLike<number | null | undefined> | undefined,
  index: number,
): number | undefined {
  for (let at = index; values && at >= 0; at--) {
    const value = values[at];
    if (value === null) return undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}
