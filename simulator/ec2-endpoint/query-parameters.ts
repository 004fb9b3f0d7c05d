import { invalidParameterValue } from './ec2-error.ts';

/** One `Filter.N`: a name and the values of which one has to match (`*` and `?` are wildcards). */
export interface QueryFilter {
  readonly name: string;
  readonly values: readonly string[];
}

/** The parameters of one request in EC2's Query protocol, read by type. Every reader throws `Ec2Error` on a bad value. */
export interface QueryParameters {
  readonly action: string;
  text(name: string): string | undefined;
  /** `Name.1`, `Name.2`, … in order. */
  list(name: string): string[];
  filters(): QueryFilter[];
  /** Milliseconds since 1970. */
  timeMs(name: string): number | undefined;
  wholeNumber(name: string, range: { min: number; max: number }): number | undefined;
  flag(name: string): boolean;
}

/** Reads a form body or a query string. The action is empty when it names none. */
export function parseQueryParameters(form: string): QueryParameters {
  const values = new URLSearchParams(form);
  const text = (name: string): string | undefined => values.get(name) ?? undefined;
  const action = text('Action') ?? '';

  function list(name: string): string[] {
    const found: string[] = [];
    for (let n = 1; ; n++) {
      const value = text(`${name}.${n}`);
      if (value === undefined) return found;
      found.push(value);
    }
  }

  function filters(): QueryFilter[] {
    const found: QueryFilter[] = [];
    for (let n = 1; ; n++) {
      const name = text(`Filter.${n}.Name`);
      if (name === undefined) return found;
      found.push({ name, values: list(`Filter.${n}.Value`) });
    }
  }

  function timeMs(name: string): number | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at))
      throw invalidParameterValue(`Invalid value '${value}' for ${name}. Expected an ISO 8601 time in UTC.`);
    return at;
  }

  function wholeNumber(name: string, range: { min: number; max: number }): number | undefined {
    const value = text(name);
    if (value === undefined) return undefined;
    const number = /^-?\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= range.min && number <= range.max)) {
      throw invalidParameterValue(
        `Value ( ${value} ) for parameter ${name} is invalid. Expecting a value between ${range.min} and ${range.max}.`,
      );
    }
    return number;
  }

  return { action, text, list, filters, timeMs, wholeNumber, flag: name => text(name) === 'true' };
}

/** Whether a value matches one of a filter's values; `*` stands for any text, `?` for one character. */
export function matchesFilter(filter: QueryFilter, value: string): boolean {
  return filter.values.some(pattern => {
    if (!/[*?]/.test(pattern)) return pattern === value;
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.');
    return new RegExp(`^${source}$`).test(value);
  });
}
