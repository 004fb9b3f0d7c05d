/**
 * Version of the agent protocol. The server speaks this version and the two before it.
 *
 * - 1 (2026-11): handshake, inventory, usage, events, tasks.
 */
export const protocolVersion = 1;

/** The oldest version that a server of this build still understands. */
export const oldestProtocolVersion = Math.max(1, protocolVersion - 2);
