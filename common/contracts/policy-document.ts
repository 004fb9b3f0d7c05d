import { z } from 'zod';
import { capacityTypes } from './clusters.ts';
import { decisionSettings } from './decision-settings.ts';
import { planKinds } from './decisions.ts';
import { about, DAY, duration, HOUR, money, shareOf, wholeNumber, withDefault } from './policy-fields.ts';

export const policyModes = ['recommend', 'approve', 'automatic'] as const;
export type PolicyMode = (typeof policyModes)[number];

/** What is done when AWS says that it takes a Spot node away. */
const spotInterruptionAnswers = ['tell', 'drain'] as const;

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const name = z.string().trim().min(1).max(80);
const glob = z.string().trim().min(1).max(120);

/** Which nodes are meant. A list that is left out or empty stands for all; `*` stands for any characters. */
export const nodeMatch = z.strictObject({
  nodePools: z
    .array(glob)
    .max(100)
    .optional()
    .meta(
      about('Node pools', 'Karpenter NodePools or EKS node groups by name; * stands for any characters.'),
    ),
  instanceTypes: z
    .array(glob)
    .max(100)
    .optional()
    .meta(about('Instance types', 'For example m5.* or r6i.large; * stands for any characters.')),
  zones: z
    .array(glob)
    .max(100)
    .optional()
    .meta(about('Zones', 'Availability zones, for example eu-west-1a.')),
  capacityTypes: z
    .array(z.enum(capacityTypes))
    .max(3)
    .optional()
    .meta(about('Capacity types', 'on-demand, spot or unknown.')),
});
export type NodeMatch = z.output<typeof nodeMatch>;

/** Thresholds of one pool of nodes; what it leaves out is as in `decisions`. */
export const poolRule = z.strictObject({
  name: name.meta(about('Name', 'How the rule is called in reasons.')),
  match: nodeMatch.meta(
    about('Nodes', 'Nodes that the rule is for; the first rule that fits a node counts.'),
  ),
  minimumSavingMicroUsdPerMonth: money(
    'Least saving in money',
    'A move must save at least this much; a month has 730 hours.',
    'month',
  ).optional(),
  minimumSavingShare: shareOf(
    'Least saving',
    'A move must save at least this part of what the node costs now.',
    'its cost',
  ).optional(),
  minimumSpotToSpotSavingShare: shareOf(
    'Least saving from Spot to Spot',
    'The same from one Spot pool to another.',
    'its cost',
  ).optional(),
  maximumPaybackMs: duration(
    'Longest payback',
    'What the switch costs, drain and start-up included, must be saved again within this time.',
  ).optional(),
  startUpMs: duration(
    'Start-up',
    'A new node of this pool takes this long until its pods serve; both nodes are paid meanwhile.',
    DAY,
  ).optional(),
  expectedDrainMs: duration(
    'Drain',
    'To drain a node of this pool takes about this long; both nodes are paid meanwhile.',
    DAY,
  ).optional(),
});
export type PoolRule = z.output<typeof poolRule>;

/** How much of some workloads stays on nodes that nobody takes away. */
export const workloadRule = z.strictObject({
  name: name.meta(about('Name', 'How the rule is called in reasons.')),
  only: z
    .array(glob)
    .min(1)
    .max(100)
    .optional()
    .meta(
      about(
        'Only',
        'Workloads as Deployment/shop/web that it is for; all when left out; * stands for any characters. The first rule that fits a workload counts.',
      ),
    ),
  onDemandShare: shareOf(
    'Part on-demand',
    'At least this part, rounded up, runs on on-demand nodes; the rest may run on Spot.',
    'its pods',
  ).optional(),
  onDemandPods: wholeNumber(
    'Pods on-demand',
    'At least this many run on on-demand nodes.',
    'pods',
  ).optional(),
});
export type WorkloadRule = z.output<typeof workloadRule>;

const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day as HH:MM, from 00:00 to 23:59');

/** A span of local time that comes again. */
export const policyWindow = z.strictObject({
  name: name.meta(about('Name', 'How the window is called where something waits for it.')),
  zone: z
    .string()
    .min(1)
    .max(80)
    .meta(about('Time zone', 'IANA time zone, for example Europe/Berlin or Asia/Kolkata.')),
  days: z
    .array(z.enum(weekdays))
    .min(1)
    .max(7)
    .optional()
    .meta(about('Days', 'Days of the week on which it begins; every day when left out.')),
  from: clockTime
    .optional()
    .meta(about('From', 'Local time at which it begins; midnight when left out.', 'HH:MM')),
  to: clockTime
    .optional()
    .meta(
      about(
        'To',
        'Local time at which it ends, on the next day when not later than its beginning; the end of the day when left out.',
        'HH:MM',
      ),
    ),
  dates: z
    .array(
      z.strictObject({
        first: z.iso.date().meta(about('First day', 'First local date.', 'YYYY-MM-DD')),
        last: z.iso.date().meta(about('Last day', 'Last local date, included.', 'YYYY-MM-DD')),
      }),
    )
    .min(1)
    .max(100)
    .optional()
    .meta(about('Dates', 'It begins only on these dates; on every date when left out.')),
});
export type PolicyWindow = z.output<typeof policyWindow>;

export const budgetScopes = ['cluster', 'pool', 'zone', 'workload'] as const;

