import { z } from 'zod';
import { nodeOwner } from './clusters.ts';
import { procedure } from './procedure.ts';

/** A field of an owner's object, as it is and as it should be. */
const changedField = z.object({
  path: z.string().meta({ description: 'spec.disruption.budgets' }),
  present: z.string().nullable().meta({ description: 'null where the cluster does not tell' }),
  proposed: z.string(),
  why: z.string(),
});
export type ChangedField = Readonly<z.output<typeof changedField>>;

/** Whether a change leads to the machines that the plan wants, by a model of what its owner would buy. */
const purchaseCheck = z.object({
  verdict: z.enum(['as-planned', 'may-differ', 'differs', 'unknown']),
  bought: z
    .number()
    .int()
    .meta({ description: 'How many of the planned nodes it would buy, by instance type and capacity type' }),
  text: z.string(),
});
export type PurchaseCheck = Readonly<z.output<typeof purchaseCheck>>;

/** A change of one object, to review, apply and put into version control. */
const ownerChange = z.object({
  owner: nodeOwner.pick({ kind: true, name: true }),
  title: z.string(),
  nodes: z.array(z.string()).meta({ description: 'Nodes of the plan that go by it' }),
  fileName: z.string(),
  language: z.enum(['yaml', 'sh']),
  text: z.string().meta({ description: 'A YAML document, or lines for a shell' }),
  how: z.string().meta({ description: 'How it is applied' }),
  fields: z.array(changedField),
  check: purchaseCheck.nullable().meta({ description: 'null where it brings no nodes' }),
  notes: z.array(z.string()),
});
export type OwnerChange = Readonly<z.output<typeof ownerChange>>;

const ownedNode = z.object({
  node: z.string(),
  owner: nodeOwner,
  problem: z
    .string()
    .nullable()
    .meta({ description: 'Why deleting its Node object would not take it away; null where it does' }),
});

/** What a plan means in the language of those who own its nodes. */
export const ownerChanges = z.object({
  nodes: z.array(ownedNode).meta({ description: 'The nodes that go, and who would bring them back' }),
  changes: z.array(ownerChange),
  notes: z.array(z.string()),
});
export type OwnerChanges = Readonly<z.output<typeof ownerChanges>>;

export const owners = {
  getOwnerChanges: procedure({
    method: 'GET',
    path: '/api/v1/optimization/plans/:id/owner-changes',
    access: 'viewer',
    tag: 'decisions',
    summary:
      'What a plan means in the language of the owners of its nodes: Karpenter’s NodePools and NodeOverlays, node groups; nothing is changed',
    params: z.object({ id: z.string() }),
    response: ownerChanges,
  }),
};
