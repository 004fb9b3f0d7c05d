import { formatMoment } from '../../time-text.ts';
import { pointNumber } from '../axis-number.ts';

/** A line under the pointer. */
export interface TipLine {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly value: number;
  readonly sinceS: number;
}

/** What is under the pointer: the moment, and each line's price with since when it holds. */
export function StepsTip(props: {
  readonly atText: string;
  readonly lines: readonly TipLine[];
  readonly more: number;
  readonly nearest: string | undefined;
  readonly left: number;
  readonly top: number;
  readonly isRight: boolean;
  readonly width: number;
  readonly height: number;
}) {
  const { atText, lines, more, nearest, left, top, isRight, width, height } = props;
  const tall = 46 + 19 * lines.length + (more > 0 ? 19 : 0);
  return (
    <output
      className="co-tip"
      style={{
        ...(isRight ? { right: width - left + 14 } : { left: left + 14 }),
        top: Math.max(0, Math.min(top - 10, height - tall)),
      }}
    >
      <b>{atText}</b>
      {lines.length === 0 ? <div>No price on disk here.</div> : null}
      {lines.map(line => (
        <div
          key={line.id}
          style={{
            display: 'flex',
            alignItems: 'center',
            gap: 7,
            fontWeight: line.id === nearest ? 650 : 400,
          }}
        >
          <span className="co-swatch" style={{ background: line.colour }} />
          <span style={{ flex: 1 }}>{line.label}</span>
          <span style={{ paddingLeft: 12 }}>${pointNumber(line.value)}/h</span>
          <span style={{ color: 'var(--co-muted)' }}>since {formatMoment(line.sinceS * 1_000)}</span>
        </div>
      ))}
      {more > 0 ? (
        <div style={{ color: 'var(--co-muted)' }}>and {more.toLocaleString('en-US')} more</div>
      ) : null}
    </output>
  );
}
