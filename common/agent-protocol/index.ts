export {
  type ContainerChange,
  type ContainerResources,
  containerChanges,
  containerResources,
  type ResizableKind,
  resizableKinds,
} from './container-resources.ts';
export type {
  InventoryBudget,
  InventoryContainer,
  InventoryHorizontalAutoscaler,
  InventoryNamespace,
  InventoryNode,
  InventoryNodeClaim,
  InventoryNodePool,
  InventoryObject,
  InventoryPod,
  InventoryStorageClass,
  InventoryVerticalAutoscaler,
  InventoryVolume,
  InventoryVolumeClaim,
  InventoryWorkload,
} from './inventory.ts';
export {
  inventoryBudget,
  inventoryKey,
  inventoryNode,
  inventoryObject,
  inventoryPod,
  inventoryWorkload,
} from './inventory.ts';
export type {
  AgentMessage,
  AgentMessageBatch,
  AgentMessageBody,
  AgentToServer,
  BatchAnswer,
  Handshake,
  HandshakeRefusal,
  KeyOffer,
  ServerToAgent,
} from './messages.ts';
export {
  agentMessage,
  agentMessageBatch,
  agentMessageBody,
  batchAnswer,
  handshake,
  handshakeRefusals,
  keyOffer,
} from './messages.ts';
export { type NodePoolFields, nodePoolFields } from './node-pool-fields.ts';
export type { InventoryPodShape } from './pod-shape.ts';
export type { PollAnswer, PollQuery } from './polling.ts';
export { handshakeOfPoll, longestPollSeconds, pollAnswer, pollQuery } from './polling.ts';
export { readMessageBatch } from './read-message-batch.ts';
export type { AgentTask, TaskAction, TaskResult } from './tasks.ts';
export { agentTask, taskAction, taskResult } from './tasks.ts';
export { oldestProtocolVersion, protocolVersion } from './version.ts';
