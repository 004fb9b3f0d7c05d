import { type CoverageCell, coverageCells } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { cssColour } from '../../../components/css-colour.ts';
import { countsAt, type HeatMap } from './map-rows.ts';

export const ROW_HEIGHT = 18;
export const HEAD_HEIGHT = 26;
/** A date with its year and a gap. */
const LABEL_ROOM = 74;

/** Where things lie, in CSS pixels. */
export interface HeatLayout {
  readonly width: number;
  readonly height: number;
  readonly labelWidth: number;
  readonly dayWidth: number;
  readonly scrollTop: number;
}

export type HeatStyles = ReturnType<typeof heatStyles>;

/** Fills of the states. What is missing is hatched, what is retired is striped, a hole is solid: not by colour alone. */
export function heatStyles(context: CanvasRenderingContext2D, scheme: string) {
  const colour = (name: string) => cssColour(name, scheme);
  const pattern = (ground: string, line: string, draw: (tile: CanvasRenderingContext2D) => void) => {
    const tile = document.createElement('canvas');
    tile.width = 6;
    tile.height = 6;
    const brush = tile.getContext('2d');
    if (!brush) return ground;
    brush.fillStyle = ground;
    brush.fillRect(0, 0, 6, 6);
    brush.strokeStyle = line;
    brush.fillStyle = line;
    draw(brush);
    return context.createPattern(tile, 'repeat') ?? ground;
  };
  const stroke = (brush: CanvasRenderingContext2D, ...points: readonly (readonly number[])[]) => {
    brush.beginPath();
    for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of points) {
      brush.moveTo(x0, y0);
      brush.lineTo(x1, y1);
    }
    brush.stroke();
  };
  const ground = colour('--co-ground');
  const fills: Record<CoverageCell, string | CanvasPattern> = {
    h: colour('--co-spot'),
    p: pattern(ground, colour('--co-spot'), brush => {
      brush.lineWidth = 2;
      stroke(brush, [0, 6, 6, 0], [-3, 3, 3, -3], [3, 9, 9, 3]);
    }),
    n: pattern(ground, colour('--co-faint'), brush => {
      brush.lineWidth = 1.2;
      stroke(brush, [0, 0, 6, 6], [-3, 3, 3, 9], [3, -3, 9, 3]);
    }),
    o: colour('--co-risk'),
    r: pattern(ground, colour('--co-unknown'), brush => {
      brush.lineWidth = 2;
      stroke(brush, [0, 1, 6, 1], [0, 4, 6, 4]);
    }),
    b: pattern(ground, colour('--co-unknown'), brush => brush.fillRect(2, 2, 1.6, 1.6)),
  };
  return {
    fills,
    text: colour('--mantine-color-text'),
    muted: colour('--co-muted'),
    line: colour('--co-line'),
    card: colour('--co-card'),
  };
}

/** From the worst to the best, so that a single hole among hundreds of pools is seen. */
const ORDER: readonly CoverageCell[] = ['o', 'n', 'p', 'r', 'b', 'h'];

/** Draws the rows in sight, with their names, and the days above. */
export function drawHeatmap(
  context: CanvasRenderingContext2D,
  map: HeatMap,
  layout: HeatLayout,
  styles: HeatStyles,
  cursor: { readonly row: number; readonly day: number } | undefined,
): void {
  const { width, height, labelWidth, dayWidth, scrollTop } = layout;
  context.clearRect(0, 0, width, height);
  const first = Math.floor(scrollTop / ROW_HEIGHT);
  const last = Math.min(map.rows.length - 1, Math.ceil((scrollTop + height - HEAD_HEIGHT) / ROW_HEIGHT));
  context.save();
  context.beginPath();
  context.rect(0, HEAD_HEIGHT, width, height - HEAD_HEIGHT);
  context.clip();
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const gap = dayWidth >= 5 ? 1 : 0;
  for (let index = first; index <= last; index++) {
    const row = map.rows[index];
    if (!row) continue;
    const top = HEAD_HEIGHT + index * ROW_HEIGHT - scrollTop;
    context.fillStyle = cursor?.row === index ? styles.text : styles.muted;
    context.fillText(cutTo(context, row.label, labelWidth - 16), 8, top + ROW_HEIGHT / 2);
    for (let day = 0; day < map.days; day++) {
      const counts = countsAt(row, day);
      // Whole pixels, so that neighbours neither blend nor leave a seam.
      const left = Math.round(labelWidth + day * dayWidth);
      const right = Math.round(labelWidth + (day + 1) * dayWidth) - gap;
      let y = top;
      const end = top + ROW_HEIGHT - 2;
      for (const state of ORDER) {
        const count = counts[coverageCells.indexOf(state)] ?? 0;
        if (count === 0) continue;
        const share = (count / row.pools.length) * (end - top);
        const tall = state === 'h' ? end - y : Math.min(end - y, Math.max(3, Math.round(share)));
        context.fillStyle = styles.fills[state];
        context.fillRect(left, y, Math.max(1, right - left), tall);
        y += tall;
      }
    }
  }
  if (cursor) {
    context.strokeStyle = styles.text;
    context.lineWidth = 2;
    const top = HEAD_HEIGHT + cursor.row * ROW_HEIGHT - scrollTop;
    context.strokeRect(
      labelWidth + cursor.day * dayWidth - 1,
      top - 1,
      Math.max(3, dayWidth) + 1,
      ROW_HEIGHT,
    );
  }
  context.restore();
  drawDays(context, map, layout, styles);
}

function drawDays(
  context: CanvasRenderingContext2D,
  map: HeatMap,
  { width, height, labelWidth, dayWidth }: HeatLayout,
  styles: HeatStyles,
): void {
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  context.fillStyle = styles.muted;
  const isOld = map.fromMs < map.nowMs - 300 * MS_PER_DAY;
  const isByMonth = dayWidth < 3;
  // Every week or month where there is room, else every second, third… of them.
  const stride = Math.ceil(LABEL_ROOM / (dayWidth * (isByMonth ? 30 : 7)));
  let marked = 0;
  for (let day = 0; day < map.days; day++) {
    const at = new Date(map.fromMs + day * MS_PER_DAY);
    if (isByMonth ? at.getUTCDate() !== 1 : at.getUTCDay() !== 1) continue;
    if (marked++ % stride !== 0) continue;
    const left = labelWidth + day * dayWidth;
    const text = at.toLocaleDateString('en-GB', {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
      ...(isOld ? { year: '2-digit' } : {}),
    });
    if (left + context.measureText(text).width <= width) context.fillText(text, left, HEAD_HEIGHT / 2);
  }
  const reach = labelWidth + ((map.reachMs - map.fromMs) / MS_PER_DAY) * dayWidth;
  if (reach <= labelWidth || reach >= width) return;
  context.fillStyle = styles.text;
  context.fillRect(Math.round(reach), HEAD_HEIGHT - 6, 2, height - HEAD_HEIGHT + 6);
}

function cutTo(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let cut = text;
  while (cut.length > 1 && context.measureText(`${cut}…`).width > width) cut = cut.slice(0, -1);
  return `${cut}…`;
}
