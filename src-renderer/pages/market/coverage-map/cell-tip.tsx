import { coverageCells } from '../../../../common/contracts/index.ts';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import { counted } from '../../../components/number-text.ts';
import { CELL_MEANINGS, CELL_NAMES, remedyOf } from './cell-words.ts';
import { countsAt, type HeatMap, type HeatRow, worstAt } from './map-rows.ts';

/** What is under the pointer or the cursor: the day, how the pools stand, and what to do. */
export function CellTip(props: {
  readonly map: HeatMap;
  readonly row: HeatRow;
  readonly day: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}) {
  const { map, row, day, x, y, width, height } = props;
  const [head, ...lines] = cellWords(map, row, day);
  const isRight = x > width / 2;
  const isLow = y > height / 2;
  return (
    <div
      className="co-tip"
      style={{
        ...(isRight ? { right: width - x + 14 } : { left: x + 14 }),
        ...(isLow ? { bottom: height - y + 10 } : { top: y + 10 }),
        maxWidth: 380,
        whiteSpace: 'normal',
      }}
    >
      <b>{head}</b>
      {lines.map(line => (
        <div key={line}>{line}</div>
      ))}
    </div>
  );
}

/** The same in sentences: first where and when, then what and what to do. */
export function cellWords(map: HeatMap, row: HeatRow, day: number): string[] {
  const counts = countsAt(row, day);
  const worst = worstAt(row, day);
  const isInReach = map.fromMs + (day + 1) * MS_PER_DAY > map.reachMs;
  const states =
    row.pools.length === 1
      ? [`${CELL_NAMES[worst]}. ${CELL_MEANINGS[worst]}`]
      : [
          `${counted(row.pools.length, 'pool')}: ${coverageCells
            .flatMap((cell, index) =>
              (counts[index] ?? 0) > 0 ? [`${counts[index]} ${CELL_NAMES[cell].toLowerCase()}`] : [],
            )
            .join(', ')}.`,
          ...(worst === 'h' ? [] : [CELL_MEANINGS[worst]]),
        ];
  const remedy = remedyOf(worst, isInReach);
  return [`${row.label}, ${dayText(map.fromMs, day)} (UTC)`, ...states, ...(remedy === null ? [] : [remedy])];
}

/** `23 Nov 2026` of a day of the map. */
export function dayText(fromMs: number, day: number): string {
  return new Date(fromMs + day * MS_PER_DAY).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
