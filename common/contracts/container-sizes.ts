import { z } from 'zod';
import { containerChanges, resizableKinds } from '../agent-protocol/index.ts';
import { microUsdPerHourOrUnknown } from './values.ts';

export const sizedWorkload = z.object({
  key: z.string().meta({ description: '"Deployment/shop/web"' }),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
});

/** What a plan of kind `resize` changes: what the containers of one workload ask for. */
export const planResize = z.object({
  workload: sizedWorkload.extend({ kind: z.enum(resizableKinds), uid: z.string() }),
  replicas: z.number().int().meta({ description: 'Pods that run when it was decided' }),
  containers: containerChanges,
  givesBackMicroUsdPerHour: microUsdPerHourOrUnknown.meta({
    description:
      'Share of the prices of their nodes that is given back; negative when it costs more. It leaves the bill only when packing removes nodes',
  }),
  hasFullEvidence: z
    .boolean()
    .meta({ description: 'A policy may start it without a person; never under a week of evidence' }),
});
export type PlanResize = z.output<typeof planResize>;
