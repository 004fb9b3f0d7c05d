import { z } from 'zod';
import { ownerChanges } from './owner-changes.ts';

const usdPerHour = z.number().meta({ description: 'USD per hour' });
const figures = z.object({ nodes: z.number().int(), costUsdHour: usdPerHour });

const machine = z.object({
  name: z.string(),
  instanceType: z.string().nullable(),
  zone: z.string().nullable(),
  capacityType: z.string().nullable(),
  usdHour: usdPerHour.nullable(),
});
/** A machine of a plan. */
export type PlanMachine = Readonly<z.output<typeof machine>>;

const list = <T extends z.ZodType>(of: T) => z.array(of).readonly();

/** What is done at once; the next wave begins when all of it has ended well. */
const wave = z.object({
  add: list(z.string()).meta({ description: 'New nodes that must be ready before anything is drained' }),
  drain: list(z.object({ node: z.string(), isRemoved: z.boolean(), pods: list(z.string()) })).meta({
    description: 'Nodes that are drained and removed, and nodes of which single pods are moved',
  }),
  budgets: list(
    z.object({ budget: z.string(), evictions: z.number().int(), allowed: z.number().int() }),
  ).meta({ description: 'Evictions for each PodDisruptionBudget that is touched' }),
  note: z.string().nullable().meta({ description: 'What an operator should know' }),
});
export type Wave = Readonly<z.output<typeof wave>>;

/** A node that stays, with every reason. */
const blocked = z.object({
  node: z.string(),
  reasons: list(
    z.object({
      code: z.string(),
      object: z.string().nullable().meta({ description: 'What keeps it: "PodDisruptionBudget/shop/web"' }),
      text: z.string(),
      unblock: z
        .string()
        .nullable()
        .meta({ description: 'The smallest change that would free it of this reason' }),
      savesUsdMonth: z.number().nullable().meta({
        description:
          'What could be saved if all reasons of the node were gone; null when unknown or when there is nothing to free',
      }),
    }),
  ),
});
export type BlockedSnapshotNode = Readonly<z.output<typeof blocked>>;

/** The cheapest nodes for a cluster, as `cloudoptim plan --json` prints it. Fields may be added, not renamed. */
export const packingPlan = z.object({
  before: figures.readonly(),
  after: figures.readonly(),
  savesUsdMonth: z.number(),
  lowerBoundUsdHour: usdPerHour.meta({ description: 'Of nodes with known prices, like both costs' }),
  gap: z.number().nullable().meta({ description: '(cost − bound) / bound; null when the bound is 0' }),
  unknownPrices: list(z.object({ node: z.string(), reason: z.string() })).meta({
    description: 'Nodes that are in no cost, and why; they stay',
  }),
  nodes: z
    .object({
      keep: list(z.string()),
      remove: list(machine),
      add: list(
        machine.extend({
          like: z.string().meta({
            description: 'The group of nodes whose labels and taints a new one must have',
          }),
        }),
      ),
    })
    .readonly(),
  moves: list(z.object({ pod: z.string(), from: z.string().nullable(), to: z.string(), reason: z.string() })),
  waves: list(wave),
  blocked: list(blocked),
  unplaced: list(z.object({ pods: z.string(), count: z.number().int(), reason: z.string() })).meta({
    description: 'Pending pods that no node would hold',
  }),
  brokenPreferences: list(z.object({ pods: z.string(), kind: z.string(), count: z.number().int() })).meta({
    description:
      'What pods would rather have had on the nodes of the plan: for each kind, one for each pod and each term that does not hold',
  }),
  warnings: list(z.string()),
  ownerChanges: ownerChanges
    .optional()
    .meta({ description: 'What it means for the owners of its nodes; only where that was asked for' }),
});
export type PackingPlan = Readonly<z.output<typeof packingPlan>>;
