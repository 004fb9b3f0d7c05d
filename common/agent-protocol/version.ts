/**
 * Version of the agent protocol. The server speaks this version and at least the two before it.
 *
 * - 1 (2026-11): handshake, inventory, usage, events, tasks.
 * - 2 (2026-11): containers of pods and their usage, horizontal and vertical autoscalers.
 * - 3 (2026-11): shapes of pods, what DaemonSets bring to new nodes, volumes with their claims and classes, namespaces, all
 *   that nodes have to give, Karpenter's pools and claims.
 * - 4 (2026-11): replicas of an agent lead in turns (`leaderEpoch`); tasks that set labels, taints and fields of NodePools.
 */
export const protocolVersion = 4;

/** The oldest version that a server of this build still understands; all that came since the first was added to it. */
export const oldestProtocolVersion = 1;
