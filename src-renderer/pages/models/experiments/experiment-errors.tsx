import { Text } from '@mantine/core';
import type { ExperimentResult } from '../../../../common/contracts/index.ts';
import { ErrorBars } from '../../../components/error-bars.tsx';
import { counted } from '../../../components/number-text.ts';

/** Mean errors of challenger, champion and persistence on the same points. */
export function ExperimentErrors(props: {
  readonly result: ExperimentResult;
  readonly challengerName: string;
  readonly championName: string;
}) {
  const { result, challengerName, championName } = props;
  const bars = [
    { label: challengerName, error: result.challengerError, colour: '--co-spot' },
    { label: championName, error: result.championError, colour: '--co-spot' },
    { label: 'Persistence', error: result.persistenceError, colour: '--co-unknown' },
  ].flatMap(({ label, error, colour }) =>
    error === null ? [] : [{ label, valueUsd: error.maeUsd, colour }],
  );
  return (
    <div style={{ display: 'grid', gap: 10 }}>
      <ErrorBars bars={bars} />
      <Text size="sm" c="dimmed">
        All on the same {counted(result.points, 'point')} of {counted(result.pools, 'pool')}.
      </Text>
    </div>
  );
}
