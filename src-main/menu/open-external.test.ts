import { expect, it } from 'vitest';
import { externalAddress } from './open-external.ts';

it('opens https pages of known hosts', () => {
  const address = 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/';
  expect(externalAddress(address)).toBe(address);
});

it.each([
  'http://kubernetes.io/',
  'https://kubernetes.io.attacker.example/',
  'https://attacker.example/kubernetes.io',
  'https://kubernetes.io@attacker.example/',
  'https://user:pass@kubernetes.io/',
  'https://kubernetes.io:8443/',
  'https://xn--kbernetes-q9a.io/',
  'https://kubernetes.io./',
  'file:///etc/passwd',
  'smb://kubernetes.io/share',
  'ms-msdt:/id PCWDiagnostic',
  'vscode://kubernetes.io/',
  'javascript:alert(1)',
  'data:text/html,x',
  'cloudoptim://plan/plan-1',
  '\\\\kubernetes.io\\share',
  '//kubernetes.io/',
  '',
])('does not open %j', address => {
  expect(externalAddress(address)).toBeUndefined();
});
