import type { RequestPath } from './api-request.ts';
import { badRequest, failure, qualified, StatusAnswer, unknownPath } from './status.ts';

/** Who a token stands for, and whether it may only read. */
export interface Caller {
  readonly user: string;
  readonly readOnly: boolean;
}

const READ_VERBS = ['get', 'list', 'watch'];

/** The 401 of a missing or unknown token. */
export function unauthorized(): StatusAnswer {
  return new StatusAnswer(401, failure(401, 'Unauthorized', 'Unauthorized'));
}

/** Throws the 403 that a real API server gives when the caller may not do this. Reviews about oneself are always allowed. */
export function requireAllowed(caller: Caller, verb: string, path: RequestPath): void {
  if (isReview(path) || isAllowed(caller, verb)) return;
  const resource = path.subresource === undefined ? path.resource : `${path.resource}/${path.subresource}`;
  const where =
    path.namespace === undefined ? 'at the cluster scope' : `in the namespace "${path.namespace}"`;
  const what = path.name === undefined ? '' : ` "${path.name}"`;
  const message = `${qualified(path)}${what} is forbidden: User "${caller.user}" cannot ${verb} resource "${resource}" in API group "${path.group}" ${where}`;
  const details = {
    ...(path.name === undefined ? {} : { name: path.name }),
    ...(path.group === '' ? {} : { group: path.group }),
    kind: path.resource,
  };
  throw new StatusAnswer(403, failure(403, 'Forbidden', message, details));
}

/** Whether the path is one of the reviews of authorization.k8s.io and authentication.k8s.io. */
export function isReview(path: RequestPath): boolean {
  return path.group === 'authorization.k8s.io' || path.group === 'authentication.k8s.io';
}

/** Answers a SelfSubjectAccessReview, SelfSubjectRulesReview or SelfSubjectReview. */
export function answerReview(caller: Caller, path: RequestPath, body: unknown): object {
  if (typeof body !== 'object' || body === null) throw badRequest('a review needs a JSON body');
  const review = body as { readonly spec?: { readonly resourceAttributes?: { readonly verb?: string } } };
  switch (path.resource) {
    case 'selfsubjectaccessreviews': {
      const allowed = isAllowed(caller, review.spec?.resourceAttributes?.verb ?? 'get');
      return { ...body, status: { allowed, ...(allowed ? { reason: 'pretend cluster' } : {}) } };
    }
    case 'selfsubjectrulesreviews': {
      const verbs = caller.readOnly ? READ_VERBS : ['*'];
      const resourceRules = [{ verbs, apiGroups: ['*'], resources: ['*'] }];
      const nonResourceRules = [{ verbs: ['get'], nonResourceURLs: ['*'] }];
      return { ...body, status: { resourceRules, nonResourceRules, incomplete: false } };
    }
    case 'selfsubjectreviews':
      return { ...body, status: { userInfo: { username: caller.user, groups: ['system:authenticated'] } } };
    default:
      throw unknownPath();
  }
}

function isAllowed(caller: Caller, verb: string): boolean {
  return !caller.readOnly || READ_VERBS.includes(verb);
}
