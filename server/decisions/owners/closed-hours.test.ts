import { describe, expect, it } from 'vitest';
import { policyDocument } from '../../../common/contracts/index.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import { isOpenAt } from '../policy/windows.ts';
import { closedHours, nodesAtOnce, type PoolBudget } from './closed-hours.ts';

const windowsOf = (windows: object) => policyDocument.parse({ windows }).windows;
/** A Wednesday in winter. */
const winter = Date.UTC(2026, 11, 2, 12);

/** Whether a budget that allows nothing is active, read as cron and duration are: minute by minute. */
function isClosed(budgets: readonly PoolBudget[], atMs: number): boolean {
  return budgets.some(({ schedule, duration = '' }) => {
    if (schedule === undefined) return true;
    const [minute, hour, , , dow = '*'] = schedule.split(' ');
    const [, hours = '0', , minutes = '0'] = /^(?:(\d+)h)?((\d+)m)?$/.exec(duration) ?? [];
    const lengthMs = Number(hours) * MS_PER_HOUR + Number(minutes) * MS_PER_MINUTE;
    for (let begin = atMs; begin > atMs - lengthMs; begin -= MS_PER_MINUTE) {
      const time = new Date(begin);
      const isDay =
        dow === '*' ||
        dow.split(',').some(part => {
          const [from = '', to = from] = part.split('-');
          return Number(from) <= time.getUTCDay() && time.getUTCDay() <= Number(to);
        });
      if (isDay && time.getUTCHours() === Number(hour) && time.getUTCMinutes() === Number(minute))
        return true;
    }
    return false;
  });
}

describe('windows of a policy as budgets of a NodePool', () => {
  it('say nothing where there are none', () => {
    expect(closedHours(windowsOf({}), winter)).toEqual({ budgets: [], notes: [] });
  });

  it.each([
    [
      'office hours closed',
      {
        deny: [
          {
            name: 'day',
            zone: 'Europe/Berlin',
            days: ['mon', 'tue', 'wed', 'thu', 'fri'],
            from: '08:00',
            to: '18:00',
          },
        ],
      },
    ],
    [
      'open at night, over midnight',
      { allow: [{ name: 'night', zone: 'Asia/Kolkata', from: '22:00', to: '05:30' }] },
    ],
    ['open on Sundays', { allow: [{ name: 'sunday', zone: 'America/New_York', days: ['sun'] }] }],
    ['open on Wednesdays', { allow: [{ name: 'wednesday', zone: 'UTC', days: ['wed'] }] }],
    [
      'open at night, but not on Fridays',
      {
        allow: [{ name: 'night', zone: 'UTC', from: '20:00', to: '04:00' }],
        deny: [{ name: 'friday', zone: 'UTC', days: ['fri'] }],
      },
    ],
  ])('are closed exactly when the policy is, for a week: %s', (_name, given) => {
    const windows = windowsOf(given);
    const { budgets } = closedHours(windows, winter);
    for (let atMs = winter; atMs < winter + 7 * 24 * MS_PER_HOUR; atMs += 15 * MS_PER_MINUTE)
      expect(isClosed(budgets, atMs), new Date(atMs).toISOString()).toBe(!isOpenAt(windows, atMs));
  });

  it('are cron lines in UTC, told to shift when the zone sets its clocks', () => {
    const windows = windowsOf({
      deny: [
        {
          name: 'day',
          zone: 'Europe/Berlin',
          days: ['mon', 'tue', 'wed', 'thu', 'fri'],
          from: '08:00',
          to: '18:00',
        },
      ],
    });
    const { budgets, notes } = closedHours(windows, winter);
    expect(budgets).toEqual([{ nodes: '0', schedule: '0 7 * * 1-5', duration: '10h' }]);
    expect(notes).toEqual([
      expect.stringMatching(/Europe\/Berlin sets its clocks on 2027-03-28.*60 minutes later/),
    ]);
    expect(closedHours(windows, Date.UTC(2026, 6, 1)).budgets[0]?.schedule).toBe('0 6 * * 1-5');
    // In the week in which the clocks are set, the lines are those of the week after.
    expect(closedHours(windows, Date.UTC(2027, 2, 27)).budgets[0]?.schedule).toBe('0 6 * * 1-5');
    expect(
      closedHours(
        windowsOf({ deny: [{ name: 'd', zone: 'Asia/Kolkata', from: '08:00', to: '09:00' }] }),
        winter,
      ).notes,
    ).toEqual([]);
  });

  it('leave out what has dates and say so, and stay closed where nothing else is open', () => {
    const dates = [{ first: '2026-12-24', last: '2026-12-26' }];
    const closed = closedHours(windowsOf({ deny: [{ name: 'holidays', zone: 'UTC', dates }] }), winter);
    expect(closed).toEqual({ budgets: [], notes: [expect.stringMatching(/"holidays" has dates/)] });
    const open = closedHours(windowsOf({ allow: [{ name: 'once', zone: 'UTC', dates }] }), winter);
    expect(open.budgets).toEqual([{ nodes: '0' }]);
  });
});

describe('budgets of a policy', () => {
  it('are those of cluster and pool; what a NodePool cannot say is told', () => {
    const { budgets } = policyDocument.parse({
      budgets: [
        { name: 'pools', per: 'pool', only: ['web*'], share: 0.255 },
        { name: 'others', per: 'pool', only: ['batch'], count: 1 },
        { name: 'all', per: 'cluster', count: 3, withinMs: MS_PER_HOUR },
        { name: 'zones', per: 'zone', count: 1 },
      ],
    });
    const found = nodesAtOnce(budgets, 'web-1');
    expect(found.budgets).toEqual([{ nodes: '25%' }, { nodes: '3' }]);
    expect(found.notes.join(' ')).toMatch(
      /"all" counts what went before.*"all" is for the whole cluster.*"zones" counts for each zone/,
    );
  });
});
