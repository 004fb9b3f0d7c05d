import { Text } from '@mantine/core';
import type { ModelDraft } from '../../../../common/contracts/index.ts';
import { formatBytes } from '../../../../common/units/index.ts';
import { counted } from '../../../components/number-text.ts';
import { RelativeTime } from '../../../components/relative-time.tsx';
import { formatWords } from '../format-words.ts';

/** What the engine found out about the file by itself. */
export function DraftFacts({ draft }: { readonly draft: ModelDraft }) {
  const { fileName, bytes, columns, outputs, expiresAt, warnings, suggestion } = draft;
  const golden = Array.isArray(suggestion.golden) ? suggestion.golden.length : 0;
  return (
    <div style={{ display: 'grid', gap: 6 }}>
      <Text>
        <b style={{ overflowWrap: 'anywhere' }}>{fileName}</b> is {formatWords(draft)} of {formatBytes(bytes)}{' '}
        with {counted(columns.length, 'column')} and {counted(outputs.length, 'output')} ({outputs.join(', ')}
        ). It was read and is sound; it is thrown away <RelativeTime at={expiresAt} /> unless it is taken in.
      </Text>
      <Text size="sm" c="dimmed">
        {golden === 0
          ? 'It brings no golden rows (inputs with the outputs that its makers got), so nothing checks that it answers here as it did there.'
          : `It brings ${counted(golden, 'golden row')}; what it answers here is checked against them now and before each activation.`}
      </Text>
      <Text size="sm" c="dimmed">
        Below stands what the file says; where it says nothing, what is usual. Check it before you take it in.
      </Text>
      {warnings.map(warning => (
        <Text key={warning} size="sm" c="var(--co-risk-text)">
          ⚠ {warning}
        </Text>
      ))}
    </div>
  );
}
