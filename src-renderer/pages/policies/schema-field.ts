/** The part of JSON schema that a policy uses; the server publishes it with title, description and unit of each field. */
export interface FieldSchema {
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  readonly title?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly required?: readonly string[];
  readonly items?: FieldSchema;
  readonly anyOf?: readonly FieldSchema[];
}

/** A figure as people read it: `value × factor` is what the document holds. */
export interface ShownUnit {
  readonly label: string;
  readonly factor: number;
}

const MINUTE = 60_000;
export const durationUnits: readonly ShownUnit[] = [
  { label: 's', factor: 1_000 },
  { label: 'min', factor: MINUTE },
  { label: 'h', factor: 60 * MINUTE },
  { label: 'days', factor: 24 * 60 * MINUTE },
];

/** How a unit of the schema is shown: shares as percent, micro-USD as dollars; other units as they are. */
export function shownUnit(unit: string | undefined): ShownUnit {
  if (unit?.startsWith('share of ')) return { label: `% of ${unit.slice(9).split(',')[0]}`, factor: 0.01 };
  if (unit?.startsWith('micro-USD')) return { label: unit.replace('micro-USD', 'USD'), factor: 1e6 };
  return { label: unit ?? '', factor: 1 };
}

/** The largest unit that shows a duration as a whole number. */
export function unitOfDuration(ms: number): ShownUnit {
  const whole = durationUnits.toReversed().find(({ factor }) => ms >= factor && ms % factor === 0);
  return whole ?? { label: 'min', factor: MINUTE };
}

/** What a shown figure is in the document, without the rounding of binary fractions. */
export function documentValue(shown: number, { factor }: ShownUnit): number {
  const value = shown * factor;
  return factor < 1 ? Number(value.toFixed(6)) : Math.round(value);
}

/** A document's figure as shown. */
export function shownValue(value: number, { factor }: ShownUnit): number {
  return Number((value / factor).toFixed(6));
}

/** `node` for one, `nodes` for others. */
export function countedUnit(figure: number | undefined, { label }: ShownUnit): string {
  return figure === 1 && /^\w+s$/.test(label) && label !== 's' ? label.slice(0, -1) : label;
}

/** The default of a field in words; `undefined` where there is none worth telling. */
export function defaultText({ default: value, unit, type }: FieldSchema): string | undefined {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'string') return value;
  if (typeof value !== 'number' || (type !== 'number' && type !== 'integer')) return undefined;
  const shown = unit === 'milliseconds' ? unitOfDuration(value) : shownUnit(unit);
  const figure = shownValue(value, shown);
  return `${figure} ${countedUnit(figure, shown).split(' of ')[0]}`.trim();
}

/** The description without its last sentence, which names the unit of the document and not the one shown. */
export function helpText({ description = '', unit }: FieldSchema): string {
  return unit === undefined ? description : description.replace(` Unit: ${unit}.`, '');
}

/** The document with one field changed; `undefined` takes the field out. */
export function withField(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list = Array.isArray(document) ? [...document] : [];
    list[key] = withField(list[key], rest, value);
    return list;
  }
  const { [key]: before, ...others } = (document ?? {}) as Record<string, unknown>;
  const next = withField(before, rest, value);
  // In place, so that the diff of two documents shows what was changed and nothing else.
  const order = Object.keys((document ?? {}) as object);
  if (next === undefined) return others;
  if (!order.includes(key)) return { ...others, [key]: next };
  return Object.fromEntries(order.map(name => [name, name === key ? next : others[name]]));
}

/** What a new entry of a list begins with: required texts are empty, so that the server asks for them by name. */
export function freshEntry(schema: FieldSchema): unknown {
  if (schema.type === 'object')
    return Object.fromEntries(
      (schema.required ?? []).map(name => [name, freshEntry(schema.properties?.[name] ?? {})]),
    );
  if (schema.enum) return schema.enum[0];
  return schema.type === 'array' ? [] : '';
}
