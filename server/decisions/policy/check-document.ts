import type { z } from 'zod';
import {
  type PolicyDocument,
  type PolicyProblem,
  type PolicyWindow,
  policyDocument,
} from '../../../common/contracts/index.ts';
import { canEverOpen, nextOpenings } from './windows.ts';
import { isZone } from './zone-time.ts';

/** A document, or all that is wrong with it. */
export type CheckedDocument =
  | { readonly ok: true; readonly document: PolicyDocument }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/**
 * A policy document from a value of any shape, with all defaults.
 * @param nowMs when given, also refuses what could only have been meant in the past: that no window opens any more, a
 * freeze that is over. A document that was saved once stays readable.
 */
export function checkDocument(value: unknown, nowMs?: number): CheckedDocument {
  const parsed = policyDocument.safeParse(value, { reportInput: true });
  const problems = parsed.success
    ? meaningProblems(parsed.data, nowMs)
    : parsed.error.issues.flatMap(issue => sentencesOf(issue, value));
  return parsed.success && problems.length === 0
    ? { ok: true, document: parsed.data }
    : { ok: false, problems };
}

function meaningProblems(document: PolicyDocument, nowMs: number | undefined): PolicyProblem[] {
  const { windows, pools, workloads, budgets, freeze, decisions } = document;
  const problems: PolicyProblem[] = [];
  const add = (field: string, text: string) => problems.push({ field, text: `${field} ${text}` });
  for (const kind of ['allow', 'deny'] as const) {
    for (const [index, window] of windows[kind].entries())
      windowProblem(window, `windows.${kind}.${index}`, add);
  }
  // Only of windows that are sound one by one can be told whether they ever leave an opening.
  if (problems.length === 0 && nowMs !== undefined && nextOpenings(windows, nowMs, 1).length === 0) {
    add(
      'windows',
      'never open within the next two years: closed windows or past dates leave no time at all.',
    );
  }
  for (const [index, budget] of budgets.entries()) {
    const field = `budgets.${index}`;
    if (budget.share === undefined && budget.count === undefined)
      add(field, `("${budget.name}") limits nothing: give share, count or both.`);
    if (budget.only && budget.per === 'cluster')
      add(
        `${field}.only`,
        'has no meaning for the whole cluster; leave it out, or count per pool, zone or workload.',
      );
  }
  for (const [index, { name, onDemandShare, onDemandPods }] of workloads.entries()) {
    if (onDemandShare === undefined && onDemandPods === undefined)
      add(`workloads.${index}`, `("${name}") keeps nothing: give onDemandShare, onDemandPods or both.`);
  }
  for (const [field, names] of [
    ['pools', pools.map(pool => pool.name)],
    ['workloads', workloads.map(workload => workload.name)],
    ['budgets', budgets.map(budget => budget.name)],
    ['windows.allow', windows.allow.map(window => window.name)],
    ['windows.deny', windows.deny.map(window => window.name)],
  ] as const) {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) < index)
        add(`${field}.${index}.name`, `is "${name}", as another one before it; give each its own name.`);
    }
  }
  const { minimumPoolNodes, maximumPoolShare, onDemandShare } = decisions;
  if (maximumPoolShare === 0 && minimumPoolNodes === 0)
    add(
      'decisions.maximumPoolShare',
      'is 0 and decisions.minimumPoolNodes is 0, so no node could ever go to Spot; raise one, or set decisions.onDemandShare to 1 if that is meant.',
    );
  if (
    onDemandShare === 1 &&
    document.mode === 'automatic' &&
    document.automatic.kinds.length === 1 &&
    document.automatic.kinds[0] === 'replace-node'
  )
    add(
      'decisions.onDemandShare',
      'is 1, so no node may go to Spot, and automatic.kinds allows nothing else; lower it, or choose another mode.',
    );
  if (document.mode === 'automatic') {
    if (document.automatic.kinds.length === 0)
      add(
        'automatic.kinds',
        'is empty although mode is automatic; name kinds of plans, or set mode to approve.',
      );
    for (const field of ['maximumNodes', 'maximumPods'] as const) {
      if (document.automatic[field] === 0)
        add(
          `automatic.${field}`,
          'is 0 although mode is automatic, so nothing could start; raise it, or set mode to approve.',
        );
    }
  }
  if (freeze && nowMs !== undefined && Date.parse(freeze.until) <= nowMs)
    add('freeze.until', `is ${freeze.until}, which is past; give a moment in the future, or null.`);
  return problems;
}

