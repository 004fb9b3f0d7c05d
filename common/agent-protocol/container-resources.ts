import { z } from 'zod';

/** What a container asks for, in millicores and bytes; `null` where it states nothing. */
export const containerResources = z.object({
  cpuRequestMilli: z.number().int().nullable(),
  memoryRequestBytes: z.number().int().nullable(),
  cpuLimitMilli: z.number().int().nullable(),
  memoryLimitBytes: z.number().int().nullable(),
});
export type ContainerResources = z.output<typeof containerResources>;

/** New sizes of containers. */
export const containerChanges = z
  .array(z.object({ name: z.string(), now: containerResources, after: containerResources }))
  .min(1);
export type ContainerChange = z.output<typeof containerChanges>[number];

/** Kinds of workloads whose template holds sizes. */
export const resizableKinds = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type ResizableKind = (typeof resizableKinds)[number];
