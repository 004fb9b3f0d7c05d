import { Group, UnstyledButton } from '@mantine/core';
import { Link } from 'wouter';
import { coverageCells } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { Figures } from '../../../components/figures.tsx';
import { counted, formatCount, formatShare } from '../../../components/number-text.ts';
import { dayOf, type FillDraft } from '../fill/fill-draft.ts';
import { type HeatMap, totalsOf } from './map-rows.ts';

/** Of more types all of the region are asked for: EC2 takes no longer lists. */
const MOST_TYPES_NAMED = 100;

/** How much of what is shown is on disk, what is missing, and the next step for it. */
export function CoverageFigures(props: {
  readonly map: HeatMap | undefined;
  readonly region: string;
  readonly products: readonly string[];
  readonly onFill: (draft: Partial<FillDraft>) => void;
}) {
  const { map, region, products, onFill } = props;
  const totals = map && totalsOf(map.rows);
  const missing = map && missingDays(map);
  const live = totals && totals.all - totals.of('r') - totals.of('b');
  const fill = (again: boolean) => {
    if (!map || !missing) return;
    const [from, to] = again ? missing.holes : missing.unasked;
    if (from === undefined || to === undefined) return;
    const reachDay = dayOf(map.reachMs);
    const fromDay = dayOf(map.fromMs + from * MS_PER_DAY);
    const types = [...new Set(map.rows.flatMap(({ instanceTypes }) => instanceTypes))];
    onFill({
      regions: [region],
      instanceTypes: types.length <= MOST_TYPES_NAMED ? types : [],
      products,
      fromDay: fromDay < reachDay ? reachDay : fromDay,
      toDay: to >= map.days - 1 ? '' : dayOf(map.fromMs + to * MS_PER_DAY),
      again,
    });
  };
  return (
    <Figures
      figures={[
        {
          label: 'On disk',
          value:
            totals && live !== undefined
              ? live === 0
                ? 'nothing'
                : formatShare((totals.of('h') + totals.of('p')) / live)
              : undefined,
          below: totals ? 'of the pool-days shown, without retired and later ones' : '',
        },
        {
          label: 'Never asked for',
          value: totals && (totals.of('n') === 0 ? 'nothing' : formatCount(totals.of('n'))),
          below:
            missing === undefined || totals?.of('n') === 0 ? (
              'of the days shown'
            ) : (
              <NextStep inReach={missing.unaskedInReach} onFill={() => fill(false)} label="Fill them" />
            ),
          tone: totals && totals.of('n') > 0 ? 'risk' : undefined,
        },
        {
          label: 'Holes',
          value: totals && (totals.of('o') === 0 ? 'none' : formatCount(totals.of('o'))),
          below:
            missing === undefined || totals?.of('o') === 0 ? (
              'silence of more than 24.5 h within time on disk'
            ) : (
              <NextStep
                inReach={missing.holesInReach}
                onFill={() => fill(true)}
                label={`In ${counted(totals?.holed ?? 0, 'pool')}: ask again`}
              />
            ),
          tone: totals && totals.of('o') > 0 ? 'risk' : undefined,
        },
        {
          label: 'Retired pools',
          value: totals && formatCount(totals.retired),
          below: 'silent up to the end of the days on disk',
        },
      ]}
    />
  );
}

function NextStep(props: { readonly inReach: number; readonly label: string; readonly onFill: () => void }) {
  return (
    <Group gap={8} wrap="nowrap">
      {props.inReach > 0 ? (
        <>
          pool-days.{' '}
          <UnstyledButton className="co-link" fz="sm" onClick={props.onFill}>
            {props.label}
          </UnstyledButton>
        </>
      ) : (
        <span>
          pool-days; <Link href="/market/import">import an archive</Link>
        </span>
      )}
    </Group>
  );
}

const UNASKED = coverageCells.indexOf('n');
const HOLE = coverageCells.indexOf('o');

/** First and last day of each kind, and how many pool-days of it EC2 still has. */
function missingDays(map: HeatMap) {
  const found = { unasked: [] as number[], holes: [] as number[], unaskedInReach: 0, holesInReach: 0 };
  const note = (days: number[], day: number) => {
    days[0] = Math.min(days[0] ?? day, day);
    days[1] = Math.max(days[1] ?? day, day);
  };
  for (const { pools } of map.rows)
    for (const { cells } of pools)
      for (const [day, cell] of cells.entries()) {
        if (cell !== UNASKED && cell !== HOLE) continue;
        const isInReach = map.fromMs + (day + 1) * MS_PER_DAY > map.reachMs;
        note(cell === UNASKED ? found.unasked : found.holes, day);
        if (!isInReach) continue;
        if (cell === UNASKED) found.unaskedInReach++;
        else found.holesInReach++;
      }
  return found;
}
