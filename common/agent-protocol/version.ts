/**
 * Version of the agent protocol. The server speaks this version and the two before it.
 *
 * - 1 (2026-11): handshake, inventory, usage, events, tasks.
 * - 2 (2026-11): containers of pods and their usage, horizontal and vertical autoscalers.
 * - 3 (2026-11): shapes of pods, what DaemonSets bring to new nodes, volumes with their claims and classes, namespaces, all
 *   that nodes have to give, Karpenter's pools and claims.
 */
export const protocolVersion = 3;

/** The oldest version that a server of this build still understands. */
export const oldestProtocolVersion = Math.max(1, protocolVersion - 2);
