import { describe, expect, it } from 'vitest';
import { pageOfLink } from './page-of-link.ts';

describe('a deep link', () => {
  it.each([
    ['cloudoptim://cluster/cluster-00ff', '/clusters/cluster-00ff'],
    ['cloudoptim://plan/plan-3f9a0b', '/decisions/plan-3f9a0b'],
    ['cloudoptim://plan/plan-3f9a0b/', '/decisions/plan-3f9a0b'],
    ['CLOUDOPTIM://Plan/plan-3f9a0b', '/decisions/plan-3f9a0b'],
  ])('%s opens %s', (link, path) => {
    expect(pageOfLink(link)).toEqual({ path });
  });

  it.each([
    '',
    'cloudoptim:',
    'cloudoptim://',
    'cloudoptim://plan',
    'cloudoptim://plan/',
    'cloudoptim://plan//',
    'cloudoptim:plan/plan-1',
    'cloudoptim://settings/tokens',
    'cloudoptim://constructor/plan-1',
    'cloudoptim://__proto__/plan-1',
    'cloudoptim://plan/plan-1/approve',
    'cloudoptim://plan/plan-1?approve=1',
    'cloudoptim://plan/plan-1#approve',
    'cloudoptim://plan/../settings',
    'cloudoptim://plan/..%2fsettings',
    'cloudoptim://plan/%2e%2e',
    'cloudoptim://plan/plan-1%00',
    'cloudoptim://plan/plan-1\n--inspect',
    'cloudoptim://plan/plan-1 --gpu-launcher=calc',
    'cloudoptim://plan/"; alert(1)',
    'cloudoptim://plan/<img src=x>',
    'cloudoptim://plan/javascript:alert(1)',
    'cloudoptim://user@plan/plan-1',
    'cloudoptim://plan:80/plan-1',
    'cloudoptim://plan\\plan-1',
    'cloudoptim:///plan/plan-1',
    'cloudoptimx://plan/plan-1',
    'https://plan/plan-1',
    ' cloudoptim://plan/plan-1',
    'cloudoptim://plan/plаn-1',
    `cloudoptim://plan/${'a'.repeat(129)}`,
    `cloudoptim://plan/${'a'.repeat(100_000)}`,
  ])('%j opens nothing, and says so in one sentence', link => {
    const target = pageOfLink(link);
    expect(target).toEqual({
      refusal: expect.stringMatching(/^The link "[\s\S]*" leads nowhere in CloudOptim\.$/),
    });
    expect(JSON.stringify(target).length).toBeLessThan(400);
  });
});
