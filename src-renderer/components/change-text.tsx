import { Text, VisuallyHidden } from '@mantine/core';

/** What is asked for now and what should be: `1 core → 349 m`; one figure where they are the same. */
export function ChangeText({
  now,
  next,
  format,
}: {
  readonly now: number | null;
  readonly next: number | null;
  readonly format: (value: number) => string;
}) {
  const text = (value: number | null) => (value === null ? 'none' : format(value));
  if (now === next) {
    return (
      <Text span inherit c="dimmed">
        {text(now)}
      </Text>
    );
  }
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      <Text span inherit c="dimmed">
        {text(now)}
      </Text>{' '}
      <span aria-hidden>→</span>
      <VisuallyHidden component="span"> to </VisuallyHidden> <b style={{ fontWeight: 620 }}>{text(next)}</b>
    </span>
  );
}
