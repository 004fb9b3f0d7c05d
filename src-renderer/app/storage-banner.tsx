import { IconAlertTriangle } from '@tabler/icons-react';
import { api } from '../../common/contracts/index.ts';
import { RelativeTime } from '../components/relative-time.tsx';
import { useRead } from '../connection/use-call.ts';

/** Says on every page that nothing can be kept at present, why, and what to do. */
export function StorageBanner() {
  const { data } = useRead(api.access.state, {}, { refetchMs: 15_000 });
  if (!data?.storage) return null;
  const { message, hint, since } = data.storage;
  return (
    <section className="co-kill-switch" role="alert" aria-label="Storage">
      <div>
        <IconAlertTriangle size={20} aria-hidden />
        <span>
          <strong>
            Nothing can be saved since <RelativeTime at={since} />.
          </strong>{' '}
          {message} {hint}
        </span>
      </div>
    </section>
  );
}
