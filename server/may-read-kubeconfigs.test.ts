import { expect, it } from 'vitest';
import { kubeconfigRefusal } from './may-read-kubeconfigs.ts';
import { loadSettings } from './platform/index.ts';

const refusal = (flags: object) => kubeconfigRefusal(loadSettings(flags, {}));

it('lets kubeconfigs be read where whoever asks sits at the machine, or where somebody decided so', () => {
  expect(refusal({})).toBeNull();
  expect(refusal({ allowedOrigins: 'app://cloudoptim' })).toBeNull();
  const shared = { databaseUrl: 'postgresql://optim@db.example:5432/optim' };
  expect(refusal(shared)).toContain('shared database');
  expect(refusal({ allowedHosts: 'optim.example' })).toContain('serves others under optim.example');
  expect(refusal({ ...shared, allowedHosts: 'optim.example', kubeconfigs: 'on' })).toBeNull();
  expect(refusal({ kubeconfigs: 'off' })).toContain('turned off');
});
