import { isIP } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../../common/errors.ts';
import { parseRoleRule } from '../access/role-of-claims.ts';
import { DatabaseUrl } from '../database/database-url.ts';
import { checkSettings } from './check-settings.ts';

interface SettingDefinition {
  readonly schema: z.ZodType;
  /** Never shown, also not where it is wrong. */
  readonly isSecret?: true;
  readonly environment: string;
  /** What stands for the value of its flag in a help text; none for one that is turned off by its flag. */
  readonly value?: string;
  readonly sentence: string;
}

const list = z
  .union([z.array(z.string()), z.string()])
  .transform(value =>
    (typeof value === 'string' ? value.split(',') : value)
      .map(part => part.trim())
      .filter(part => part !== ''),
  );

const databaseUrl = z.string().transform((text, context) => {
  try {
    return new DatabaseUrl(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as AppError).hint.replace(/\.$/, '') });
    return z.NEVER;
  }
});

const flag = z.union([z.boolean(), z.stringbool()]);

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const width = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (width < 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
}

/** Every setting of the engine, once: schema with default, environment name, and what it is for. */
export const settingDefinitions = {
  host: {
    schema: z
      .string()
      .refine(
        text => text === 'localhost' || isIP(text) !== 0,
        'give an IP address of this machine, or localhost',
      )
      .default('127.0.0.1'),
    environment: 'CLOUDOPTIM_HOST',
    value: '<address>',
    sentence:
      'Address to listen on; beyond this machine (0.0.0.0, or an address of it) only with TLS, or with --allow-plain-http.',
  },
  port: {
    schema: z.coerce.number().int().min(0).max(65_535).default(8000),
    environment: 'CLOUDOPTIM_PORT',
    value: '<number>',
    sentence: 'Port to listen on; 0 takes a free one.',
  },
  tlsCert: {
    schema: z.string().min(1).optional(),
    environment: 'CLOUDOPTIM_TLS_CERT',
    value: '<file>',
    sentence: 'PEM file of the certificate with its chain, to speak TLS; looked at again every minute.',
  },
  tlsKey: {
    schema: z.string().min(1).optional(),
    environment: 'CLOUDOPTIM_TLS_KEY',
    value: '<file>',
    sentence: 'PEM file of the private key of the certificate.',
  },
  allowPlainHttp: {
    schema: flag.default(false),
    environment: 'CLOUDOPTIM_ALLOW_PLAIN_HTTP',
    value: '<true|false>',
    sentence:
      'true to listen beyond this machine without TLS, where nobody else is on the network; tokens travel readable then.',
  },
  trustedProxies: {
    schema: list
      .refine(
        all => all.every(isAddressOrNetwork),
        'give IP addresses or networks such as 10.0.0.0/8, comma separated',
      )
      .default([]),
    environment: 'CLOUDOPTIM_TRUSTED_PROXIES',
    value: '<addresses>',
    sentence:
      'Addresses or networks of proxies, comma separated, whose X-Forwarded-For and X-Forwarded-Proto are believed; those of nobody else are.',
  },
  publicUrl: {
    schema: z
      .url({ protocol: /^https?$/ })
      .transform(text => text.replace(/\/+$/, ''))
      .optional(),
    environment: 'CLOUDOPTIM_PUBLIC_URL',
    value: '<url>',
    sentence:
      'Address under which browsers reach the server, to which single sign-on sends them back; else the one it listens on.',
  },
  oidcIssuer: {
    schema: z
      .url({ protocol: /^https?$/ })
      .refine(
        text => /^(https:|http:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$))/.test(text),
        'give an https address',
      )
      .optional(),
    environment: 'CLOUDOPTIM_OIDC_ISSUER',
    value: '<url>',
    sentence:
      'Issuer of an OpenID provider, with which people sign in; needs --oidc-client-id and --oidc-roles.',
  },
  oidcClientId: {
    schema: z.string().min(1).optional(),
    environment: 'CLOUDOPTIM_OIDC_CLIENT_ID',
    value: '<id>',
    sentence: 'Client id of CloudOptim at the OpenID provider.',
  },
  oidcClientSecret: {
    schema: z.string().min(1).optional(),
    isSecret: true,
    environment: 'CLOUDOPTIM_OIDC_CLIENT_SECRET',
    value: '<secret>',
    sentence:
      'Client secret at the OpenID provider; none for a public client. Keep it in this variable, since flags can be seen by others.',
  },
  oidcScope: {
    schema: z
      .string()
      .refine(text => text.split(' ').includes('openid'), 'it has to name openid')
      .default('openid profile email'),
    environment: 'CLOUDOPTIM_OIDC_SCOPE',
    value: '<scopes>',
    sentence: 'What is asked of the OpenID provider, separated by blanks; some want groups for groups.',
  },
  oidcRoleClaim: {
    schema: z.string().min(1).default('groups'),
    environment: 'CLOUDOPTIM_OIDC_ROLE_CLAIM',
    value: '<claim>',
    sentence: 'Claim of the OpenID provider, a text or a list of texts, that gives roles.',
  },
  oidcRoles: {
    schema: list
      .transform((texts, context) =>
        texts.flatMap(text => {
          const rule = parseRoleRule(text);
          if (!rule)
            context.addIssue({
              code: 'custom',
              message: `${JSON.stringify(text)} is not role=value with viewer, operator or admin as role`,
            });
          return rule ? [rule] : [];
        }),
      )
      .default([]),
    environment: 'CLOUDOPTIM_OIDC_ROLES',
    value: '<rules>',
    sentence:
      'Which value of that claim gives which role, comma separated, e.g. admin=platform-team,viewer=*; the highest counts, and nobody without one comes in.',
  },
  data: {
    schema: z.string().min(1).default('.data'),
    environment: 'CLOUDOPTIM_DATA',
    value: '<folder>',
    sentence: 'Folder for the database and model files.',
  },
  databaseUrl: {
    schema: databaseUrl.optional(),
    isSecret: true,
    environment: 'CLOUDOPTIM_DATABASE_URL',
    value: '<url>',
    sentence:
      'PostgreSQL database (postgresql://user@host:5432/name) instead of the one in the data folder; keep the password in PGPASSWORD or in this variable, since flags can be seen by others.',
  },
  redisUrl: {
    schema: z.url({ protocol: /^rediss?$/ }).optional(),
    isSecret: true,
    environment: 'CLOUDOPTIM_REDIS_URL',
    value: '<url>',
    sentence:
      'Redis (redis:// or rediss://) of several servers over one PostgreSQL database and one data folder: one of them leads, the others pass on to it and take its place; needs CLOUDOPTIM_REPLICA_SECRET.',
  },
  replicaSecret: {
    schema: z.string().min(32, 'give at least 32 characters').optional(),
    isSecret: true,
    environment: 'CLOUDOPTIM_REPLICA_SECRET',
    value: '<secret>',
    sentence:
      'Secret by which the replicas know each other, the same for all, 32 characters or more. Keep it in this variable, since flags can be seen by others.',
  },
  replicaUrl: {
    schema: z
      .url({ protocol: /^https?$/ })
      .transform(text => text.replace(/\/+$/, ''))
      .optional(),
    environment: 'CLOUDOPTIM_REPLICA_URL',
    value: '<url>',
    sentence: 'Address under which the other replicas reach this one; else the one it listens on.',
  },
  replicaLeaseSeconds: {
    schema: z.coerce.number().int().min(3).max(300).default(15),
    environment: 'CLOUDOPTIM_REPLICA_LEASE_SECONDS',
    value: '<number>',
    sentence:
      'After how many seconds without a sign of life the leading replica is replaced, when it stands still with its connections open; the same for all replicas.',
  },
  logLevel: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    environment: 'CLOUDOPTIM_LOG_LEVEL',
    value: '<level>',
    sentence: 'How much to log: fatal, error, warn, info, debug or silent.',
  },
  otlpEndpoint: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    environment: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    value: '<url>',
    sentence: 'Collector of OpenTelemetry to which traces are sent by OTLP over HTTP.',
  },
  traceShare: {
    schema: z.coerce.number().min(0).max(1).default(1),
    environment: 'CLOUDOPTIM_TRACE_SHARE',
    value: '<number>',
    sentence: 'Part of the traces that is sent, from 0 to 1; whoever calls with a trace decides for it.',
  },
  allowedHosts: {
    schema: list.default([]),
    environment: 'CLOUDOPTIM_ALLOWED_HOSTS',
    value: '<names>',
    sentence: 'Further host[:port] names, comma separated, under which browsers may reach the engine.',
  },
  allowedOrigins: {
    schema: list.default([]),
    environment: 'CLOUDOPTIM_ALLOWED_ORIGINS',
    value: '<origins>',
    sentence:
      'Further exact origins, comma separated, whose pages may call the engine (the desktop app sets its own).',
  },
  ec2Endpoint: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    environment: 'CLOUDOPTIM_EC2_ENDPOINT',
    value: '<url>',
    sentence: 'Address of the EC2 API, when it is not the one of AWS.',
  },
  autoScalingEndpoint: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    environment: 'CLOUDOPTIM_AUTO_SCALING_ENDPOINT',
    value: '<url>',
    sentence: 'Address of the EC2 Auto Scaling API, when it is not the one of AWS.',
  },
  priceListUrl: {
    schema: z.url({ protocol: /^https?$/ }).default('https://pricing.us-east-1.amazonaws.com'),
    environment: 'CLOUDOPTIM_PRICE_LIST_URL',
    value: '<url>',
    sentence: 'Where the public list of on-demand prices is fetched from when the catalog is refreshed.',
  },
  spotAdvisorUrl: {
    schema: z
      .url({ protocol: /^https?$/ })
      .default('https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json'),
    environment: 'CLOUDOPTIM_SPOT_ADVISOR_URL',
    value: '<url>',
    sentence: 'Where the public Spot advisor feed is fetched from when the catalog is refreshed.',
  },
  awsProfile: {
    schema: z.string().optional(),
    environment: 'CLOUDOPTIM_AWS_PROFILE',
    value: '<name>',
    sentence:
      'Profile of the shared AWS files, with its keys, single sign-on or assumed role; else that of AWS_PROFILE.',
  },
  priceRetentionDays: {
    schema: z.coerce.number().int().min(0).max(36_500).default(0),
    environment: 'CLOUDOPTIM_PRICE_RETENTION_DAYS',
    value: '<number>',
    sentence: 'Days that Spot prices are kept; 0 keeps them for ever.',
  },
  modelMaxMib: {
    schema: z.coerce.number().int().min(1).max(10_240).default(2_048),
    environment: 'CLOUDOPTIM_MODEL_MAX_MIB',
    value: '<number>',
    sentence: 'Largest model file that may be uploaded, in MiB.',
  },
  modelQuotaMib: {
    schema: z.coerce.number().int().min(1).default(20_480),
    environment: 'CLOUDOPTIM_MODEL_QUOTA_MIB',
    value: '<number>',
    sentence: 'Room for all model files together, in MiB; uploads beyond it are refused.',
  },
  kubeconfigs: {
    schema: z.enum(['auto', 'on', 'off']).default('auto'),
    environment: 'CLOUDOPTIM_KUBECONFIGS',
    value: '<choice>',
    sentence:
      'Whether operators may plan from the kubeconfigs of the user who runs the engine: on, off, or auto, which is on unless further host names are allowed or the data is in PostgreSQL.',
  },
  kubeconfigFolder: {
    schema: z.string().min(1).optional(),
    environment: 'CLOUDOPTIM_KUBECONFIG_FOLDER',
    value: '<folder>',
    sentence: 'Folder of further kubeconfigs, beside those of KUBECONFIG and ~/.kube/config.',
  },
  openSignIn: {
    schema: flag.default(true),
    environment: 'CLOUDOPTIM_SIGN_IN_LINK',
    sentence: 'Print a sign-in link for an administrator at the start.',
  },
} as const satisfies Record<string, SettingDefinition>;

