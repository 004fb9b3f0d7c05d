import { describe, expect, it } from 'vitest';
import { checkDocument } from './check-document.ts';
import { documentYaml, parseText } from './document-text.ts';
import { policySchema } from './routes.ts';

const nowMs = Date.parse('2026-11-26T12:00:00Z');
const problems = (value: unknown) => {
  const checked = checkDocument(value, nowMs);
  return checked.ok ? [] : checked.problems.map(({ text }) => text);
};
const window = (change: object) => ({ windows: { allow: [{ name: 'nights', zone: 'UTC', ...change }] } });

interface Shape {
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly title?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly type?: string;
}

describe('a policy document', () => {
  it('is complete when nothing is said, and is read back from its YAML and JSON', () => {
    const checked = checkDocument({}, nowMs);
    if (!checked.ok) throw new Error(checked.problems[0]?.text);
    expect(checked.document).toMatchObject({
      mode: 'recommend',
      freeze: null,
      decisions: { failuresUntilPause: 3 },
    });
    for (const text of [documentYaml(checked.document), JSON.stringify(checked.document)])
      expect(checkDocument(parseText(text, 'it'), nowMs)).toEqual(checked);
  });

  it.each([
    [{ mode: 'auto' }, 'mode is "auto"; it must be one of recommend, approve, automatic.'],
    [{ decisions: { onDemandShare: 7 } }, 'decisions.onDemandShare is 7; it must be from 0 to 1.'],
    [{ decisions: { drainMs: '5m' } }, 'decisions.drainMs is "5m", not a number.'],
    [{ decisions: { drainMs: -1 } }, 'decisions.drainMs is -1; it must be 0 or more.'],
    [{ budget: [] }, 'budget: there is no setting "budget".'],
    [{ automatic: { size: 1 } }, 'automatic.size: there is no setting "size" in automatic.'],
    [[], 'The policy is [], not an object of settings.'],
    [{ pools: [{ match: {} }] }, 'pools.0.name is missing; it must be a text.'],
    [
      window({ from: '24:00' }),
      'windows.allow.0.from is "24:00"; it must be a time of day as HH:MM, from 00:00 to 23:59, in quotes.',
    ],
    [
      window({ zone: 'Europe/Berln' }),
      'windows.allow.0.zone is "Europe/Berln", which is no IANA time zone; write for example Europe/Berlin.',
    ],
    [
      window({ zone: 'Asia/Kolkatta' }),
      'windows.allow.0.zone is "Asia/Kolkatta", which is no IANA time zone; write for example Asia/Kolkata.',
    ],
    [
      window({ from: '22:00', to: '22:00' }),
      'windows.allow.0.to is 22:00, as is from, so the window never opens; for a whole day leave both out.',
    ],
    [
      window({ days: ['mon'], dates: [{ first: '2026-11-26', last: '2026-11-28' }] }),
      'windows.allow.0 ("nights") never opens: none of its dates is a mon, or the clock jumps over it.',
    ],
    [
      window({ dates: [{ first: '2026-12-03', last: '2026-12-01' }] }),
      'windows.allow.0.dates.0.last is 2026-12-01, before first, 2026-12-03; give them the other way round.',
    ],
    [
      window({ dates: [{ first: '2025-12-01', last: '2025-12-03' }] }),
      'windows never open within the next two years: closed windows or past dates leave no time at all.',
    ],
    [
      { windows: { deny: [{ name: 'all', zone: 'UTC' }] } },
      'windows never open within the next two years: closed windows or past dates leave no time at all.',
    ],
    [
      { workloads: [{ name: 'w' }] },
      'workloads.0 ("w") keeps nothing: give onDemandShare, onDemandPods or both.',
    ],
    [{ budgets: [{ name: 'b', per: 'zone' }] }, 'budgets.0 ("b") limits nothing: give share, count or both.'],
    [
      { freeze: { until: '2026-11-26T11:00:00Z', reason: 'x' } },
      'freeze.until is 2026-11-26T11:00:00Z, which is past; give a moment in the future, or null.',
    ],
    [
      { freeze: { until: 'tomorrow', reason: 'x' } },
      'freeze.until is "tomorrow"; it must be a moment with its offset, such as 2026-12-27T08:00:00+01:00 or …Z.',
    ],
    [
      { mode: 'automatic', automatic: { kinds: [] } },
      'automatic.kinds is empty although mode is automatic; name kinds of plans, or set mode to approve.',
    ],
    [
      { decisions: { maximumPoolShare: 0, minimumPoolNodes: 0 } },
      'decisions.maximumPoolShare is 0 and decisions.minimumPoolNodes is 0, so no node could ever go to Spot; raise one, or set decisions.onDemandShare to 1 if that is meant.',
    ],
  ])('%j is refused by one sentence that names the field', (value, text) => {
    expect(problems(value)).toEqual([text]);
  });

  it('keeps what was right when it was saved: a freeze that is over, dates that are past', () => {
    const old = {
      freeze: { until: '2020-01-01T00:00:00Z', reason: 'x' },
      ...window({ dates: [{ first: '2020-12-01', last: '2020-12-03' }] }),
    };
    expect(checkDocument(old).ok).toBe(true);
    expect(problems(old)).toHaveLength(2);
  });

  it('has a schema that says title and meaning of every field, and the unit of every figure', () => {
    const wanting: string[] = [];
    const visit = (schema: Shape, path: string) => {
      for (const one of schema.anyOf ?? []) visit(one, path);
      if (schema.items) visit(schema.items, path);
      for (const [name, field] of Object.entries(schema.properties ?? {})) {
        const here = `${path}.${name}`;
        const { title, description, unit, type } = field;
        if (typeof title !== 'string' || typeof description !== 'string') wanting.push(here);
        const isFigure = type === 'number' || type === 'integer';
        if (isFigure && !(typeof unit === 'string' && String(description).includes(unit)))
          wanting.push(`${here} unit`);
        visit(field, here);
      }
    };
    visit(policySchema(), '');
    expect(wanting).toEqual([]);
  });
});
