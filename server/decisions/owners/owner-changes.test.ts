import { describe, expect, it } from 'vitest';
import { parseAllDocuments, parseDocument } from 'yaml';
import type { InventoryNodePool } from '../../../common/agent-protocol/index.ts';
import { policyDocument } from '../../../common/contracts/index.ts';
import { ownerChanges as contract } from '../../../common/contracts/owner-changes.ts';
import { podOn } from '../small-cluster.fixture.ts';
import { karpenterChoice } from './karpenter-choice.ts';
import { admits } from './karpenter-requirements.ts';
import { ownerChanges } from './owner-changes.ts';
import { inputOf, offerings, owned, poolOf, waiting } from './owner-input.fixture.ts';
import type { OwnerInput } from './owner-input.ts';

const coming = (instanceType: string, zone: string, capacityType: 'spot' | 'on-demand') => ({
  instanceType,
  zone,
  capacityType,
});
/** Checks the answer against its contract, and gives the one change of an object. */
function changeOf(input: OwnerInput, title: string) {
  const changes = contract.parse(ownerChanges(input));
  const found = changes.changes.find(change => change.title === title);
  if (!found)
    throw new Error(`there is no change of ${title}: ${changes.changes.map(one => one.title).join(', ')}`);
  return found;
}
const specOf = (text: string) =>
  (parseDocument(text).toJS() as { spec: Record<string, never> }).spec as unknown as {
    weight?: number;
    replicas?: number;
    disruption?: Pick<InventoryNodePool, 'consolidationPolicy' | 'consolidateAfter' | 'budgets'>;
    template?: { spec: { requirements: InventoryNodePool['requirements'] } };
  };
/** The pool after a merge patch: lists in it stand for the whole list. */
const patched = (pool: InventoryNodePool, text: string): InventoryNodePool => {
  const { weight = pool.weight, template } = specOf(text);
  return { ...pool, weight, requirements: template?.spec.requirements ?? pool.requirements };
};

describe('a node that Karpenter owns', () => {
  const leaving = owned('gone', 'karpenter', 'web', { isLeaving: true });
  const staying = owned('stays', 'karpenter', 'web', { instanceType: 'm5.large', capacityType: 'spot' });

  it('goes by the disruption settings of its NodePool, present values beside the new ones', () => {
    const input = inputOf({
      nodes: [leaving, staying],
      nodePools: [poolOf('web', { budgets: [{ nodes: '2' }] })],
      policy: policyDocument.parse({
        windows: {
          deny: [{ name: 'day', zone: 'Europe/Berlin', days: ['mon'], from: '08:00', to: '18:00' }],
        },
        budgets: [{ name: 'pools', per: 'pool', share: 0.2 }],
      }),
    });
    const change = changeOf(input, 'NodePool web');
    expect(specOf(change.text)).toEqual({
      disruption: {
        consolidationPolicy: 'WhenEmptyOrUnderutilized',
        consolidateAfter: '5m',
        budgets: [{ nodes: '2' }, { nodes: '20%' }, { nodes: '0', schedule: '0 7 * * 1', duration: '10h' }],
      },
    });
    expect(parseDocument(change.text).get('apiVersion')).toBe('karpenter.sh/v1');
    expect(change.fields.map(({ path, present }) => [path, present])).toEqual([
      ['spec.disruption.consolidationPolicy', 'WhenEmpty'],
      ['spec.disruption.consolidateAfter', 'Never'],
      ['spec.disruption.budgets', '[ { nodes: "2" } ]'],
    ]);
    expect(change.how).toBe('kubectl patch nodepool web --type merge --patch-file nodepool-web.yaml');
    expect(change.notes.join(' ')).toMatch(/Europe\/Berlin sets its clocks on 2027-03-28/);
    expect(change.check).toBeNull();
  });

  it('keeps Karpenter’s own limit where the pool states none: schedules alone would leave the rest without', () => {
    const policy = policyDocument.parse({
      windows: { deny: [{ name: 'd', zone: 'UTC', from: '08:00', to: '09:00' }] },
    });
    const change = changeOf(
      inputOf({ nodes: [leaving], nodePools: [poolOf('web')], policy }),
      'NodePool web',
    );
    expect(specOf(change.text).disruption?.budgets[0]).toEqual({ nodes: '10%' });
  });

  it('says so when nothing has to be changed, and what is unknown', () => {
    const pool = poolOf('web', {
      consolidationPolicy: 'WhenEmptyOrUnderutilized',
      consolidateAfter: '30s',
      budgets: [{ nodes: '10%' }],
    });
    const change = changeOf(inputOf({ nodes: [leaving], nodePools: [pool] }), 'NodePool web');
    expect(change.fields).toEqual([]);
    expect(change.notes[0]).toMatch(/already says all of this/);
    const unknown = changeOf(
      inputOf({ nodes: [leaving], nodePools: [{ ...pool, consolidateAfter: null }] }),
      'NodePool web',
    );
    expect(unknown.fields).toMatchObject([{ path: 'spec.disruption.consolidateAfter', present: null }]);
    expect(unknown.text).toContain('# spec.disruption.consolidateAfter now: unknown');
    const untold = ownerChanges(inputOf({ nodes: [leaving], nodePools: undefined }));
    expect(untold).toMatchObject({
      changes: [],
      notes: [expect.stringMatching(/NodePool web is not known here/)],
    });
  });

  it('names the pods whose mark keeps Karpenter away, DaemonSets among them, and no others', () => {
    const marked = (name: string, by: string, ownerKind = 'ReplicaSet') =>
      podOn('gone', name, { doNotDisrupt: true, doNotDisruptBy: by, ownerKind });
    const pods = [
      marked('own', 'karpenter.sh/do-not-disrupt', 'DaemonSet'),
      marked('other', 'autoscaling.cast.ai/removal-disabled'),
      podOn('stays', 'elsewhere', { doNotDisrupt: true, doNotDisruptBy: 'karpenter.sh/do-not-disrupt' }),
    ];
    const { notes } = changeOf(
      inputOf({ nodes: [leaving, staying], nodePools: [poolOf('web')], pods }),
      'NodePool web',
    );
    expect(notes.filter(note => note.startsWith('Pod'))).toEqual([
      expect.stringMatching(/shop\/own keeps Karpenter from node gone/),
    ]);
  });

  it('of a pool that keeps a number of nodes goes by that number', () => {
    const change = changeOf(
      inputOf({ nodes: [leaving], nodePools: [poolOf('web', { replicas: 3 })] }),
      'NodePool web',
    );
    expect(specOf(change.text)).toEqual({ replicas: 2 });
  });
});

