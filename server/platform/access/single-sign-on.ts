import type * as oidc from 'openid-client';
import type { Actor } from '../../../common/contracts/index.ts';
import { MS_PER_HOUR, MS_PER_MINUTE } from '../../../common/units/index.ts';
import type { Clock } from '../clock.ts';
import { hashSecret, newSecret, sameDigest } from '../ids.ts';
import { type RoleRule, roleOfClaims } from './role-of-claims.ts';

/** An OpenID provider, and which of its people may do what. */
export interface SingleSignOnSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** None for a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly scope: string;
  readonly roleClaim: string;
  readonly roles: readonly RoleRule[];
}

/** Why somebody did not come in. Codes travel in an address, so nobody can make the page say what they like. */
export type SignOnProblem = 'expired' | 'no-role' | 'refused' | 'unreachable';

type SignOnOutcome = { readonly actor: Actor } | { readonly problem: SignOnProblem; readonly cause: unknown };

/** A sign-in that has begun in a browser and not come back yet. */
interface Begun {
  readonly bindingHash: string;
  readonly codeVerifier: string;
  readonly nonce: string;
  readonly redirectUri: string;
  readonly atMs: number;
}

/** Loaded when somebody signs in by it. */
const openidClient = () => import('openid-client');

const LONGEST_MS = 10 * MS_PER_MINUTE;
/** Beginning takes no token, so it must not take memory without end either. */
const MOST_BEGUN = 1_000;
const TIMEOUT_SECONDS = 10;

/** The authorization code flow of OpenID Connect with PKCE, state and nonce, bound to the browser that began it. */
export class SingleSignOn {
  readonly #settings: SingleSignOnSettings;
  readonly #clock: Clock;
  readonly #begun = new Map<string, Begun>();
  #provider: { readonly configuration: Promise<oidc.Configuration>; readonly atMs: number } | undefined;

  constructor(settings: SingleSignOnSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Who people sign in with: the host of the provider. */
  get label(): string {
    return new URL(this.#settings.issuer).host;
  }

  /** Where to send a browser, and what it has to show when it comes back. @throws where the provider does not answer */
  async begin(redirectUri: string): Promise<{ url: string; binding: string }> {
    const client = await openidClient();
    const configuration = await this.#configuration();
    const [state, nonce, codeVerifier] = [
      client.randomState(),
      client.randomNonce(),
      client.randomPKCECodeVerifier(),
    ];
    const binding = newSecret();
    const atMs = this.#clock.now();
    for (const [key, begun] of this.#begun)
      if (begun.atMs < atMs - LONGEST_MS || this.#begun.size >= MOST_BEGUN) this.#begun.delete(key);
    this.#begun.set(state, { bindingHash: hashSecret(binding), codeVerifier, nonce, redirectUri, atMs });
    const url = client.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: this.#settings.scope,
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state,
      nonce,
    });
    return { url: url.href, binding };
  }

  /**
   * The person who came back from the provider.
   * @param query of the address under which the browser came back
   * @param binding what `begin` gave to this browser
   */
  async finish(query: string, binding: string | undefined): Promise<SignOnOutcome> {
    const state = new URLSearchParams(query).get('state') ?? '';
    const begun = this.#begun.get(state);
    this.#begun.delete(state);
    if (!begun || begun.atMs < this.#clock.now() - LONGEST_MS)
      return { problem: 'expired', cause: 'nothing was begun under this state, or too long ago' };
    if (binding === undefined || !sameDigest(hashSecret(binding), begun.bindingHash))
      return { problem: 'expired', cause: 'another browser began it' };
    try {
      return await this.#exchange(query, state, begun);
    } catch (cause) {
      return { problem: isAway(cause) ? 'unreachable' : 'refused', cause };
    }
  }

  async #exchange(query: string, state: string, begun: Begun): Promise<SignOnOutcome> {
    const client = await openidClient();
    const configuration = await this.#configuration();
    const tokens = await client.authorizationCodeGrant(
      configuration,
      new URL(`${begun.redirectUri}?${query}`),
      {
        pkceCodeVerifier: begun.codeVerifier,
        expectedState: state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      },
    );
    const idToken = tokens.claims();
    if (!idToken) return { problem: 'refused', cause: 'there was no ID token' };
    // Many providers tell groups here only.
    const more = configuration.serverMetadata().userinfo_endpoint
      ? await client.fetchUserInfo(configuration, tokens.access_token, idToken.sub)
      : {};
    const claims: Record<string, unknown> = { ...idToken, ...more };
    const label = nameOf(claims) ?? idToken.sub;
    const { roleClaim, roles } = this.#settings;
    const role = roleOfClaims(claims, roleClaim, roles);
    if (!role) return { problem: 'no-role', cause: `the claim ${roleClaim} gives ${label} no role` };
    // A name can be given to another person; issuer and subject are not.
    const id = `sso-${hashSecret(`${idToken.iss} ${idToken.sub}`).slice(0, 20)}`;
    return { actor: { id, label, role } };
  }

  /** Asked anew every hour, and at once after a failure. */
  async #configuration(): Promise<oidc.Configuration> {
    const atMs = this.#clock.now();
    if (!this.#provider || this.#provider.atMs < atMs - MS_PER_HOUR)
      this.#provider = { configuration: this.#discover(), atMs };
    try {
      return await this.#provider.configuration;
    } catch (error) {
      this.#provider = undefined;
      throw error;
    }
  }

  async #discover(): Promise<oidc.Configuration> {
    const client = await openidClient();
    const { issuer, clientId, clientSecret } = this.#settings;
    const server = new URL(issuer);
    return client.discovery(
      server,
      clientId,
      clientSecret,
      clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
      // The settings let plain HTTP through for this machine only.
      {
        timeout: TIMEOUT_SECONDS,
        execute: server.protocol === 'http:' ? [client.allowInsecureRequests] : [],
      },
    );
  }
}

function nameOf(claims: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of ['email', 'preferred_username', 'name']) {
    const value = claims[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, 80);
  }
  return undefined;
}

/** The provider was not there, rather than said no. */
function isAway(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  return code === 'OAUTH_TIMEOUT' || (error instanceof TypeError && cause?.code !== undefined);
}
