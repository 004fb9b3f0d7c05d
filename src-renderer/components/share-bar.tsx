import { Tooltip } from '@mantine/core';
import { formatShare } from './number-text.ts';
import { UnknownText } from './unknown-text.tsx';

/** A share 0…1 as a bar with its figure, and a second one (what is used) as a line on it. */
export function ShareBar({
  share,
  line,
  label,
}: {
  readonly share: number | null;
  readonly line?: number | null | undefined;
  readonly label: string;
}) {
  if (share === null) return <UnknownText reason="The agent has reported no nodes yet." />;
  const used = line === undefined || line === null ? '' : `, ${formatShare(line)} used`;
  return (
    <Tooltip label={`${label}: ${formatShare(share)} requested${used}`}>
      <span style={{ display: 'inline-flex', alignItems: 'center', gap: 8 }}>
        <span
          aria-hidden
          style={{
            position: 'relative',
            width: 64,
            height: 8,
            borderRadius: 4,
            background: 'var(--co-faint)',
            overflow: 'hidden',
          }}
        >
          <span
            style={{
              position: 'absolute',
              inset: 0,
              width: `${Math.min(100, share * 100)}%`,
              background: 'var(--co-spot)',
            }}
          />
          {used === '' ? null : (
            <span
              style={{
                position: 'absolute',
                top: 0,
                bottom: 0,
                left: `${Math.min(98, (line ?? 0) * 100)}%`,
                width: 2,
                background: 'var(--mantine-color-text)',
              }}
            />
          )}
        </span>
        <span style={{ minWidth: 44 }}>{formatShare(share)}</span>
      </span>
    </Tooltip>
  );
}
