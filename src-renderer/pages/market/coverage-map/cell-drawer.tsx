import { Button, Group, Stack, Text } from '@mantine/core';
import { Link } from 'wouter';
import { coverageCells } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY, poolKey } from '../../../../common/units/index.ts';
import { DetailDrawer } from '../../../components/detail-drawer.tsx';
import { counted } from '../../../components/number-text.ts';
import { RoleButton } from '../../../components/role-button.tsx';
import { dayOf, type FillDraft } from '../fill/fill-draft.ts';
import { historyPath } from '../history/history-address.ts';
import { dayText } from './cell-tip.tsx';
import { CELL_MEANINGS, CELL_NAMES, remedyOf } from './cell-words.ts';
import { type HeatMap, type HeatRow, runAround, worstAt } from './map-rows.ts';

const POOLS_NAMED = 40;
const POOLS_IN_HISTORY = 60;

/** A day of a row: what is missing around it, in which pools, and what can be done. */
export function CellDrawer(props: {
  readonly map: HeatMap;
  readonly opened: { readonly row: HeatRow; readonly day: number } | undefined;
  readonly onClose: () => void;
  readonly onFill: (draft: Partial<FillDraft>) => void;
}) {
  const { map, opened, onClose, onFill } = props;
  return (
    <DetailDrawer
      isOpen={opened !== undefined}
      onClose={onClose}
      title={opened ? opened.row.label : 'Coverage'}
    >
      {opened ? <Day map={map} row={opened.row} day={opened.day} onFill={onFill} /> : null}
    </DetailDrawer>
  );
}

function Day(props: {
  readonly map: HeatMap;
  readonly row: HeatRow;
  readonly day: number;
  readonly onFill: (draft: Partial<FillDraft>) => void;
}) {
  const { map, row, day, onFill } = props;
  const state = worstAt(row, day);
  const run = runAround(row, day, map.days);
  const isInReach = map.fromMs + (run.to + 1) * MS_PER_DAY > map.reachMs;
  const remedy = remedyOf(state, isInReach);
  const affected = row.pools.filter(({ cells }) => cells[day] === coverageCells.indexOf(state));
  const days = run.to - run.from + 1;
  const span =
    days === 1
      ? dayText(map.fromMs, day)
      : `${dayText(map.fromMs, run.from)} to ${dayText(map.fromMs, run.to)}`;
  const fromDay = dayOf(Math.max(map.fromMs + run.from * MS_PER_DAY, map.reachMs));
  return (
    <Stack>
      <div>
        <Text fw={620}>
          {CELL_NAMES[state]}: {span} (UTC)
        </Text>
        <Text c="dimmed">{CELL_MEANINGS[state]}</Text>
        {remedy === null ? null : <Text mt={6}>{remedy}</Text>}
      </div>
      <Group gap="sm">
        {remedy !== null && isInReach ? (
          <RoleButton
            needs="operator"
            label={`${state === 'o' ? 'Ask again for' : 'Fill'} ${counted(days, 'day')}`}
            onClick={() =>
              onFill({
                regions: [row.region],
                products: [row.product],
                instanceTypes: row.instanceTypes,
                fromDay,
                toDay: run.to >= map.days - 1 ? '' : dayOf(map.fromMs + run.to * MS_PER_DAY),
                again: state === 'o',
              })
            }
          />
        ) : null}
        {remedy === null ? null : (
          <Button component={Link} href="/market/import" variant={isInReach ? 'default' : 'filled'}>
            Import an archive
          </Button>
        )}
        <Button
          component={Link}
          variant="default"
          href={historyPath({ pools: row.pools.slice(0, POOLS_IN_HISTORY).map(({ pool }) => poolKey(pool)) })}
        >
          Show its prices
        </Button>
      </Group>
      {row.pools.length > 1 ? (
        <div>
          <Text fw={560} mb={4}>
            {counted(affected.length, 'pool')} of {row.pools.length}
          </Text>
          <Text size="sm" c="dimmed">
            {affected
              .slice(0, POOLS_NAMED)
              .map(({ pool }) => `${pool.instanceType} in ${pool.availabilityZone}`)
              .join(', ')}
            {affected.length > POOLS_NAMED ? `, and ${affected.length - POOLS_NAMED} more` : ''}
          </Text>
        </div>
      ) : null}
    </Stack>
  );
}