function windowProblem(
  window: PolicyWindow,
  field: string,
  add: (field: string, text: string) => unknown,
): void {
  const { zone, from, to, dates } = window;
  if (!isZone(zone)) {
    add(`${field}.zone`, `is "${zone}", which is no IANA time zone; write for example ${nearestZone(zone)}.`);
    return;
  }
  if (from !== undefined && from === to) {
    add(`${field}.to`, `is ${to}, as is from, so the window never opens; for a whole day leave both out.`);
    return;
  }
  const backwards = dates?.findIndex(({ first, last }) => last < first) ?? -1;
  const range = dates?.[backwards];
  if (range)
    add(
      `${field}.dates.${backwards}.last`,
      `is ${range.last}, before first, ${range.first}; give them the other way round.`,
    );
  else if (!canEverOpen(window))
    add(
      field,
      `("${window.name}") never opens: none of its dates is a ${(window.days ?? []).join(' or ')}, or the clock jumps over it.`,
    );
}

/** Names that the runtime knows but lists under older ones. */
const newerNames = ['Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Yangon', 'Asia/Ho_Chi_Minh', 'Europe/Kyiv'];

/** The zone whose name is most like it, by letters in common; `Europe/Berlin` where nothing is. */
function nearestZone(wrong: string): string {
  const pairs = (text: string) => {
    const plain = text.toLowerCase().replace(/[^a-z]/g, '');
    return new Set(Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2)));
  };
  const wanted = pairs(wrong);
  let best = { zone: 'Europe/Berlin', likeness: 0.5 };
  for (const zone of [...newerNames, ...Intl.supportedValuesOf('timeZone')]) {
    const own = pairs(zone);
    const likeness = (2 * [...own].filter(pair => wanted.has(pair)).length) / (own.size + wanted.size);
    if (likeness > best.likeness) best = { zone, likeness };
  }
  return best.zone;
}

type Issue = z.core.$ZodIssue;

/** One sentence for each value that a schema refuses. */
function sentencesOf(issue: Issue, whole: unknown): PolicyProblem[] {
  const field = issue.path.join('.');
  const sentence = (text: string, at = field): PolicyProblem => ({ field: at, text });
  const given = shown(valueAt(whole, issue.path));
  const name = field === '' ? 'The policy' : field;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map(key => {
        const at = field === '' ? key : `${field}.${key}`;
        return sentence(`${at}: there is no setting "${key}"${field === '' ? '' : ` in ${field}`}.`, at);
      });
    case 'invalid_type':
      return [
        sentence(
          given === undefined
            ? `${name} is missing; it must be ${typeWord(issue.expected)}.`
            : `${name} is ${given}, not ${typeWord(issue.expected)}.`,
        ),
      ];
    case 'too_small':
    case 'too_big':
      return [sentence(`${name} is ${given}; it must ${rangeWords(issue)}.`)];
    case 'invalid_value':
      return [
        sentence(
          `${name} is ${given ?? 'missing'}; it must be one of ${issue.values.map(String).join(', ')}.`,
        ),
      ];
    case 'invalid_format':
      return [sentence(`${name} is ${given}; it must be ${formatWords(issue)}.`)];
    default:
      return [sentence(`${name} is ${given ?? 'missing'}: ${issue.message}.`)];
  }
}

function rangeWords(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const isList = issue.origin === 'array' || issue.origin === 'string';
  const what = issue.origin === 'array' ? ' entries' : ' characters';
  if (isList)
    return issue.code === 'too_small'
      ? `have at least ${issue.minimum}${what}`
      : `have at most ${issue.maximum}${what}`;
  const isShare = /share$/i.test(String(issue.path.at(-1)));
  if (isShare) return 'be from 0 to 1';
  return issue.code === 'too_small' ? `be ${issue.minimum} or more` : `be ${issue.maximum} or less`;
}

function formatWords(issue: Extract<Issue, { code: 'invalid_format' }>): string {
  if (issue.format === 'datetime') return 'a moment with its offset, such as 2026-12-27T08:00:00+01:00 or …Z';
  if (issue.format === 'date') return 'a date as YYYY-MM-DD';
  return 'a time of day as HH:MM, from 00:00 to 23:59, in quotes';
}

function typeWord(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    int: 'a whole number',
    object: 'an object of settings',
    array: 'a list',
    string: 'a text',
  };
  return words[expected] ?? `a ${expected}`;
}

function shown(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text !== undefined && text.length > 120 ? `${text.slice(0, 117)}…` : text;
}

function valueAt(whole: unknown, path: readonly PropertyKey[]): unknown {
  let value = whole;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}