describe('nodes that come from Karpenter', () => {
  const leaving = owned('gone', 'karpenter', 'web', { isLeaving: true, instanceType: 'm5.2xlarge' });
  const staying = owned('stays', 'karpenter', 'web', { instanceType: 'm5.xlarge' });
  const four = Array.from({ length: 4 }, () => waiting(900));
  const onDemandOnly = { key: 'karpenter.sh/capacity-type', operator: 'In', values: ['on-demand'] };

  it.each([
    [
      'as the pool is, where that leads there',
      poolOf('web', {
        requirements: [
          onDemandOnly,
          { key: 'topology.kubernetes.io/zone', operator: 'In', values: ['us-east-1a'] },
        ],
      }),
      [coming('c5.xlarge', 'us-east-1a', 'on-demand')],
      [],
    ],
    [
      'by type and zone',
      poolOf('web', { requirements: [onDemandOnly] }),
      [coming('m5.xlarge', 'us-east-1a', 'on-demand')],
      ['node.kubernetes.io/instance-type', 'topology.kubernetes.io/zone'],
    ],
    [
      'by what kept the planned type out',
      poolOf('web', {
        requirements: [
          onDemandOnly,
          { key: 'karpenter.k8s.aws/instance-category', operator: 'In', values: ['m'] },
          { key: 'karpenter.k8s.aws/instance-generation', operator: 'Gt', values: ['5'] },
        ],
      }),
      [coming('c5.xlarge', 'us-east-1a', 'on-demand')],
      ['karpenter.k8s.aws/instance-category', 'karpenter.k8s.aws/instance-generation'],
    ],
    [
      'as Spot from a pool that had none',
      poolOf('web', { requirements: [onDemandOnly] }),
      [coming('c5.xlarge', 'us-east-1b', 'spot')],
      ['karpenter.sh/capacity-type'],
    ],
    [
      'as several nodes instead of a large one',
      poolOf('web', { requirements: [onDemandOnly] }),
      [coming('m5.large', 'us-east-1a', 'on-demand'), coming('m5.large', 'us-east-1a', 'on-demand')],
      ['node.kubernetes.io/instance-type'],
    ],
  ])('are bought %s, and no node that stays drifts', (_what, pool, wanted, changed) => {
    const stays = wanted.some(({ instanceType }) => instanceType === 'm5.large') ? [] : [staying];
    const input = inputOf({ nodes: [leaving, ...stays], nodePools: [pool], coming: wanted, waiting: four });
    const change = changeOf(input, 'NodePool web');
    expect(change.check?.verdict, change.check?.text).toMatch(/^as-planned$|^may-differ$/);
    const after = patched(pool, change.text);
    const keys = new Set(
      after.requirements
        .filter(one => !pool.requirements.some(old => JSON.stringify(old) === JSON.stringify(one)))
        .map(({ key }) => key),
    );
    for (const key of changed) expect([...keys]).toContain(key);
    if (changed.length === 0) expect([...keys]).toEqual([]);
    // The changed object, not the words about it, is held against the plan.
    const { purchases } = karpenterChoice([after], offerings, four, { cpuMilli: 0, memoryBytes: 0, pods: 0 });
    expect(purchases.map(({ options: [first] }) => [first?.instanceType, first?.capacityType])).toEqual(
      wanted.map(({ instanceType, capacityType }) => [instanceType, capacityType]),
    );
    for (const node of stays)
      expect(
        admits(after, {
          instanceType: node.instanceType ?? '',
          zone: node.zone ?? '',
          capacityType: 'on-demand',
          region: 'us-east-1',
          arch: 'amd64',
          vcpu: 4,
          memoryMib: 16384,
          gpuCount: 0,
        }),
      ).toBe(true);
  });

  it('are told to differ where nodes that stay keep a cheaper type in the pool', () => {
    const cheap = owned('stays', 'karpenter', 'web', { instanceType: 'c5.xlarge' });
    const input = inputOf({
      nodes: [leaving, cheap],
      nodePools: [poolOf('web', { requirements: [onDemandOnly] })],
      coming: [coming('m5.xlarge', 'us-east-1a', 'on-demand')],
      waiting: four,
    });
    expect(changeOf(input, 'NodePool web').check).toMatchObject({
      verdict: 'differs',
      text: expect.stringMatching(/would buy c5.xlarge on-demand.*plan wants m5.xlarge/),
    });
  });

  it('come from a pool of their own where the others hold nodes that would drift, in the same zone, tried first', () => {
    const cheap = owned('stays', 'karpenter', 'web', { instanceType: 'c5.xlarge' });
    const nodeClass = { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'own' };
    const pool = poolOf('web', {
      weight: 5,
      nodeClass,
      labels: { team: 'a' },
      requirements: [
        onDemandOnly,
        { key: 'karpenter.k8s.aws/instance-generation', operator: 'Gt', values: ['4'] },
      ],
    });
    const input = inputOf({
      nodes: [leaving, cheap],
      nodePools: [pool],
      coming: [coming('m5.xlarge', 'us-east-1b', 'on-demand')],
      waiting: four,
    });
    const change = changeOf(input, 'New NodePool web-planned');
    expect(change.check).toMatchObject({ verdict: 'as-planned' });
    expect(change.how).toBe('kubectl apply -f nodepool-web-planned.yaml');
    expect(parseDocument(change.text).toJS()).toMatchObject({
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name: 'web-planned' },
      spec: {
        weight: 6,
        template: { metadata: { labels: { team: 'a' } }, spec: { nodeClassRef: nodeClass } },
      },
    });
    const after = {
      ...pool,
      name: 'web-planned',
      weight: 6,
      requirements: specOf(change.text).template?.spec.requirements ?? [],
    };
    const { purchases } = karpenterChoice([pool, after], offerings, four, {
      cpuMilli: 0,
      memoryBytes: 0,
      pods: 0,
    });
    expect(
      purchases.map(({ pool: from, options }) => [
        from,
        options.map(one => `${one.instanceType} ${one.zone}`),
      ]),
    ).toEqual([['web-planned', ['m5.xlarge us-east-1b']]]);
    // What is there keeps what it requires.
    expect(specOf(changeOf(input, 'NodePool web').text).template).toBeUndefined();
  });

  it('come from the pool that may buy them, whose weight rises above one that would be tried first', () => {
    const spot = poolOf('spot', {
      requirements: [{ key: 'karpenter.sh/capacity-type', operator: 'In', values: ['spot'] }],
    });
    const web = poolOf('web', { requirements: [onDemandOnly] });
    const input = inputOf({
      nodes: [leaving],
      nodePools: [spot, web],
      coming: [coming('c5.xlarge', 'us-east-1b', 'spot')],
      waiting: four,
    });
    const change = changeOf(input, 'NodePool spot');
    expect(change.fields).toContainEqual(
      expect.objectContaining({ path: 'spec.weight', present: '0', proposed: '1' }),
    );
    expect(change.check?.verdict).toBe('as-planned');
    expect(changeOf(input, 'NodePool web').check).toBeNull();
  });

  it('are unknown where their price is, and say how few types there are for Spot', () => {
    const spot = owned('gone', 'karpenter', 'web', { isLeaving: true, capacityType: 'spot' });
    const input = inputOf({
      nodes: [spot],
      nodePools: [poolOf('web')],
      coming: [coming('x9.large', 'us-east-1a', 'spot')],
      waiting: four,
    });
    const change = changeOf(input, 'NodePool web');
    expect(change.check).toMatchObject({
      verdict: 'unknown',
      text: expect.stringMatching(/x9.large spot in us-east-1a is unknown/),
    });
    expect(change.notes.join(' ')).toMatch(
      /names 1 instance type.*at least 15 cheaper types; the plan has 1/,
    );
  });
});

