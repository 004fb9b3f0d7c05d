import { useMemo } from 'react';
import type { Interval, PricePoint } from '../../../common/contracts/index.ts';
import { counted } from '../number-text.ts';
import { priceSteps } from './price-steps.ts';
import { type ChartLine, TimeChart } from './time-chart.tsx';

/** Unit of prices on axes and in hover boxes. */
export const USD_PER_HOUR = { before: '$', after: '/h' };

/** The price of a pool over time, with holes as gaps. */
export function PriceChart(props: {
  readonly label: string;
  readonly points: readonly PricePoint[];
  readonly holes: readonly Interval[];
  readonly toMs: number;
  readonly height?: number;
}) {
  const { label, points, holes, toMs, height = 300 } = props;
  const lines = useMemo<ChartLine[]>(
    () => [
      {
        label: 'Spot price',
        ...priceSteps(points, holes, toMs),
        colour: '--co-spot',
        style: 'solid',
        shape: 'step',
      },
    ],
    [points, holes, toMs],
  );
  const name = holes.length === 0 ? label : `${label}, with ${counted(holes.length, 'hole')}`;
  return <TimeChart label={name} lines={lines} unit={USD_PER_HOUR} height={height} />;
}
