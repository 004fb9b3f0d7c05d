import { diffLines } from 'diff';
import { useMemo } from 'react';

/** Lines around a change that are shown, so that one sees where it is. */
const CONTEXT = 2;

interface Line {
  readonly mark: '+' | '−' | ' ' | '…';
  readonly text: string;
}

/** What differs between two texts, line by line; sameness is folded away. Signs say it, colour repeats it. */
export function YamlDiff({
  before,
  after,
  label,
}: {
  readonly before: string;
  readonly after: string;
  readonly label: string;
}) {
  const lines = useMemo(() => changedLines(before, after), [before, after]);
  if (lines.length === 0) return <p style={{ color: 'var(--co-muted)', margin: 0 }}>Nothing differs.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section className="co-diff" aria-label={label} tabIndex={0}>
      {lines.map(({ mark, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other name than their place
        <span key={index} data-mark={mark}>
          {mark} {text}
          {'\n'}
        </span>
      ))}
    </section>
  );
}

function changedLines(before: string, after: string): Line[] {
  const all = diffLines(before, after).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, '')
      .split('\n')
      .map((text): Line => ({ mark: added ? '+' : removed ? '−' : ' ', text })),
  );
  const isNear = all.map((_, index) =>
    all.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' '),
  );
  if (!isNear.includes(true)) return [];
  return all.flatMap((line, index) => {
    if (isNear[index]) return [line];
    return index === 0 || isNear[index - 1] ? [{ mark: '…' as const, text: '' }] : [];
  });
}
