import type { ReactNode } from 'react';

/** What a badge means; colour is never the only carrier, the words are. */
export type Tone = 'good' | 'busy' | 'risk' | 'neutral' | 'on-demand';

const COLOURS: Record<Tone, string> = {
  good: 'saving',
  busy: 'spot',
  risk: 'risk',
  neutral: 'unknown',
  'on-demand': 'on-demand',
};

/** A state in a word with a dot in its colour. */
export function ToneBadge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const colour = `var(--co-${COLOURS[tone]})`;
  return (
    <span
      style={{
        display: 'inline-flex',
        alignItems: 'center',
        gap: 6,
        height: 22,
        padding: '0 9px 0 8px',
        borderRadius: 11,
        fontSize: '0.75rem',
        fontWeight: 560,
        whiteSpace: 'nowrap',
        color: 'var(--mantine-color-text)',
        background: `color-mix(in srgb, ${colour} 15%, transparent)`,
      }}
    >
      <span
        aria-hidden
        style={{ width: 7, height: 7, borderRadius: tone === 'risk' ? 1 : 4, background: colour }}
      />
      {children}
    </span>
  );
}
