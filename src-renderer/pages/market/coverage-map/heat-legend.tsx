import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { type CoverageCell, coverageCells } from '../../../../common/contracts/index.ts';
import { CELL_MEANINGS, CELL_NAMES } from './cell-words.ts';
import { heatStyles } from './draw-heatmap.ts';

/** What the fills mean, drawn by the same brush as the map. */
export function HeatLegend() {
  return (
    <div className="co-legend" style={{ padding: '10px 16px' }}>
      {coverageCells.map(cell => (
        <span key={cell} title={CELL_MEANINGS[cell]}>
          <LegendTile cell={cell} />
          {CELL_NAMES[cell]}
        </span>
      ))}
      <span>The upright line marks how far back EC2 reaches: 90 days.</span>
    </div>
  );
}

function LegendTile({ cell }: { readonly cell: CoverageCell }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme('dark');
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.fillStyle = heatStyles(context, scheme).fills[cell];
    context.fillRect(0, 0, 24, 14);
  }, [cell, scheme]);
  return <canvas ref={canvas} width={24} height={14} aria-hidden style={{ borderRadius: 3 }} />;
}
