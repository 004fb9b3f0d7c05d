import { describe, expect, it } from 'vitest';
import {
  defaultText,
  documentValue,
  freshEntry,
  helpText,
  shownUnit,
  shownValue,
  unitOfDuration,
  withField,
} from './schema-field.ts';

describe('figures of a policy', () => {
  it('are shown in units of people and stored in those of the document, there and back without loss', () => {
    for (const [unit, value, shown, label] of [
      ['share of nodes, 0 to 1', 0.29, 29, '% of nodes'],
      ['micro-USD per hour', 5_000, 0.005, 'USD per hour'],
      ['pods', 30, 30, 'pods'],
    ] as const) {
      expect(shownUnit(unit).label).toBe(label);
      expect(shownValue(value, shownUnit(unit))).toBe(shown);
      expect(documentValue(shown, shownUnit(unit))).toBe(value);
    }
    expect(unitOfDuration(86_400_000).label).toBe('days');
    expect(unitOfDuration(5_400_000).label).toBe('min');
  });

  it('tell their default, and their help without the unit of the document', () => {
    const schema = {
      type: 'integer' as const,
      unit: 'milliseconds',
      default: 900_000,
      description: 'How long. Unit: milliseconds.',
    };
    expect(defaultText(schema)).toBe('15 min');
    expect(helpText(schema)).toBe('How long.');
    expect(defaultText({ type: 'integer', unit: 'nodes', default: 1 })).toBe('1 node');
  });
});

describe('a change of one field', () => {
  it('leaves the others and their order as they were, and takes out what is undefined', () => {
    const document = { a: 1, list: [{ x: 1 }, { x: 2, y: 3 }], z: 2 };
    expect(JSON.stringify(withField(document, ['a'], 5))).toBe(
      '{"a":5,"list":[{"x":1},{"x":2,"y":3}],"z":2}',
    );
    expect(withField(document, ['list', 1, 'y'], undefined)).toEqual({
      ...document,
      list: [{ x: 1 }, { x: 2 }],
    });
    expect(document.list[1]).toEqual({ x: 2, y: 3 });
  });

  it('begins an entry with what is required', () => {
    const items = {
      type: 'object' as const,
      required: ['name', 'per', 'match'],
      properties: {
        name: { type: 'string' as const },
        per: { type: 'string' as const, enum: ['zone', 'pool'] },
        match: { type: 'object' as const },
        count: { type: 'integer' as const },
      },
    };
    expect(freshEntry(items)).toEqual({ name: '', per: 'zone', match: {} });
  });
});
