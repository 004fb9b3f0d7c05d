import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { InventoryObject, InventoryWorkload } from '../../../common/agent-protocol/index.ts';
import { InventoryState } from '../cluster-state.ts';
import { testPod } from '../testing/test-objects.ts';
import { ReportedPods } from './reported-pods.ts';

const owner = (ownerName: string): InventoryWorkload => ({
  kind: 'ReplicaSet',
  namespace: 'shop',
  name: 'web',
  uid: 'rs',
  replicas: 1,
  readyReplicas: 1,
  ownerKind: 'Deployment',
  ownerName,
});
const podOf = (name: string, startedAt: number) =>
  testPod(name, null, {
    containers: ['app', 'proxy'].map(name => ({ name, requests: {}, limits: {}, startedAt })),
  });
const name = fc.constantFrom('a', 'b', 'c', 'd');
const change = fc.oneof(
  fc.record({ pod: name, startedAt: fc.nat(3) }),
  fc.record({ gone: name }),
  fc.record({ owner: fc.constantFrom('shop', 'web') }),
);
const container = fc.constantFrom('app', 'proxy', 'unknown');
const report = fc.record({ report: fc.array(fc.tuple(name, fc.array(container, { maxLength: 3 }))) });

it('finds what looking everything up anew would find, whatever order reports come in and whatever changes', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(change, report), { maxLength: 40 }), steps => {
      const state = new InventoryState();
      const apply = (key: string, object: InventoryObject | null) => state.apply(new Map([[key, object]]));
      for (const step of steps) {
        if ('pod' in step) apply(`Pod/shop/${step.pod}`, podOf(step.pod, step.startedAt));
        else if ('gone' in step) apply(`Pod/shop/${step.gone}`, null);
        else if ('owner' in step) apply('ReplicaSet/shop/web', owner(step.owner));
        else {
          const anew = new ReportedPods(key => state.objects.get(key));
          for (const [place, [name, containers]] of step.report.entries()) {
            anew.forget();
            const expected = anew.at(0, 'shop', name);
            const found = state.reported.at(place, 'shop', name);
            expect(found && { ...found }).toEqual(expected && { ...expected });
            for (const [index, one] of containers.entries())
              expect(found?.container(index, one)).toEqual(expected?.container(0, one));
          }
        }
      }
    }),
  );
});