describe('what Karpenter does not know of prices', () => {
  it('is an overlay for each type that is paid otherwise, in the form that the API takes', () => {
    const type = (instanceType: string, paidMicroUsdPerHour: number) => ({
      instanceType,
      nodes: 2,
      listMicroUsdPerHour: 192_000,
      paidMicroUsdPerHour,
    });
    const leaving = owned('gone', 'karpenter', 'web', { isLeaving: true });
    const paid = [type('m5.xlarge', 138_240), type('c5.xlarge', 0), type('m6i.xlarge', 192_000)];
    const change = changeOf(
      inputOf({ nodes: [leaving], nodePools: [poolOf('web')], paid }),
      'NodeOverlays with what is really paid',
    );
    const documents = parseAllDocuments(change.text).map(
      one => one.toJS() as { apiVersion: string; spec: { priceAdjustment: string } },
    );
    expect(documents.map(({ apiVersion, spec }) => [apiVersion, spec.priceAdjustment])).toEqual([
      ['karpenter.sh/v1alpha1', '-28%'],
      ['karpenter.sh/v1alpha1', '-100%'],
    ]);
    // The pattern of the field in karpenter.sh/v1alpha1.
    for (const { spec } of documents)
      expect(spec.priceAdjustment).toMatch(
        /^(([+-]{1}(\d*\.?\d+))|(\+{1}\d*\.?\d+%)|(^(-\d{1,2}(\.\d+)?%)$)|(-100%))$/,
      );
    expect(change.notes.join(' ')).toMatch(/alpha API.*1\.7/);
  });
});

