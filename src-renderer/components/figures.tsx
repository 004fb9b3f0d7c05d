import { SimpleGrid, Skeleton, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

/** One figure above the fold. `label` is its accessible name as well. */
export interface FigureProps {
  readonly label: string;
  /** `undefined` while it loads. */
  readonly value: ReactNode | undefined;
  readonly below?: ReactNode;
  readonly tone?: 'saving' | 'risk' | undefined;
  readonly href?: string | undefined;
}

/** Up to four figures in a row. */
export function Figures({ figures }: { readonly figures: readonly FigureProps[] }) {
  return (
    <SimpleGrid cols={{ base: 2, md: Math.min(4, figures.length) }} spacing="md">
      {figures.map(figure => (
        <Figure key={figure.label} {...figure} />
      ))}
    </SimpleGrid>
  );
}

function Figure({ label, value, below, tone, href }: FigureProps) {
  const colour = tone === undefined ? undefined : `var(--co-${tone}-text)`;
  return (
    <div className="co-card" style={{ padding: '14px 16px', minWidth: 0, containerType: 'inline-size' }}>
      <Text size="sm" c="dimmed" fw={500}>
        {href === undefined ? (
          label
        ) : (
          <Link href={href} style={{ color: 'inherit' }}>
            {label}
          </Link>
        )}
      </Text>
      {/* A figure is a group of its own, so that it can be found by its name. */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms. */}
      <div role="group" aria-label={label}>
        {value === undefined ? (
          <Skeleton height={26} width={120} my={5} />
        ) : (
          <Text
            {...(isLong(value)
              ? { fz: 17, lh: 1.25, mih: 35, lineClamp: 2 }
              : { fz: 'clamp(18px, 10.5cqi, 26px)', lh: '35px', truncate: true })}
            fw={650}
            {...(colour === undefined ? {} : { c: colour })}
          >
            {value}
          </Text>
        )}
        <Text
          size="sm"
          c="dimmed"
          component="div"
          mih={20}
          {...(typeof below === 'string' ? { lineClamp: 2, title: below } : {})}
        >
          {below}
        </Text>
      </div>
    </div>
  );
}

/** Words, such as the name of a model, that would be cut off in the size of a figure. */
function isLong(value: ReactNode): boolean {
  return typeof value === 'string' && value.length > 13;
}
