import { DateTime } from 'luxon';
import { formatDuration } from '../../../common/units/index.ts';
import type { Hold } from './budgets.ts';
import type { PolicyInForce } from './policy-in-force.ts';
import { closedBy, isOpenAt, opensNext } from './windows.ts';

/** What keeps any plan of a cluster from starting now: kill switch, freeze, closed windows, in this order. */
export function clusterHold(
  { killSwitches, freezes, document }: Pick<PolicyInForce, 'killSwitches' | 'freezes' | 'document'>,
  nowMs: number,
): Hold | undefined {
  const [thrown] = killSwitches;
  if (thrown) {
    const where = thrown.scope === 'default' ? 'for all clusters' : 'of this cluster';
    return {
      code: 'kill-switch',
      text: `The kill switch ${where} is on (${thrown.by ?? 'unknown'}: ${thrown.reason ?? 'no reason given'}); nothing starts until it is off.`,
      untilMs: null,
    };
  }
  const freeze = freezes
    .map(({ until, reason }) => ({ untilMs: Date.parse(until), reason }))
    .filter(({ untilMs }) => untilMs > nowMs)
    .toSorted((a, b) => b.untilMs - a.untilMs)[0];
  if (freeze) {
    const text = `Frozen until ${momentText(freeze.untilMs, 'UTC')}: ${freeze.reason}`;
    return { code: 'frozen', text: `${text.replace(/\.$/, '')}.`, untilMs: freeze.untilMs };
  }
  const { windows } = document;
  if (isOpenAt(windows, nowMs)) return undefined;
  const closed = closedBy(windows, nowMs);
  const untilMs = opensNext(windows, nowMs) ?? null;
  const zone = (closed[0] ?? windows.allow[0])?.zone ?? 'UTC';
  const why =
    closed.length > 0
      ? `Within the closed window "${closed[0]?.name}"`
      : `Outside the maintenance windows ${windows.allow.map(({ name }) => `"${name}"`).join(', ')}`;
  const until =
    untilMs === null
      ? 'they do not open within two years'
      : `opens ${momentText(untilMs, zone)}, in ${formatDuration(untilMs - nowMs)}`;
  return { code: 'window', text: `${why}; ${until}.`, untilMs };
}

/** `Thu 2026-11-26 22:00 Europe/Berlin` */
function momentText(atMs: number, zone: string): string {
  return `${DateTime.fromMillis(atMs, { zone }).setLocale('en').toFormat('ccc yyyy-MM-dd HH:mm')} ${zone}`;
}
