export { Access } from './access/access.ts';
export { AccessStore } from './access/access-store.ts';
export { accessMigrations } from './access/access-tables.ts';
export { SingleSignOn } from './access/single-sign-on.ts';
export { UserStore } from './access/user-store.ts';
export { Users } from './access/users.ts';
export { AuditLog, type AuditRecord, auditMigrations } from './audit/audit-log.ts';
export { backUp } from './backup/back-up.ts';
export type { BackupStep } from './backup/backup-manifest.ts';
export { restore } from './backup/restore.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  describeSettings,
  loadSettings,
  type SettingName,
  type Settings,
  settingDefinitions,
  settingFlag,
} from './config/settings.ts';
export type { Database, Migrations } from './database/database.ts';
export { DatabaseUrl } from './database/database-url.ts';
export { inRows, type RowStatement } from './database/in-rows.ts';
export { type MoveStep, moveDatabase } from './database/move-database.ts';
export { openDatabase, openPostgres } from './database/open-database.ts';
export { openSqlite } from './database/open-sqlite.ts';
export { type WatchedDatabase, watchStorage } from './database/watch-storage.ts';
export { type ReceivedBytes, receiveBytes } from './files/receive-bytes.ts';
export { addAccessRoutes } from './http/access-routes.ts';
export { createHttpServer, type HttpApp, type HttpServer } from './http/http-server.ts';
export { createOpenSession } from './http/open-session.ts';
export { addOperationRoutes } from './http/operation-routes.ts';
export { receiveUpload } from './http/receive-upload.ts';
export {
  type AgentIdentity,
  type AgentVerifier,
  type Call,
  createRoutes,
  type GuestIdentity,
  type GuestVerifier,
  type Handler,
  type Routes,
} from './http/routes.ts';
export { addSingleSignOnRoutes } from './http/single-sign-on-routes.ts';
export { hashSecret, newId, newSecret, sameDigest } from './ids.ts';
export {
  type Job,
  type JobContext,
  type JobHandler,
  JobQueue,
  type JobState,
  jobMigrations,
} from './jobs/job-queue.ts';
export { LiveHub, type LiveSubscriber, type TopicSource } from './live/live-hub.ts';
export { serveLive } from './live/live-socket.ts';
export { serveSockets } from './live/serve-sockets.ts';
export { createLog, type Logger } from './log.ts';
export { atOnce, inTurns } from './turns/in-turns.ts';
export type { RunOutput, SharedRows } from './workers/answer-runs.ts';
export { CappedChild, type CappedChildOptions, defaultChildLimits } from './workers/capped-child.ts';
export { type ChildOutcome, describeOutcome } from './workers/child-messages.ts';
export { type Outputs, RunChannel } from './workers/run-channel.ts';
export { frameLimits } from './workers/run-frames.ts';
