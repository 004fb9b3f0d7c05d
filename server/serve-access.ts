import {
  type Access,
  type AuditLog,
  addAccessRoutes,
  addSingleSignOnRoutes,
  type Clock,
  createOpenSession,
  type HttpApp,
  type Routes,
  type Settings,
  SingleSignOn,
  UserStore,
  Users,
  type WatchedDatabase,
} from './platform/index.ts';

/** Adds the ways in: tokens, names and passwords, and the single sign-on where the settings name one. */
export function serveAccess(parts: {
  readonly app: HttpApp;
  readonly routes: Routes;
  readonly access: Access;
  readonly audit: AuditLog;
  readonly database: WatchedDatabase;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly cookieName: () => string;
  /** Where the server listens, for browsers that are told nothing else. */
  readonly url: () => string;
}): void {
  const { app, routes, access, audit, database, clock, settings, cookieName, url } = parts;
  const open = createOpenSession({ access, audit, cookieName });
  const { oidcIssuer, oidcClientId } = settings;
  const signOn =
    oidcIssuer === undefined || oidcClientId === undefined
      ? null
      : new SingleSignOn(
          {
            issuer: oidcIssuer,
            clientId: oidcClientId,
            clientSecret: settings.oidcClientSecret,
            scope: settings.oidcScope,
            roleClaim: settings.oidcRoleClaim,
            roles: settings.oidcRoles,
          },
          clock,
        );
  const users = new Users(new UserStore(database), access, clock);
  addAccessRoutes(routes, {
    access,
    users,
    audit,
    open,
    signOn,
    storage: () => database.problem(),
    cookieName,
  });
  if (signOn)
    addSingleSignOnRoutes(app, {
      signOn,
      audit,
      open,
      cookieName,
      publicUrl: () => settings.publicUrl ?? url(),
    });
}
