import { z } from 'zod';

/** Parts of Kubernetes objects as they are on the wire; what is absent there is absent here. */
export const labels = z.record(z.string(), z.string());

export const amountsByName = z.record(z.string(), z.number());

export const requirement = z.object({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).optional(),
});

/** An empty one selects everything. */
export const selector = z.object({
  matchLabels: labels.optional(),
  matchExpressions: z.array(requirement).optional(),
});

export const taint = z.object({ key: z.string(), value: z.string().optional(), effect: z.string() });

export const toleration = z.object({
  key: z.string().optional(),
  operator: z.string().optional(),
  value: z.string().optional(),
  effect: z.string().optional(),
});
