import { type Role, roles } from '../../../common/contracts/index.ts';

/** Which value of a claim gives which role; `*` is anybody who signs in. */
export interface RoleRule {
  readonly role: Role;
  readonly value: string;
}

/** Reads `admin=platform-team`; `undefined` for anything else. */
export function parseRoleRule(text: string): RoleRule | undefined {
  const [, role, value] = /^(viewer|operator|admin)=(.+)$/.exec(text) ?? [];
  return role === undefined || value === undefined ? undefined : { role: role as Role, value };
}

/**
 * The highest role that a claim gives. The claim is a text, or a list of texts as groups are.
 * @returns `undefined` when no rule fits: whoever an organisation knows is not let in for that alone
 */
export function roleOfClaims(
  claims: Readonly<Record<string, unknown>>,
  claim: string,
  rules: readonly RoleRule[],
): Role | undefined {
  const given = claims[claim];
  const values = new Set(
    (Array.isArray(given) ? given : [given]).filter((value): value is string => typeof value === 'string'),
  );
  return roles.findLast(role =>
    rules.some(rule => rule.role === role && (rule.value === '*' || values.has(rule.value))),
  );
}
