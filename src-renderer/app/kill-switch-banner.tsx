import { IconPlayerStop } from '@tabler/icons-react';
import { Link } from 'wouter';
import { DEFAULT_POLICY_SCOPE, type KillSwitch } from '../../common/contracts/index.ts';
import { valuesUnder } from '../../common/live-values.ts';
import { RelativeTime } from '../components/relative-time.tsx';
import { pagePart } from '../connection/api-path.ts';
import { useLive } from '../connection/use-live.ts';

/** Says on every page that a kill switch is on, who threw it and why. */
export function KillSwitchBanner() {
  const { values } = useLive('policies');
  const clusters = useLive('clusters').values;
  const on = values ? valuesUnder<KillSwitch>(values, 'kill-switch/').filter(one => one.on) : [];
  if (on.length === 0) return null;
  return (
    <section className="co-kill-switch" role="alert" aria-label="Kill switch">
      {on.map(({ scope, at, by, reason }) => (
        <div key={scope}>
          <IconPlayerStop size={20} aria-hidden />
          <span>
            <strong>
              Kill switch on for{' '}
              {scope === DEFAULT_POLICY_SCOPE ? 'all clusters' : (clusters?.get(scope)?.name ?? scope)}.
            </strong>{' '}
            Nothing starts. Thrown by {by ?? 'unknown'} {at === null ? '' : <RelativeTime at={at} />}:{' '}
            {reason}
          </span>
          <Link href={scope === DEFAULT_POLICY_SCOPE ? '/policies' : `/policies/${pagePart(scope)}`}>
            Policies
          </Link>
        </div>
      ))}
    </section>
  );
}
