import { describe, expect, it } from 'vitest';
import { MS_PER_DAY } from '../../../../common/units/index.ts';
import type { PoolRow } from '../pools/pool-rows.ts';
import { choiceOf, chosenRows, historyPath, withChoice } from './history-address.ts';
import { historyCsv } from './history-csv.ts';
import { windowOf } from './history-window.ts';
import { lineColours } from './line-colours.ts';

const row = (instanceType: string, zone: string, more: Partial<PoolRow> = {}) =>
  ({
    key: `eu-west-1/${zone}/${instanceType}/Linux/UNIX`,
    region: 'eu-west-1',
    zone,
    instanceType,
    family: instanceType.split('.')[0],
    product: 'Linux/UNIX',
    state: 'in-force',
    lastAtMs: 0,
    ...more,
  }) as PoolRow;

describe('the address of a history', () => {
  const rows = [row('m5.large', 'a'), row('m5.large', 'b'), row('m5.xlarge', 'a'), row('c5.large', 'a')];

  it('names pools, or all of a type or family, and nothing gets lost on the way', () => {
    const path = historyPath({ pools: [rows[3]?.key ?? ''], family: 'm5', region: 'eu-west-1' });
    const choice = choiceOf(new URLSearchParams(path.split('?')[1]));
    expect(chosenRows(choice, rows)).toEqual(rows);
    expect(chosenRows({ type: 'm5.large' }, rows)).toEqual(rows.slice(0, 2));
    expect(chosenRows({ family: 'm5', region: 'us-east-1' }, rows)).toEqual([]);
    expect(chosenRows({}, rows)).toEqual([]);
    expect(withChoice(new URLSearchParams('range=7d&pool=x'), { type: 't' }).toString()).toBe(
      'range=7d&type=t',
    );
  });
});

describe('the window of a history', () => {
  const nowMs = 1_000 * MS_PER_DAY;

  it('ends now, and with the last price where nothing newer is on disk', () => {
    expect(windowOf('7d', [row('a.b', 'a')], nowMs)).toEqual({
      fromMs: nowMs - 7 * MS_PER_DAY,
      toMs: nowMs,
      endsEarly: false,
    });
    const old = row('a.b', 'a', { state: 'not-newer', lastAtMs: 500 * MS_PER_DAY });
    const window = windowOf('24h', [old], nowMs);
    expect(window).toMatchObject({ endsEarly: true, toMs: 500 * MS_PER_DAY + 3_600_000 });
    expect(windowOf('24h', [old, row('a.b', 'b')], nowMs).endsEarly).toBe(false);
  });
});

describe('colours of lines', () => {
  it('are of each pool while these are few, then of the name that parts them best', () => {
    const few = [row('m5.large', 'a'), row('m5.large', 'b')];
    expect(new Set(few.map(lineColours(few).colourOf)).size).toBe(2);
    const many = ['a', 'b', 'c'].flatMap(zone =>
      ['large', 'xlarge', '2xlarge', '4xlarge'].map(size => row(`m5.${size}`, zone)),
    );
    const colours = lineColours(many);
    expect(colours.by).toBe('type');
    expect(colours.groups).toHaveLength(4);
    expect(new Set(many.map(colours.colourOf)).size).toBe(4);
  });
});

describe('the file of a history', () => {
  it('holds every step of the window, the one in force at its begin, and where holes begin', () => {
    const line = {
      id: 'p',
      label: 'p',
      colour: '',
      endS: 100,
      atS: Float64Array.of(0, 10, 60),
      values: Float64Array.of(0.5, 0.25, 0.125),
      holesS: Float64Array.of(30, 60),
    };
    expect(historyCsv([line], 5, 100).split('\r\n')).toEqual([
      'Pool,"From, UTC",USD/h',
      'p,1970-01-01T00:00:00.000Z,0.5',
      'p,1970-01-01T00:00:10.000Z,0.25',
      'p,1970-01-01T00:00:30.000Z,',
      'p,1970-01-01T00:01:00.000Z,0.125',
    ]);
  });
});
