/**
 * Agents and dashboards against bare `ws`, and the memory of the agent against an informer of the Kubernetes client and bare Node. Each figure
 * stands beside its target, and a missed one fails the run. `CLUSTERS_AGENTS` sets how many agents connect (5,000), `CLUSTERS_RUNS` the runs (5), `CLUSTERS_FLEET` how many clusters one engine holds (300).
 */
import { measureAgents } from './clusters/measure-agents.ts';
import { measureFleet } from './clusters/measure-fleet.ts';
import { measureFootprint } from './clusters/measure-footprint.ts';
import { measureLive } from './clusters/measure-live.ts';

const runs = Number(process.env.CLUSTERS_RUNS ?? 5);
await measureAgents(Number(process.env.CLUSTERS_AGENTS ?? 5_000), runs);
await measureLive(runs);
await measureFleet(Number(process.env.CLUSTERS_FLEET ?? 300));
await measureFootprint(runs);
process.exit();