describe('a node of a group', () => {
  const gone = owned('gone', 'eks-node-group', 'general', {
    isLeaving: true,
    labels: { 'alpha.eksctl.io/cluster-name': 'prod' },
  });
  const stays = owned('stays', 'eks-node-group', 'general');

  it('goes by its instance, with its place in the group; sizes that nobody tells are unknown', () => {
    const { nodes, changes } = ownerChanges(inputOf({ nodes: [gone, stays] }));
    const [change] = changes;
    expect(nodes).toMatchObject([{ node: 'gone', problem: null }]);
    expect(change?.text).toContain(
      'aws autoscaling terminate-instance-in-auto-scaling-group --instance-id i-04ab --should-decrement-desired-capacity',
    );
    expect(change?.text).toContain(
      'aws eks update-nodegroup-config --cluster-name prod --nodegroup-name general --scaling-config minSize=1',
    );
    expect(change?.fields.slice(0, 2)).toMatchObject([
      { path: 'desiredSize', present: null, proposed: '1 less' },
      { path: 'minSize', present: null, proposed: 'at most 1' },
    ]);
  });

  it('is replaced by a group of its own, because type and capacity of a managed one cannot be changed', () => {
    const input = inputOf({ nodes: [gone, stays], coming: [coming('m6i.xlarge', 'us-east-1b', 'spot')] });
    const { text } = changeOf(input, 'Node group general');
    expect(text).toMatch(
      /create-nodegroup --cluster-name prod --nodegroup-name general-spot --capacity-type SPOT --instance-types m6i.xlarge .*maxSize=1,desiredSize=1/,
    );
    const karpenter = changeOf({ ...input, nodePools: [poolOf('web')] }, 'Node group general');
    expect(karpenter.text).not.toContain('create-nodegroup');
  });

  it('of an Auto Scaling group gets its types as overrides; what is not known is a variable', () => {
    const own = owned('gone', 'auto-scaling-group', null, { isLeaving: true });
    const { text } = changeOf(
      inputOf({ nodes: [own], coming: [coming('m6i.xlarge', 'us-east-1b', 'spot')] }),
      'Auto Scaling group of unknown name',
    );
    expect(text).toContain('"Overrides":[{"InstanceType":"m6i.xlarge"}]');
    expect(text).toContain('"$ASG"');
  });

  it('is named so that no name becomes a command', () => {
    const evil = owned('gone', 'eks-node-group', "a'; rm -rf / #", { isLeaving: true });
    const [change] = ownerChanges(inputOf({ nodes: [evil] })).changes;
    expect(change?.text).toContain(`--nodegroup-name 'a'\\''; rm -rf / #'`);
    expect(change?.text).toContain('--cluster-name "$EKS_CLUSTER"');
  });
});
