/**
 * Agents and dashboards against bare `ws`, and the memory of the agent against an informer of the Kubernetes client and bare Node. Each figure
 * stands beside its target, and a missed one fails the run. `CLUSTERS_AGENTS` sets how many agents connect (5,000), `CLUSTERS_RUNS` the runs (5).
 */
import { measureAgents } from './clusters/measure-agents.ts';
import { measureFootprint } from './clusters/measure-footprint.ts';
import { measureLive } from './clusters/measure-live.ts';

const runs = Number(process.env.CLUSTERS_RUNS ?? 5);
await measureAgents(Number(process.env.CLUSTERS_AGENTS ?? 5_000), runs);
await measureLive(runs);
await measureFootprint(runs);
process.exit();
