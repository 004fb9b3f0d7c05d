import { describe, expect, it } from 'vitest';
import { parseRoleRule, type RoleRule, roleOfClaims } from './role-of-claims.ts';

const rules = ['admin=platform', 'operator=sre', 'operator=on-call', 'viewer=staff'].map(
  text => parseRoleRule(text) as RoleRule,
);

describe('roleOfClaims', () => {
  it.each([
    [{ groups: ['staff', 'sre'] }, 'operator'],
    [{ groups: ['platform', 'staff'] }, 'admin'],
    [{ groups: 'staff' }, 'viewer'],
    [{ groups: ['Platform', 'platform '] }, undefined],
    [{ groups: [['platform']] }, undefined],
    [{ roles: ['platform'] }, undefined],
    [{ groups: null }, undefined],
    [{}, undefined],
  ])('of %j is %s', (claims, role) => expect(roleOfClaims(claims, 'groups', rules)).toBe(role));

  it('can let in whoever signs in, and still give some more', () => {
    const open = [...rules, { role: 'viewer', value: '*' } as const];
    expect(roleOfClaims({}, 'groups', open)).toBe('viewer');
    expect(roleOfClaims({ groups: ['sre'] }, 'groups', open)).toBe('operator');
  });

  it('reads no rule of an unknown role', () => {
    for (const text of ['root=x', 'admin', 'admin=', '=x']) expect(parseRoleRule(text)).toBeUndefined();
  });
});
