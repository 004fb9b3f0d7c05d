import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments, stringify } from 'yaml';

/** Any object of Kubernetes as a manifest has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

interface Scope {
  readonly Values: Readonly<Record<string, unknown>>;
  readonly Release: { readonly Namespace: string };
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly code: string };

/**
 * Renders the templates of a chart as Helm does, as far as they keep to `if`, `else`, `end`, paths and the functions below:
 * there is no Helm where the tests run. Anything else in a template throws.
 * @param values beside those of values.yaml; objects are merged, all else is replaced
 */
export function renderChart(
  chart: string,
  values: Readonly<Record<string, unknown>> = {},
  namespace = 'cloudoptim',
): Manifest[] {
  const standard = parse(readFileSync(join(chart, 'values.yaml'), 'utf8')) as Record<string, unknown>;
  const scope: Scope = { Values: merged(standard, values), Release: { Namespace: namespace } };
  return readdirSync(join(chart, 'templates'))
    .filter(name => name.endsWith('.yaml'))
    .flatMap(name => {
      const parts = partsOf(readFileSync(join(chart, 'templates', name), 'utf8'));
      const { text, rest } = renderUntil(parts, 0, scope, true);
      if (rest < parts.length) throw new Error(`${name}: more end than if`);
      return parseAllDocuments(text).map(document => {
        const [problem] = document.errors;
        if (problem) throw new Error(`${name}: ${problem.message}`);
        return document.toJS() as Manifest | null;
      });
    })
    .filter(manifest => manifest !== null);
}

/** Text and `{{ actions }}`; a dash eats the white space on its side. */
function partsOf(template: string): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of template.matchAll(/(\s*\{\{-|\{\{)\s*(.*?)\s*(-\}\}\s*|\}\})/gs)) {
    parts.push({ kind: 'text', text: template.slice(at, match.index) });
    parts.push({ kind: 'action', code: match[2] ?? '' });
    at = match.index + match[0].length;
  }
  return [...parts, { kind: 'text', text: template.slice(at) }];
}

/** Renders up to the `else` or `end` of the block that `from` is in; `rest` is where that stands. */
function renderUntil(
  parts: readonly Part[],
  from: number,
  scope: Scope,
  isShown: boolean,
): { text: string; rest: number } {
  let text = '';
  let at = from;
  for (; at < parts.length; at++) {
    const part = parts[at];
    if (part?.kind !== 'action') {
      if (isShown) text += part?.text ?? '';
      continue;
    }
    if (part.code === 'else' || part.code === 'end') break;
    if (!part.code.startsWith('if ')) {
      if (isShown) text += textOf(pipeline(part.code, scope));
      continue;
    }
    const isTrue = isShown && isTruthy(pipeline(part.code.slice(3), scope));
    const then = renderUntil(parts, at + 1, scope, isTrue);
    text += then.text;
    at = then.rest;
    if ((parts[at] as { code?: string } | undefined)?.code === 'else') {
      const other = renderUntil(parts, at + 1, scope, isShown && !isTrue);
      text += other.text;
      at = other.rest;
    }
    if ((parts[at] as { code?: string } | undefined)?.code !== 'end') throw new Error(`${part.code}: no end`);
  }
  return { text, rest: at };
}

/** `command | command`: what comes before the bar is the last argument of what comes after. */
function pipeline(code: string, scope: Scope): unknown {
  let piped: unknown[] = [];
  for (const command of code.match(/(?:"[^"]*"|[^|"])+/g) ?? []) {
    const [first = '', ...rest] = command.trim().match(/"[^"]*"|\S+/g) ?? [];
    const isValue = /^["\d.]/.test(first);
    const args = [...rest.map(word => wordValue(word, scope)), ...piped];
    piped = [isValue && args.length === 0 ? wordValue(first, scope) : call(first, args)];
  }
  return piped[0];
}

function wordValue(word: string, scope: Scope): unknown {
  if (word.startsWith('"')) return word.slice(1, -1);
  if (/^\d+$/.test(word)) return Number(word);
  if (!word.startsWith('.')) throw new Error(`"${word}" is no value`);
  return word
    .slice(1)
    .split('.')
    .reduce<unknown>((object, key) => (object as Record<string, unknown> | undefined)?.[key], scope);
}

/** The functions of Helm and Sprig that the chart uses. */
function call(name: string, args: readonly unknown[]): unknown {
  const [first, second] = args;
  switch (name) {
    case 'eq':
      return first === second;
    case 'not':
      return !isTruthy(first);
    case 'default':
      return isTruthy(second) ? second : first;
    case 'required':
      if (second === undefined || second === null || second === '') throw new Error(String(first));
      return second;
    case 'quote':
      return JSON.stringify(textOf(first));
    case 'toYaml':
      return stringify(first).trimEnd();
    case 'nindent':
      return `\n${textOf(second).replace(/^/gm, ' '.repeat(Number(first)))}`;
    default:
      throw new Error(`the renderer of the tests does not know the function "${name}"`);
  }
}

function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? '' : String(value);
}

function merged(
  standard: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const result: Record<string, unknown> = { ...standard };
  for (const [key, value] of Object.entries(changes)) {
    const before = standard[key];
    result[key] = isObject(before) && isObject(value) ? merged(before, value) : value;
  }
  return result;
}
