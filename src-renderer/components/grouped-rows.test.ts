import { expect, it } from 'vitest';
import { groupedRows } from './grouped-rows.ts';

const textOf = (lines: ReturnType<typeof groupedRows<string>>) =>
  lines.map(line => (line.kind === 'group' ? `${line.name} (${line.count})` : `${line.index}:${line.item}`));

it('brings the rows of a group together and keeps their order', () => {
  expect(textOf(groupedRows(['b1', 'a2', 'b0', 'a1'], text => text.charAt(0)))).toEqual([
    'b (2)',
    '0:b1',
    '1:b0',
    'a (2)',
    '2:a2',
    '3:a1',
  ]);
});

it('is the rows alone where nothing groups them', () => {
  expect(textOf(groupedRows(['x', 'y'], undefined))).toEqual(['0:x', '1:y']);
});