export type SettingName = keyof typeof settingDefinitions;

/** The settings of a running engine. */
export type Settings = {
  readonly [Name in SettingName]: z.output<(typeof settingDefinitions)[Name]['schema']>;
};

/**
 * Settings from flags, then the environment, then defaults.
 * @throws AppError `config.invalid` naming the first wrong value and where it came from.
 */
export function loadSettings(
  flags: Partial<Record<SettingName, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    const given = flags[name as SettingName];
    const raw = given ?? environment[definition.environment];
    const result = definition.schema.safeParse(raw === '' ? undefined : raw);
    if (!result.success) {
      const origin = given === undefined ? definition.environment : `--${kebab(name)}`;
      const problem = lowerFirst(result.error.issues[0]?.message ?? 'not valid');
      const wrong = 'isSecret' in definition ? `${origin} is wrong` : `${origin} is ${JSON.stringify(raw)}`;
      throw new AppError('config.invalid', `${wrong}: ${problem}.`, {
        hint: definition.sentence,
      });
    }
    values[name] = result.data;
  }
  const settings = values as Settings;
  checkSettings(settings);
  return settings;
}

/** The flag of `cloudoptim server` for a setting; one that is on by default is given to turn it off. */
export function settingFlag(name: SettingName): string {
  return 'value' in settingDefinitions[name] ? `--${kebab(name)}` : `--no-${kebab(name)}`;
}

/** The guide to all settings, as Markdown; a test keeps docs/guides/configuration.md equal to it. */
export function describeSettings(): string {
  const title = '# Configuration';
  const lead =
    'Every setting of the engine: as a flag of `cloudoptim server`, or from the environment; a flag wins.';
  const rows = Object.entries(settingDefinitions).map(([name, { schema, environment, sentence }]) => {
    const fallback: unknown = schema.safeParse(undefined).data;
    const shown = fallback === undefined ? 'none' : `\`${Array.isArray(fallback) ? '' : String(fallback)}\``;
    return `| \`${settingFlag(name as SettingName)}\` | \`${environment}\` | ${shown === '``' ? 'none' : shown} | ${sentence} |`;
  });
  return [
    title,
    '',
    lead,
    '',
    '| flag | environment | default | what it is for |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
