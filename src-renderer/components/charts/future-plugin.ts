import type uPlot from 'uplot';

/** Tints what lies after `nowMs` and draws a line there. */
export function futurePlugin(nowMs: number | undefined, tint: string, line: string): uPlot.Plugin {
  return {
    hooks: {
      drawClear: plot => {
        if (nowMs === undefined) return;
        const { left, top, width, height } = plot.bbox;
        const x = plot.valToPos(nowMs / 1000, 'x', true);
        if (x >= left + width) return;
        const from = Math.max(left, x);
        const { ctx } = plot;
        ctx.save();
        ctx.fillStyle = tint;
        ctx.fillRect(from, top, left + width - from, height);
        if (x >= left) {
          ctx.strokeStyle = line;
          ctx.lineWidth = devicePixelRatio;
          ctx.beginPath();
          ctx.moveTo(x, top);
          ctx.lineTo(x, top + height);
          ctx.stroke();
          ctx.fillStyle = line;
          ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
          ctx.fillText('now', x + 5 * devicePixelRatio, top + 12 * devicePixelRatio);
        }
        ctx.restore();
      },
    },
  };
}
