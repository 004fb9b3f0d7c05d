/**
 * Version of the agent protocol. The server speaks this version and the two before it.
 *
 * - 1 (2026-11): handshake, inventory, usage, events, tasks.
 * - 2 (2026-11): containers of pods and their usage, horizontal and vertical autoscalers.
 */
export const protocolVersion = 2;

/** The oldest version that a server of this build still understands. */
export const oldestProtocolVersion = Math.max(1, protocolVersion - 2);
