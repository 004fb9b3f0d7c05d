import type { KubernetesObject, LabelExpression, Pod } from '../cluster/index.ts';
import { matchesExpression } from '../cluster/index.ts';
import { badRequest } from './status.ts';

/** Whether an object passes both selectors of a list or watch. */
export type ObjectFilter = (object: KubernetesObject) => boolean;

/** The filter of `labelSelector` and `fieldSelector`. Throws the 400 that an unreadable selector gets. */
export function objectFilter(query: URLSearchParams): ObjectFilter {
  const labels = parseLabelSelector(query.get('labelSelector') ?? '');
  const fields = parseFieldSelector(query.get('fieldSelector') ?? '');
  return object =>
    labels.every(one => matchesExpression(one, object.metadata.labels ?? {})) &&
    fields.every(({ field, value, equal }) => (fieldOf(object, field) === value) === equal);
}

/** Whether the query selects at all: then `remainingItemCount` is not told. */
export function selects(query: URLSearchParams): boolean {
  return Boolean(query.get('labelSelector') || query.get('fieldSelector'));
}

const SET = /^\s*([^\s!=,()]+)\s+(in|notin)\s*\(([^)]*)\)\s*$/;
const EQUALITY = /^\s*([^\s!=,()]+)\s*(==|=|!=)\s*([^\s!=,()]*)\s*$/;
const EXISTENCE = /^\s*(!?)\s*([^\s!=,()]+)\s*$/;

function parseLabelSelector(text: string): LabelExpression[] {
  if (text.trim() === '') return [];
  return text.split(/,(?![^(]*\))/).map(part => {
    const set = SET.exec(part);
    if (set) {
      const values = (set[3] ?? '').split(',').map(value => value.trim());
      return { key: set[1] ?? '', operator: set[2] === 'in' ? 'In' : 'NotIn', values };
    }
    const equality = EQUALITY.exec(part);
    if (equality) {
      const operator = equality[2] === '!=' ? 'NotIn' : 'In';
      return { key: equality[1] ?? '', operator, values: [equality[3] ?? ''] };
    }
    const existence = EXISTENCE.exec(part);
    if (existence)
      return { key: existence[2] ?? '', operator: existence[1] === '!' ? 'DoesNotExist' : 'Exists' };
    throw badRequest(`unable to parse requirement: found '${part}', expected: a label requirement`);
  });
}

function parseFieldSelector(text: string) {
  if (text.trim() === '') return [];
  return text.split(',').map(part => {
    const match = /^\s*([^=!]+?)\s*(!=|==?)\s*(.*)$/.exec(part);
    if (!match) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const field = match[1] ?? '';
    if (!FIELDS.has(field)) throw badRequest(`field label not supported: ${field}`);
    return { field, value: match[3] ?? '', equal: match[2] !== '!=' };
  });
}

const FIELDS = new Map<string, (object: KubernetesObject) => string | boolean | undefined>([
  ['metadata.name', object => object.metadata.name],
  ['metadata.namespace', object => object.metadata.namespace],
  ['spec.nodeName', object => (object as Pod).spec.nodeName],
  [
    'spec.unschedulable',
    object => String((object.spec as { unschedulable?: boolean }).unschedulable ?? false),
  ],
  ['status.phase', object => (object as Pod).status?.phase],
  ['involvedObject.kind', object => involved(object).kind],
  ['involvedObject.name', object => involved(object).name],
  ['involvedObject.namespace', object => involved(object).namespace],
  ['involvedObject.uid', object => involved(object).uid],
  ['reason', object => (object as { reason?: string }).reason],
  ['type', object => (object as { type?: string }).type],
]);

function fieldOf(object: KubernetesObject, field: string): string {
  return String(FIELDS.get(field)?.(object) ?? '');
}

function involved(object: KubernetesObject): Readonly<Record<string, string>> {
  return (object as { involvedObject?: Record<string, string> }).involvedObject ?? {};
}
