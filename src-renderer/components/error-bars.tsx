import { threeDigits } from './number-text.ts';

/** Mean errors in USD per hour beside each other, from zero. */
export function ErrorBars({
  bars,
}: {
  readonly bars: readonly { readonly label: string; readonly valueUsd: number; readonly colour: string }[];
}) {
  const most = Math.max(...bars.map(({ valueUsd }) => valueUsd), Number.MIN_VALUE);
  return (
    <dl
      style={{
        display: 'grid',
        gridTemplateColumns: 'max-content 1fr max-content',
        gap: '6px 12px',
        alignItems: 'center',
        margin: 0,
        fontSize: '0.8125rem',
      }}
    >
      {bars.map(({ label, valueUsd, colour }) => (
        <div key={label} style={{ display: 'contents' }}>
          <dt style={{ color: 'var(--co-muted)' }}>{label}</dt>
          <dd aria-hidden style={{ margin: 0, height: 10, borderRadius: 3, background: 'var(--co-line)' }}>
            <div
              style={{
                width: `${(100 * valueUsd) / most}%`,
                height: '100%',
                borderRadius: 3,
                background: `var(${colour})`,
              }}
            />
          </dd>
          <dd style={{ margin: 0, textAlign: 'right' }}>${threeDigits(valueUsd)}/h</dd>
        </div>
      ))}
    </dl>
  );
}
