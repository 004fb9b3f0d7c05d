import type { ReactNode } from 'react';

/** A part of a page under a heading of its own; a landmark that assistive technology can jump to. */
export function Card({
  title,
  label = title,
  aside,
  children,
  padded = true,
}: {
  readonly title: string;
  /** Name of the landmark where it says more than the title. */
  readonly label?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  /** Tables go to the edge. */
  readonly padded?: boolean;
}) {
  return (
    <section className="co-card" aria-label={label}>
      <header>
        <h2>{title}</h2>
        <div style={{ marginLeft: 'auto', display: 'flex', gap: 8, alignItems: 'center' }}>{aside}</div>
      </header>
      <div style={padded ? { padding: 16 } : undefined}>{children}</div>
    </section>
  );
}
