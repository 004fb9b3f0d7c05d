import { createContext, useContext } from 'react';
import type { Actor, Role } from '../../common/contracts/index.ts';
import { roles } from '../../common/contracts/index.ts';
import type { ApiClient } from './api-client.ts';
import type { LiveConnection } from './live-connection.ts';

/** Everything a page needs to speak with the engine, once somebody is signed in. */
export interface Connection {
  readonly client: ApiClient;
  readonly live: LiveConnection;
  readonly actor: Actor;
  /** Ends the session; absent where there is none to end (the desktop app). */
  readonly signOut: (() => void) | undefined;
}

/** Holds the connection below the sign-in. */
export const ConnectionContext = createContext<Connection | undefined>(undefined);

/** The connection. @throws Error outside the signed-in part of the app. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('Nobody is signed in here.');
  return connection;
}

/** Whether the person may do what asks for a role. */
export function useMay(needed: Role): boolean {
  const { actor } = useConnection();
  return roles.indexOf(actor.role) >= roles.indexOf(needed);
}
