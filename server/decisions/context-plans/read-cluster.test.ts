import { describe, expect, it } from 'vitest';
import type { ClusterAnswer } from '../../clusters/index.ts';
import { deployment, node, pod } from '../snapshot/small-snapshot.fixture.ts';
import { readCluster, readKinds } from './read-cluster.ts';

type Asked = Readonly<Record<string, string>>;

const ok = (items: readonly unknown[], metadata: object = {}): ClusterAnswer => ({
  code: 200,
  body: { items, metadata },
  retryAfterMs: undefined,
});
const fault = (code: number, body: object = {}, retryAfterMs?: number): ClusterAnswer => ({
  code,
  body,
  retryAfterMs,
});

/** Answers of an API server in the order in which they come; of kinds without any, empty lists. */
function linkOf(answers: Record<string, ClusterAnswer[]>) {
  const asked: string[] = [];
  return {
    asked,
    host: 'cluster.example',
    get: async (path: string, query: Asked) => {
      const resource = path.split('/').at(-1) ?? '';
      asked.push(`${resource} ${query.continue ?? ''}`.trim());
      return answers[resource]?.shift() ?? ok([]);
    },
  };
}

const never = new AbortController().signal;
const nodes = ok([node('n1'), node('n2')]);

describe('a reading of a cluster', () => {
  it('goes on from page to page, also where a token has grown too old, and waits where the API is busy', async () => {
    const link = linkOf({
      nodes: [fault(429, {}, 1), nodes],
      pods: [
        ok([pod('a', 'web', 'n1')], { continue: 't1', remainingItemCount: 2 }),
        fault(410, { reason: 'Expired', metadata: { continue: 't2' } }),
        ok([pod('b', 'web', 'n2')], { continue: 't3', remainingItemCount: 1 }),
        ok([pod('c', 'web', 'n2')]),
      ],
      deployments: [ok(deployment('web', 3).slice(0, 1))],
      nodepools: [fault(404)],
    });
    const told: string[] = [];
    const snapshot = await readCluster(link, never, ({ reading, read, expected, objects }) => {
      if (reading === 'pods') told.push(`${read} of ${expected}, ${objects}`);
    });
    expect(snapshot.pods.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(snapshot.workloads.map(({ kind }) => kind)).toEqual(['Deployment']);
    expect(snapshot.warnings).toEqual([]);
    expect(told).toEqual(['0 of null, 2', '1 of 3, 3', '2 of 3, 4', '3 of 3, 5']);
    expect(link.asked.slice(0, 6)).toEqual(['nodes', 'nodes', 'pods', 'pods t1', 'pods t2', 'pods t3']);
    expect(link.asked).toHaveLength(readKinds.length + 4);
  });

  it('keeps of an object what a plan needs, and neither environment nor annotations', async () => {
    const secret = pod('a', 'web', 'n1', {
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'canary' } },
      spec: { containers: [{ name: 'c', env: [{ name: 'PASSWORD', value: 'canary' }], args: ['canary'] }] },
    });
    const snapshot = await readCluster(
      linkOf({ nodes: [nodes], pods: [ok([secret])] }),
      never,
      () => undefined,
    );
    expect(JSON.stringify(snapshot)).not.toContain('canary');
  });

  it('ends where the API does not come back, with what it said', async () => {
    const down = linkOf({ nodes: [1, 2, 3, 4].map(() => fault(503, { message: 'etcd is away.' }, 1)) });
    await expect(readCluster(down, never, () => undefined)).rejects.toMatchObject({
      code: 'kubeconfig.unreachable',
      message: 'cluster.example answered 503 for its nodes: etcd is away.',
    });
    expect(down.asked).toHaveLength(4);
    const notOne = linkOf({ nodes: [{ code: 200, body: undefined, retryAfterMs: undefined }] });
    await expect(readCluster(notOne, never, () => undefined)).rejects.toMatchObject({
      message: 'cluster.example answered 200 for its nodes.',
    });
    await expect(readCluster(linkOf({}), never, () => undefined)).rejects.toMatchObject({
      message: 'The cluster at cluster.example has no nodes: there is nothing to plan.',
    });
  });
});
