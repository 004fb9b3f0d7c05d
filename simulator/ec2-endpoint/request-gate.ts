import { Ec2Error } from './ec2-error.ts';
import { createTokenBucket, type TokenBucketOptions } from './token-bucket.ts';

/** Who is let in, and how fast. */
export interface RequestGateOptions {
  /** The region that credentials have to be scoped to. */
  readonly region: string;
  /** Access key ids that are known; every id is, when absent. */
  readonly accessKeyIds: readonly string[] | undefined;
  /** Actions that answer 403. */
  readonly deniedActions: readonly string[];
  readonly bucket: TokenBucketOptions;
  /** Every Nth request is throttled, whatever the bucket holds; 0 for none. */
  readonly throttleEveryNth: number;
}

/** What credentials are scoped to. */
export type Service = 'ec2' | 'autoscaling';

/** Lets requests through or throws the `Ec2Error` that EC2 would answer; counts both. */
export interface RequestGate {
  admit(request: {
    readonly service: Service;
    readonly action: string;
    readonly authorization: string | undefined;
    readonly nowMs: number;
  }): void;
  requests(): number;
  throttled(): number;
}

/** A gate that is open since `startMs`. Signatures are not verified: only who signed, and for which region and service. */
export function createRequestGate(options: RequestGateOptions, startMs: number): RequestGate {
  const takeToken = createTokenBucket(options.bucket, startMs);
  let requests = 0;
  let throttled = 0;
  return {
    admit({ service, action, authorization, nowMs }) {
      requests++;
      checkCredential(authorization, service, options);
      const isNth = options.throttleEveryNth > 0 && requests % options.throttleEveryNth === 0;
      if (isNth || !takeToken(nowMs)) {
        throttled++;
        throw new Ec2Error(503, 'RequestLimitExceeded', 'Request limit exceeded.');
      }
      if (options.deniedActions.includes(action)) {
        const message = `You are not authorized to perform this operation. The access key may not call ${service}:${action}.`;
        throw new Ec2Error(403, service === 'ec2' ? 'UnauthorizedOperation' : 'AccessDenied', message);
      }
    },
    requests: () => requests,
    throttled: () => throttled,
  };
}

function checkCredential(
  authorization: string | undefined,
  wanted: Service,
  options: RequestGateOptions,
): void {
  const scope = /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(
    authorization ?? '',
  );
  const [, accessKeyId, region, service] = scope ?? [];
  if (!accessKeyId || (options.accessKeyIds && !options.accessKeyIds.includes(accessKeyId))) {
    throw new Ec2Error(401, 'AuthFailure', 'AWS was not able to validate the provided access credentials');
  }
  if (region !== options.region || service !== wanted) {
    const message = `Credential should be scoped to a valid region and service: '${options.region}' and '${wanted}'.`;
    throw new Ec2Error(401, 'AuthFailure', message);
  }
}