/** How much may be disrupted. Of several budgets that fit, the strictest counts. */
export const disruptionBudget = z.strictObject({
  name: name.meta(about('Name', 'How the budget is called where a plan waits for it.')),
  per: z
    .enum(budgetScopes)
    .meta(
      about(
        'For each',
        'Counts nodes of the whole cluster, of each pool (NodePool or node group, else instance type), of each zone, or pods of each workload.',
      ),
    ),
  only: z
    .array(glob)
    .min(1)
    .max(100)
    .optional()
    .meta(
      about(
        'Only',
        'Names of pools or zones, or workloads as Deployment/shop/web, that it is for; all when left out; * stands for any characters.',
      ),
    ),
  share: shareOf(
    'Part',
    'At most this part, rounded down, but one always may unless the part is 0.',
    'nodes or pods',
  ).optional(),
  count: wholeNumber('Number', 'At most this many.', 'nodes or pods').optional(),
  withinMs: withDefault(
    duration(
      'Within',
      'Counts what was disrupted within this time; with 0 only what is under way.',
      31 * DAY,
    ),
    0,
  ),
});
export type DisruptionBudget = z.output<typeof disruptionBudget>;

/** All that a cluster's owner says about what may happen to it. A document without any field is the default. */
export const policyDocument = z.strictObject({
  mode: withDefault(
    z
      .enum(policyModes)
      .meta(
        about(
          'Mode',
          'recommend: the engine runs when somebody asks, and a plan starts when a person approves it. approve: the engine also runs by itself, and its plans wait for a person. automatic: plans that "automatic" allows are approved by the policy.',
        ),
      ),
    'recommend',
  ),
  runEveryMs: withDefault(
    duration(
      'Run the engine every',
      'In the modes approve and automatic the engine runs this often, but not while frozen, outside windows or with the kill switch on; with 0 only when somebody asks.',
      31 * DAY,
    ),
    HOUR,
  ),
  automatic: z
    .strictObject({
      kinds: withDefault(
        z
          .array(z.enum(planKinds))
          .max(planKinds.length)
          .meta(about('Kinds of plans', 'Which plans may start by themselves.')),
        ['replace-node'],
      ),
      maximumNodes: withDefault(
        wholeNumber('Most nodes', 'A plan that takes away more nodes waits for a person.', 'nodes'),
        1,
      ),
      maximumPods: withDefault(
        wholeNumber('Most pods', 'A plan that moves more pods waits for a person.', 'pods'),
        30,
      ),
    })
    .prefault({})
    .meta(about('Automatic', 'What may start by itself in the mode automatic.')),
  spotInterruptions: withDefault(
    z
      .enum(spotInterruptionAnswers)
      .meta(
        about(
          'Spot interruptions',
          'When AWS says that it takes a Spot node away. tell: the notice is shown, and nothing is done. drain: the node is cordoned at once and drained within the two minutes, whatever windows and disruption budgets say; PodDisruptionBudgets hold, and so do a freeze and the kill switch. Karpenter drains its nodes itself.',
        ),
      ),
    'tell',
  ),
  decisions: decisionSettings
    .prefault({})
    .meta(about('Thresholds', 'Thresholds and caps of the engines, and limits of what carries plans out.')),
  pools: withDefault(
    z
      .array(poolRule)
      .max(100)
      .meta(about('Pools', 'Thresholds of single pools of nodes; the first that fits counts.')),
    [],
  ),
  workloads: withDefault(
    z
      .array(workloadRule)
      .max(100)
      .meta(
        about(
          'Workloads',
          'How much of a workload stays on-demand whatever Spot costs; the first that fits counts.',
        ),
      ),
    [],
  ),
  windows: z
    .strictObject({
      allow: withDefault(
        z
          .array(policyWindow)
          .max(50)
          .meta(about('Open', 'Plans start only within one of these; always when there is none.')),
        [],
      ),
      deny: withDefault(
        z
          .array(policyWindow)
          .max(50)
          .meta(about('Closed', 'Plans never start within these, whatever is open.')),
        [],
      ),
    })
    .prefault({})
    .meta(about('Maintenance windows', 'When plans may start. What runs when a window closes goes on.')),
  budgets: withDefault(
    z
      .array(disruptionBudget)
      .max(100)
      .meta(about('Disruption budgets', 'How much may be disrupted at once or within a time.')),
    [],
  ),
  freeze: withDefault(
    z
      .strictObject({
        until: z.iso
          .datetime({ offset: true })
          .meta(
            about(
              'Until',
              'Nothing starts before this moment.',
              'ISO 8601 with offset, for example 2026-12-27T08:00:00+01:00',
            ),
          ),
        reason: z
          .string()
          .trim()
          .min(1)
          .max(300)
          .meta(about('Reason', 'Why; shown with every plan that waits.')),
      })
      .nullable()
      .meta(
        about(
          'Freeze',
          'Nothing starts until a moment. The freeze of the policy for all clusters holds for clusters with a policy of their own, too.',
        ),
      ),
    null,
  ),
  memory: z
    .strictObject({
      noReturnMs: withDefault(
        duration(
          'No way back for',
          'Pods do not return to a pool of (type, zone, capacity) that they left within this time.',
          31 * DAY,
        ),
        DAY,
      ),
      podRestMs: withDefault(
        duration('Rest of a pod', 'A pod that was moved is left alone for this long.', 31 * DAY),
        6 * HOUR,
      ),
    })
    .prefault({})
    .meta(about('Memory of moves', 'Keeps plans from chasing prices to and fro.')),
});
export type PolicyDocument = z.output<typeof policyDocument>;
