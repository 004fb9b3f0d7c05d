import { Anchor, Button, Group, Table, Text } from '@mantine/core';
import { Link } from 'wouter';
import type { GapAnalysis } from '../../../../common/contracts/index.ts';
import { formatDuration } from '../../../../common/units/index.ts';
import { counted, formatCount, threeDigits } from '../../../components/number-text.ts';
import { formatDay } from '../../../components/time-text.ts';
import { scopeWords } from '../scope-words.ts';

const SLICES_SHOWN = 5;

/** What a fill would fetch, from where to where, what it takes, and what EC2 no longer has. */
export function FillEstimate(props: {
  readonly gap: GapAnalysis;
  readonly isAgain: boolean;
  readonly onAgain: () => void;
}) {
  const { gap, isAgain, onAgain } = props;
  const fillable = gap.slices.filter(slice => slice.fillable);
  const inReach = gap.holes.filter(hole => hole.fillable).length;
  const lines: readonly (readonly [string, string])[] = [
    ['Asked for', `${scopeWords(gap.scope)}; since ${formatDay(gap.neededFromMs)}`],
    ['Rows, about', formatCount(gap.estimatedRows)],
    ['Requests to EC2, about', formatCount(gap.estimatedRequests)],
    ['Takes at least', formatDuration(gap.estimatedSeconds * 1_000)],
    [
      'Estimated from',
      `${threeDigits(gap.rowsPerPoolDay)} rows for each pool and day, ${gap.pools.total === 0 ? 'as usual' : `${counted(gap.pools.total, 'pool')} on disk`}`,
    ],
  ];
  return (
    <div style={{ display: 'grid', gap: 8 }}>
      <Text>
        {gap.fillableMs === 0
          ? gap.archiveMs === 0
            ? 'All of this is on disk already.'
            : 'EC2 has nothing of what is missing here.'
          : `Missing, and kept by EC2: ${fillable.length > SLICES_SHOWN ? `${counted(fillable.length, 'stretch', 'stretches')}, the first ones are` : ''}`}
      </Text>
      {fillable.slice(0, SLICES_SHOWN).map(({ region, product, instanceTypes, fromMs, toMs }) => (
        <Text key={`${region}${product}${fromMs}${instanceTypes[0]}`} size="sm">
          {scopeWords({ regions: [region], products: [product], instanceTypes })}:{' '}
          <b>
            {formatDay(fromMs)} to {toMs === gap.nowMs ? 'now' : formatDay(toMs)}
          </b>
          , {formatDuration(toMs - fromMs)}
        </Text>
      ))}
      {gap.fillableMs > 0 ? (
        <Table aria-label="What the fill takes" verticalSpacing={4}>
          <Table.Tbody>
            {lines.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500} c="dimmed">
                  {name}
                </Table.Th>
                <Table.Td ta="right">{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
      {gap.archiveMs > 0 ? (
        <Text size="sm" c="var(--co-risk-text)">
          ⚠ {formatDuration(gap.archiveMs)} lie before the 90 days that EC2 keeps and need an archive.{' '}
          <Anchor component={Link} href="/market/import" inherit>
            Import one
          </Anchor>
          ; the rest can be filled without it.
        </Text>
      ) : null}
      {inReach > 0 && !isAgain ? (
        <Group gap="sm">
          <Text size="sm">
            In the time on disk {counted(inReach, 'hole')} of single pools {inReach === 1 ? 'is' : 'are'} in
            the reach of EC2.
          </Text>
          <Button size="compact-sm" variant="default" onClick={onAgain}>
            Ask for them again
          </Button>
        </Group>
      ) : null}
    </div>
  );
}
