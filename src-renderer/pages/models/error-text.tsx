import { Text, Tooltip } from '@mantine/core';
import type { ForecastSummary } from '../../../common/contracts/index.ts';
import { UnknownText } from '../../components/unknown-text.tsx';
import { errorAgainstPersistence } from './error-against-persistence.ts';

/** A model's error against persistence in a few signs, its whole sentence on hover. */
export function ErrorText({ summary }: { readonly summary: ForecastSummary | undefined }) {
  const error = errorAgainstPersistence(summary);
  if (error.kind === 'unknown') return <UnknownText reason={error.reason} />;
  return (
    <Tooltip label={error.sentence}>
      <Text span inherit className="co-hint" {...(error.isBetter ? { c: 'var(--co-saving-text)' } : {})}>
        {error.text}
      </Text>
    </Tooltip>
  );
}
