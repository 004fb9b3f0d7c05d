import { AccessTokens } from './access-tokens.tsx';
import { AuditLog } from './audit-log.tsx';
import { GuestsCard } from './sync/guests-card.tsx';
import { Users } from './users.tsx';

/** What only administrators see, loaded for them alone. */
export function Administration() {
  return (
    <>
      <Users />
      <GuestsCard />
      <AccessTokens />
      <AuditLog />
    </>
  );
}
