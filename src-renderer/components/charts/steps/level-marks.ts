import type uPlot from 'uplot';

/** A level that holds all the time, drawn dashed. */
export interface LevelMark {
  readonly label: string;
  readonly value: number;
}

/** Draws levels over the grid, each with its label. */
export function drawMarks(plot: uPlot, marks: readonly LevelMark[], colour: string): void {
  const { ctx, bbox } = plot;
  const scale = window.devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.fillStyle = colour;
  ctx.lineWidth = 1.5 * scale;
  ctx.setLineDash([7 * scale, 5 * scale]);
  ctx.textAlign = 'left';
  ctx.textBaseline = 'alphabetic';
  ctx.font = `${11 * scale}px system-ui, sans-serif`;
  for (const { label, value } of marks) {
    const y = plot.valToPos(value, 'y', true);
    if (y < bbox.top - 1 || y > bbox.top + bbox.height + 1) continue;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(label, bbox.left + 6 * scale, y - 5 * scale);
  }
  ctx.restore();
}
