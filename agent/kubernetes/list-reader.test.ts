import { expect, it } from 'vitest';
import { ListReader } from './list-reader.ts';

/** Reads a text in pieces of so many bytes. */
function read(text: string, size: number): { items: unknown[]; rest: unknown } {
  const items: unknown[] = [];
  const reader = new ListReader(item => items.push(item));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size));
  return { items, rest: reader.end() };
}

const list = {
  kind: 'PodList',
  metadata: { resourceVersion: '7', continue: 'items' },
  remarks: [{ items: ['no'] }, '"items":['],
  items: [
    { metadata: { name: 'a"}]\\' }, spec: { items: [{ n: 1 }, []] } },
    {},
    { metadata: { name: 'straße 🚗' }, text: '{"items":[' },
  ],
  after: [{ kind: 'x' }],
};

it('finds the items of a list, wherever its pieces end', () => {
  for (const text of [JSON.stringify(list), JSON.stringify(list, null, 2)]) {
    for (let size = 1; size <= text.length; size += size < 40 ? 1 : 97) {
      expect(read(text, size)).toEqual({ items: list.items, rest: { ...list, items: [] } });
    }
  }
});

it('takes lists without items, and answers that are no list', () => {
  expect(read('{"kind":"List","items":[],"metadata":{}}', 5)).toEqual({
    items: [],
    rest: { kind: 'List', items: [], metadata: {} },
  });
  expect(read('{"items":null}', 3)).toEqual({ items: [], rest: { items: null } });
  expect(read('{"kind":"Status","code":403}', 100)).toEqual({
    items: [],
    rest: { kind: 'Status', code: 403 },
  });
  expect(read('not found', 4)).toEqual({ items: [], rest: undefined });
});
