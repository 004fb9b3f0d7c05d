import type { RequestPath } from './api-request.ts';
import { badRequest, failure, qualified, StatusAnswer, unknownPath } from './status.ts';

/** One rule of a Role or ClusterRole, as rbac.authorization.k8s.io has it; `*` stands for all. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  /** Plural, with the subresource behind a slash: `pods/eviction`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects of these names; all where absent. What is created has no name yet. */
  readonly resourceNames?: readonly string[];
  /** Of the Role that holds the rule; the rules of a ClusterRole have none, and hold everywhere. */
  readonly namespace?: string;
}

/** Who a token stands for, and what that user may do. */
export interface Caller {
  readonly user: string;
  readonly rules: readonly PolicyRule[];
}

/** May do everything. */
export const ADMIN_RULES: readonly PolicyRule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
/** May look at everything. */
export const READER_RULES: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
];

/** The 401 of a missing or unknown token. */
export function unauthorized(): StatusAnswer {
  return new StatusAnswer(401, failure(401, 'Unauthorized', 'Unauthorized'));
}

/** Throws the 403 that a real API server gives when the caller may not do this. Reviews about oneself are always allowed. */
export function requireAllowed(caller: Caller, verb: string, path: RequestPath): void {
  const resource = path.subresource === undefined ? path.resource : `${path.resource}/${path.subresource}`;
  if (isReview(path) || isAllowed(caller, { ...path, verb, resource })) return;
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
  const review = body as { readonly spec?: { readonly resourceAttributes?: ResourceAttributes } };
  switch (path.resource) {
    case 'selfsubjectaccessreviews': {
      const asked = review.spec?.resourceAttributes ?? {};
      const { verb = 'get', group = '', resource = '', subresource } = asked;
      const named = subresource ? `${resource}/${subresource}` : resource;
      const allowed = isAllowed(caller, { ...asked, verb, group, resource: named });
      return { ...body, status: { allowed, ...(allowed ? { reason: 'pretend cluster' } : {}) } };
    }
    case 'selfsubjectrulesreviews': {
      const resourceRules = caller.rules;
      const nonResourceRules = [{ verbs: ['get'], nonResourceURLs: ['*'] }];
      return { ...body, status: { resourceRules, nonResourceRules, incomplete: false } };
    }
    case 'selfsubjectreviews':
      return { ...body, status: { userInfo: { username: caller.user, groups: ['system:authenticated'] } } };
    default:
      throw unknownPath();
  }
}

/** What a SelfSubjectAccessReview asks about. */
interface ResourceAttributes {
  readonly verb?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

function isAllowed(
  { rules }: Caller,
  {
    verb,
    group,
    resource,
    namespace,
    name,
  }: {
    verb: string;
    group: string;
    resource: string;
    namespace?: string | undefined;
    name?: string | undefined;
  },
): boolean {
  const has = (list: readonly string[], wanted: string) => list.includes('*') || list.includes(wanted);
  return rules.some(
    rule =>
      has(rule.verbs, verb) &&
      has(rule.apiGroups, group) &&
      has(rule.resources, resource) &&
      (rule.namespace === undefined || rule.namespace === namespace) &&
      (rule.resourceNames?.includes(name ?? '') ?? true),
  );
}
