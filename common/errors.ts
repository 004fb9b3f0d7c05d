/** Who has to act on an error: the caller, whoever operates the machine, or the makers of this program. */
export type ErrorKind = 'user' | 'operational' | 'bug';

interface ErrorEntry {
  readonly kind: ErrorKind;
  readonly httpStatus: number;
  /** What to do, when the place that throws knows nothing better. */
  readonly hint: string;
}

/** Every code that a client may see. A code is a promise: it is added, never renamed. */
export const errorCatalogue = {
  'input.invalid': { kind: 'user', httpStatus: 400, hint: 'Correct the named value and try again.' },
  'input.too-large': { kind: 'user', httpStatus: 413, hint: 'Send less at once, or raise the named limit.' },
  'access.unauthenticated': {
    kind: 'user',
    httpStatus: 401,
    hint: 'Sign in again with the link that the server printed.',
  },
  'access.forbidden': {
    kind: 'user',
    httpStatus: 403,
    hint: 'Ask an administrator for the role that this needs.',
  },
  'access.origin-refused': {
    kind: 'user',
    httpStatus: 403,
    hint: 'Open CloudOptim under the address that it printed, or add this one to CLOUDOPTIM_ALLOWED_HOSTS.',
  },
  'access.too-many-tries': {
    kind: 'user',
    httpStatus: 429,
    hint: 'Wait, then try again; somebody who forgot a password asks an administrator for a new one.',
  },
  'access.join-token-expired': {
    kind: 'user',
    httpStatus: 401,
    hint: 'Create a new join token on the Clusters page; a token works once and for 15 minutes.',
  },
  'access.join-token-invalid': {
    kind: 'user',
    httpStatus: 401,
    hint: 'Create a new join token on the Clusters page; a token works once and for 15 minutes.',
  },
  'resource.not-found': {
    kind: 'user',
    httpStatus: 404,
    hint: 'Reload the list; it may have been removed meanwhile.',
  },
  'resource.conflict': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Reload to see the present state, then decide again.',
  },
  'model.not-a-model': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Upload an ONNX file; other formats are named in the guide to models.',
  },
  'model.rejected': { kind: 'user', httpStatus: 422, hint: 'The verdict names what to change in the model.' },
  'model.unknown-feature': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Use names of the feature catalog; the message lists near matches.',
  },
  'model.manifest-needed': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Complete the named fields; the file itself need not be sent again within the hour.',
  },
  'model.not-ready': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Fill the gap of the model first, then activate it.',
  },
  'model.faulty': {
    kind: 'operational',
    httpStatus: 502,
    hint: 'The model crashed or ran out of time or memory; upload a smaller or repaired one.',
  },
  'engine.rejected': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Run "cloudoptim engines check" on the file; docs/guides/engines.md says what an engine must do.',
  },
  'engine.faulty': {
    kind: 'operational',
    httpStatus: 502,
    hint: 'Choose another engine for the cluster, or upload a repaired version; nothing was changed.',
  },
  'engine.busy': {
    kind: 'operational',
    httpStatus: 503,
    hint: 'Try again in a minute; nothing was changed.',
  },
  'market.gap-needs-archive': {
    kind: 'user',
    httpStatus: 422,
    hint: 'EC2 keeps 90 days of prices; import an archive for the part before that.',
  },
  'market.credentials-missing': {
    kind: 'operational',
    httpStatus: 424,
    hint: 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the engine; docs/guides/aws-credentials.md says which two actions they need.',
  },
  'market.credentials-refused': {
    kind: 'operational',
    httpStatus: 424,
    hint: 'Check the access key and that its policy allows ec2:DescribeSpotPriceHistory; docs/guides/aws-credentials.md has the policy.',
  },
  'market.unreachable': {
    kind: 'operational',
    httpStatus: 424,
    hint: 'Check the network and the endpoint address; what is on disk already still works.',
  },
  'market.no-prices': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Fill the gap or import an archive of prices first.',
  },
  'market.archive-unreadable': {
    kind: 'user',
    httpStatus: 422,
    hint: 'docs/guides/prices.md says what files of prices look like.',
  },
  'market.archive-damaged': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Get the file again, or import what comes before the damage with --up-to-damage.',
  },
  'cluster.away': {
    kind: 'operational',
    httpStatus: 409,
    hint: 'Its agent is not connected; check that the agent runs. Nothing was changed.',
  },
  'cluster.moved': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Act on it there, or bring it back first (Settings, "Connected server"). Nothing was changed.',
  },
  'cluster.agent-outdated': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Update the agent of this cluster, with the role that docs/guides/connect-a-cluster.md names. Nothing was changed.',
  },
  'kubeconfig.turned-off': {
    kind: 'user',
    httpStatus: 403,
    hint: 'Use the desktop app, or "cloudoptim plan --context"; whoever runs this engine can allow it with --kubeconfigs on.',
  },
  'kubeconfig.unusable': {
    kind: 'user',
    httpStatus: 422,
    hint: 'Mend the kubeconfig until kubectl can use this context, then try again.',
  },
  'kubeconfig.refused': {
    kind: 'operational',
    httpStatus: 424,
    hint: 'Sign in again as for kubectl; docs/guides/plan.md has the role that reading needs.',
  },
  'kubeconfig.unreachable': {
    kind: 'operational',
    httpStatus: 424,
    hint: 'Check the network, and the VPN where the cluster is behind one; kubectl then reaches it, too.',
  },
  'plan.stale': {
    kind: 'user',
    httpStatus: 409,
    hint: 'The cluster changed since the plan was made; make a new plan.',
  },
  'plan.owned-elsewhere': {
    kind: 'user',
    httpStatus: 409,
    hint: 'The page of the plan says what to change for the owner of the node; or make a plan without it.',
  },
  'plan.instance-kept': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Do what the sentence says, then approve again; docs/guides/aws-credentials.md has the permissions. Nothing was changed.',
  },
  'plan.wrong-state': { kind: 'user', httpStatus: 409, hint: 'Reload to see the present state of the plan.' },
  'storage.unwritable': {
    kind: 'operational',
    httpStatus: 507,
    hint: 'Give the named folder to this user, or choose another one with --data.',
  },
  'storage.full': {
    kind: 'operational',
    httpStatus: 507,
    hint: 'Make room on that disk; nothing was changed, reading goes on, and writing goes on by itself then.',
  },
  'storage.damaged': {
    kind: 'operational',
    httpStatus: 500,
    hint: 'Restore the data folder from a backup, or move the file away to start empty.',
  },
  'storage.in-use': {
    kind: 'operational',
    httpStatus: 500,
    hint: 'Another engine uses this data folder; stop it, or choose another folder with --data.',
  },
  'storage.away': {
    kind: 'operational',
    httpStatus: 503,
    hint: 'Check that PostgreSQL runs and can be reached from here; what was acknowledged before is kept.',
  },
  'replica.no-leader': {
    kind: 'operational',
    httpStatus: 503,
    hint: 'Try again in a few seconds, when a replica has taken the lead; nothing was changed.',
  },
  'replica.answer-lost': {
    kind: 'operational',
    httpStatus: 502,
    hint: 'Whether it was done is not known: reload to see the present state, then decide again.',
  },
  'replica.lead-lost': {
    kind: 'operational',
    httpStatus: 500,
    hint: 'Start it again, as a supervisor does by itself; it follows the new leader then. What was acknowledged is kept.',
  },
  'sync.address-wrong': {
    kind: 'user',
    httpStatus: 400,
    hint: 'Give the address of the server as its administrator tells it, for example https://cloudoptim.example.com.',
  },
  'sync.code-refused': {
    kind: 'user',
    httpStatus: 401,
    hint: 'Ask an administrator of the server for a new code (Settings, "Engines that come here"); a code works once and for 15 minutes.',
  },
  'sync.key-refused': {
    kind: 'user',
    httpStatus: 401,
    hint: 'Disconnect, then connect again with a new code; what came from the server stays.',
  },
  'sync.reads-only': {
    kind: 'user',
    httpStatus: 403,
    hint: 'Nothing was changed. Update the older engine, or connect with a code that may write.',
  },
  'sync.version-refused': {
    kind: 'user',
    httpStatus: 409,
    hint: 'Update the engine that is named; nothing was exchanged.',
  },
  'sync.unreachable': {
    kind: 'operational',
    httpStatus: 502,
    hint: 'Check the address, the network and that the server runs; what is here already still works.',
  },
  'sync.certificate-refused': {
    kind: 'operational',
    httpStatus: 502,
    hint: 'Have the certificate of the server put right; for one of a private authority start the engine with NODE_EXTRA_CA_CERTS=<file of the authority>.',
  },
  'network.port-in-use': {
    kind: 'operational',
    httpStatus: 500,
    hint: 'Choose another port with --port, or stop the program that uses it.',
  },
  'config.invalid': {
    kind: 'user',
    httpStatus: 500,
    hint: 'Correct the named setting; docs/guides/configuration.md lists them all.',
  },
  'bug.unexpected': {
    kind: 'bug',
    httpStatus: 500,
    hint: 'This is a fault of CloudOptim; the log has the details under the request id.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

/** What an error looks like on the wire: `{error: …}`. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly hint: string;
  readonly details?: unknown;
  /** The request it answers, as in the header `x-request-id` and in the log. */
  readonly requestId?: string;
}

/**
 * An error that a person may see. `message` is one sentence that names the wrong value; `hint` says what to do
 * and defaults to the catalogue's. Never put a secret into either.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly httpStatus: number;
  readonly hint: string;
  readonly details: unknown;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; details?: unknown; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const entry = errorCatalogue[code];
    this.code = code;
    this.kind = entry.kind;
    this.httpStatus = entry.httpStatus;
    this.hint = options.hint ?? entry.hint;
    this.details = options.details;
  }

  /** The wire form. */
  toBody(): ErrorBody {
    const body = { code: this.code, kind: this.kind, message: this.message, hint: this.hint };
    return this.details === undefined ? body : { ...body, details: this.details };
  }
}
