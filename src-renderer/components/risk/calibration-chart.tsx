import { Text } from '@mantine/core';
import { counted, formatShare } from '../number-text.ts';
import { placeOf, radiusOf, TICKS } from './calibration-scale.ts';
import type { RiskBin } from './risk-bin.ts';

const SIZE = { width: 460, height: 330, left: 62, bottom: 44, top: 12, right: 30 };

/** Predicted probabilities against what happened, both on a logarithmic scale: on the diagonal they are right. */
export function CalibrationChart({
  bins,
  what,
}: {
  readonly bins: readonly RiskBin[];
  /** What is counted: one, and many of them. */
  readonly what: readonly [one: string, many: string];
}) {
  const { width, height, left, bottom, top, right } = SIZE;
  const x = (share: number) => left + placeOf(share) * (width - left - right);
  const y = (share: number) => height - bottom - placeOf(share) * (height - top - bottom);
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const words = bins.map(
    bin => `predicted ${formatShare(bin.predicted)}, happened ${formatShare(bin.observed)}`,
  );
  return (
    <figure style={{ margin: 0 }}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={`Calibration: ${words.join('; ')}`}
        style={{ width: '100%', maxWidth: 620, display: 'block' }}
        fontSize={11}
      >
        {TICKS.map(tick => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={top} y2={height - bottom} stroke="var(--co-line)" />
            <line x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} stroke="var(--co-line)" />
            <text x={x(tick)} y={height - bottom + 16} textAnchor="middle" fill="var(--co-muted)">
              {formatShare(tick)}
            </text>
            <text x={left - 7} y={y(tick) + 4} textAnchor="end" fill="var(--co-muted)">
              {formatShare(tick)}
            </text>
          </g>
        ))}
        <line
          x1={x(0)}
          y1={y(0)}
          x2={x(1)}
          y2={y(1)}
          stroke="var(--co-unknown)"
          strokeWidth={1.2}
          strokeDasharray="6 4"
        />
        {bins.map((bin, index) => (
          <circle
            key={bin.from}
            cx={x(bin.predicted)}
            cy={y(bin.observed)}
            r={radiusOf(bin.count, most)}
            fill="color-mix(in srgb, var(--co-spot) 45%, transparent)"
            stroke="var(--co-spot)"
            strokeWidth={1.5}
          >
            <title>{`${words[index]}; ${counted(bin.count, ...what)}`}</title>
          </circle>
        ))}
        <text x={(left + width - right) / 2} y={height - 8} textAnchor="middle" fill="var(--co-muted)">
          predicted
        </text>
        <text
          transform={`translate(13 ${(top + height - bottom) / 2}) rotate(-90)`}
          textAnchor="middle"
          fill="var(--co-muted)"
        >
          happened
        </text>
      </svg>
      <Text component="figcaption" size="sm" c="dimmed" mt={4}>
        On the dashed line predictions are right; above it more happened than was predicted. Larger dots stand
        for more {what[1]}.
      </Text>
    </figure>
  );
}
