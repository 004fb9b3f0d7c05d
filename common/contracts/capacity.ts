import { z } from 'zod';
import { procedure } from './procedure.ts';
import { timeMs } from './values.ts';

/** What may be typed where, and what is said of anything else; the form checks by them, too. */
export const capacityPatterns = {
  launchTemplate: {
    pattern: /^[a-zA-Z0-9()./_-]{3,128}$/,
    problem: 'a launch template is named by its id (lt-…) or its name, 3 to 128 characters',
  },
  version: {
    pattern: /^(\$Default|\$Latest|[1-9]\d{0,8})$/,
    problem: 'a version is a number, $Default or $Latest',
  },
  subnetId: {
    pattern: /^subnet-[0-9a-f]{8,17}$/,
    problem: 'a subnet id looks like subnet-0a1b2c3d4e5f60718',
  },
  awsCluster: {
    pattern: /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/,
    problem: 'a cluster is named by letters, digits, dots, dashes and underscores, 100 at most',
  },
} as const;

const { launchTemplate, version, subnetId, awsCluster } = capacityPatterns;

const ending = {
  awsCluster: z.string().trim().regex(awsCluster.pattern, awsCluster.problem).optional().meta({
    description:
      'Name of the cluster in AWS. Where it is given, plans end the instances of nodes that nobody ends: those with the tag kubernetes.io/cluster/<name>, alone or in an Auto Scaling group',
  }),
};

/** A launch template that lets an instance join the cluster as a node, and a subnet for each zone. */
export const ec2CapacitySource = z.object({
  kind: z.literal('ec2'),
  launchTemplate: z
    .string()
    .trim()
    .regex(launchTemplate.pattern, launchTemplate.problem)
    .meta({ description: 'Id (lt-…) or name' }),
  version: z.string().trim().regex(version.pattern, version.problem).default('$Default'),
  subnets: z
    .array(
      z.object({
        zone: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone is named like us-east-1a'),
        subnetId: z.string().regex(subnetId.pattern, subnetId.problem),
      }),
    )
    .min(1, 'name at least one zone with its subnet')
    .max(20)
    .refine(
      subnets => new Set(subnets.map(({ zone }) => zone)).size === subnets.length,
      'each zone is named once',
    ),
  ...ending,
});
export type Ec2CapacitySource = z.output<typeof ec2CapacitySource>;

/** Where new nodes of a cluster come from, and whether instances of old ones are ended. */
export const capacitySource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('provisioner'), ...ending }).meta({
    description:
      'Karpenter or an autoscaler of the cluster brings nodes as pods wait for them; nothing is ordered',
  }),
  ec2CapacitySource,
]);
export type CapacitySource = z.output<typeof capacitySource>;

export const capacityChoice = z.object({
  clusterId: z.string(),
  source: capacitySource,
  changedAt: timeMs.nullable().meta({ description: 'null while nobody chose' }),
  changedBy: z.string().nullable(),
  provisionerSeen: z.string().nullable().meta({
    description: 'Who brings nodes in this cluster, as far as it can be seen: "Karpenter"; null for nobody',
  }),
});
export type CapacityChoice = z.output<typeof capacityChoice>;

const params = z.object({ id: z.string() });

export const capacity = {
  getCapacity: procedure({
    method: 'GET',
    path: '/api/v1/admin/clusters/:id/capacity',
    access: 'viewer',
    tag: 'clusters',
    summary: 'Where new nodes of a cluster come from, and whether instances of old ones are ended',
    params,
    response: capacityChoice,
  }),
  chooseCapacity: procedure({
    method: 'POST',
    path: '/api/v1/admin/clusters/:id/capacity',
    access: 'admin',
    tag: 'clusters',
    summary:
      'Choose where new nodes come from, and whether instances of old ones are ended; launch template and tags are looked up, and a launch and an end tried out (DryRun), before it is saved',
    action: 'cluster.choose-capacity',
    params,
    body: capacitySource,
    response: capacityChoice,
  }),
};
