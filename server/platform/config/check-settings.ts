import { BlockList, isIPv6 } from 'node:net';
import { AppError } from '../../../common/errors.ts';
import type { Settings } from './settings.ts';

/** What no setting shows by itself. @throws AppError `config.invalid` */
export function checkSettings(settings: Settings): void {
  demandPrivacy(settings);
  demandSignOn(settings);
  demandReplicas(settings);
}

/** What is sent beyond this machine is encrypted, unless somebody says that it need not be. */
function demandPrivacy({ host, tlsCert, tlsKey, allowPlainHttp }: Settings): void {
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new AppError('config.invalid', `--tls-${tlsCert === undefined ? 'cert' : 'key'} is missing.`, {
      hint: 'Give --tls-cert and --tls-key together.',
    });
  if (tlsCert !== undefined || allowPlainHttp || isLoopback(host)) return;
  throw new AppError('config.invalid', `The server would listen on ${host} without TLS.`, {
    hint: 'Give --tls-cert and --tls-key, or listen on 127.0.0.1 behind a proxy that speaks TLS; --allow-plain-http true allows it where nobody else is on the network.',
  });
}

function demandSignOn({ oidcIssuer, oidcClientId, oidcRoles }: Settings): void {
  if (oidcIssuer === undefined) return;
  const missing = [
    ...(oidcClientId === undefined ? ['--oidc-client-id'] : []),
    ...(oidcRoles.length === 0 ? ['--oidc-roles'] : []),
  ][0];
  if (missing === undefined) return;
  throw new AppError('config.invalid', `--oidc-issuer is given without ${missing}.`, {
    hint: 'Give --oidc-issuer, --oidc-client-id and --oidc-roles together; docs/guides/access.md says what they are.',
  });
}

/** Replicas share a database, know each other, and can be reached. */
function demandReplicas(settings: Settings): void {
  const { redisUrl, databaseUrl, replicaSecret, replicaUrl, host } = settings;
  if (redisUrl === undefined) return;
  const missing = [
    ...(databaseUrl === undefined ? ['--database-url'] : []),
    ...(replicaSecret === undefined ? ['CLOUDOPTIM_REPLICA_SECRET'] : []),
    ...(replicaUrl === undefined && (host === '0.0.0.0' || host === '::') ? ['--replica-url'] : []),
  ][0];
  if (missing === undefined) return;
  throw new AppError('config.invalid', `--redis-url is given without ${missing}.`, {
    hint: 'Replicas share a PostgreSQL database and a secret, and each has an address that the others reach; docs/guides/deploy.md says how.',
  });
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const loopback = new BlockList();
  loopback.addSubnet('127.0.0.0', 8, 'ipv4');
  loopback.addAddress('::1', 'ipv6');
  return loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}
