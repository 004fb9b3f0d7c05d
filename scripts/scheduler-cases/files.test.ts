import { describe, expect, it } from 'vitest';
import { kubernetesCase } from '../../server/decisions/packing/kubernetes-case.ts';
import { packProblem } from '../../server/decisions/packing/pack-problem.ts';
import { randomCluster } from '../../server/decisions/packing/random-cluster.fixture.ts';
import { type Claim, schedulerFiles, schedulerVerdict } from './files.ts';

interface PodFile {
  metadata: { name: string; namespace: string };
  spec: {
    nodeName?: string;
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: {
          preference: { matchFields: { values: string[] }[] };
        }[];
      };
    };
  };
}

const options = { solve: undefined, seed: 1, shouldStop: () => false, patience: 0 };

describe('cases for a real scheduler', () => {
  it('ask for every pod of the answer, in its order, and leave the decision to the scheduler', () => {
    let pods = 0;
    for (let seed = 1; seed <= 50; seed++) {
      const problem = randomCluster(seed);
      const written = kubernetesCase(problem, packProblem(problem, options));
      const files = schedulerFiles(written);
      const claims = files['claims.json'] as Claim[];
      expect(claims).toHaveLength(written.pending.length);
      claims.forEach((claim, i) => {
        const { metadata, spec } = files[`pod-${i}.json`] as PodFile;
        expect(`${metadata.namespace}/${metadata.name}`).toBe(claim.pod);
        expect(spec.nodeName).toBeUndefined();
        const [wish] = spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution;
        expect(wish?.preference.matchFields[0]?.values).toEqual([claim.claimed]);
        pods++;
      });
    }
    expect(pods).toBeGreaterThan(100);
  });

  it('tell claims that hold from pods that went elsewhere, nowhere, or are missing', () => {
    const pod = (name: string, nodeName?: string, message?: string) => ({
      metadata: { name, namespace: 'shop' },
      spec: { ...(nodeName !== undefined && { nodeName }) },
      ...(message !== undefined && { status: { conditions: [{ type: 'PodScheduled', message }] } }),
    });
    const claims = ['p', 'q', 'r', 's'].map(name => ({ pod: `shop/${name}`, claimed: 'n1' }));
    const items = [pod('p', 'n1'), pod('q', 'n2'), pod('r', undefined, '0/2 nodes are available')];
    expect(schedulerVerdict(claims, { items }).map(({ reason }) => reason)).toEqual([
      null,
      'the scheduler put it on n2',
      '0/2 nodes are available',
      'there is no such pod',
    ]);
  });
});
