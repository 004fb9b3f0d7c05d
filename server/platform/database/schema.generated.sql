CREATE TABLE "access_tokens" ("id" text primary key, "label" text not null, "role" text not null, "secret_hash" text not null unique, "created_at" bigint not null, "last_used_at" bigint, "expires_at" bigint, "revoked_at" bigint, "scopes" text);

CREATE TABLE "agent_task_steps" ("task_id" text not null, "step" integer not null, "at_ms" bigint not null, "state" text not null, "detail" text not null, constraint "agent_task_steps_key" primary key ("task_id", "step"));

CREATE TABLE "agent_tasks" ("id" text primary key, "cluster_id" text not null, "epoch" bigint not null, "action" text not null, "dry_run" integer not null, "deadline_at" bigint not null, "actor" text not null, "created_at" bigint not null, "offered_at" bigint, "cancel_requested_at" bigint, "state" text not null, "result" text, "reported_at" bigint);

CREATE TABLE "agents" ("id" text primary key, "cluster_id" text not null, "key_hash" text not null, "instance_id" text not null, "enrolled_at" bigint not null, "revoked_at" bigint, "boot_epoch" bigint not null, "acked_seq" bigint not null, "needs_snapshot" integer not null, "join_hash" text, "protocol" integer, "missed_messages" bigint default 0 not null, "next_key_hash" text, "key_set_at" bigint);

CREATE TABLE "allocation_days" ("cluster_id" text not null, "day_ms" bigint not null, "shares" bytea not null, constraint "allocation_days_key" primary key ("day_ms", "cluster_id"));

CREATE TABLE "allocation_hours" ("cluster_id" text not null, "hour_ms" bigint not null, "measured" bytea not null, "shares" bytea not null, constraint "allocation_hours_key" primary key ("hour_ms", "cluster_id"));

CREATE TABLE "audit" ("seq" integer primary key, "at" bigint not null, "actor" text not null, "action" text not null, "subject" text not null, "detail" text not null, "hash" text not null);

CREATE TABLE "availability_recordings" ("sha256" text primary key, "kept_at" bigint not null, "body" bytea not null);

CREATE TABLE "backtests" ("job_id" text primary key, "model_id" text not null, "ended_at" bigint not null, "report" text not null, "pools" text not null);

CREATE TABLE "cluster_events" ("cluster_id" text not null, "seq" bigint not null, "at_ms" bigint not null, "reason" text not null, "object" text not null, "message" text not null, "severity" text not null, constraint "cluster_events_key" primary key ("cluster_id", "seq"));

CREATE TABLE "cluster_objects" ("cluster_id" text not null, "key" text not null, "body" text not null, constraint "cluster_objects_key" primary key ("cluster_id", "key"));

CREATE TABLE "clusters" ("id" text primary key, "name" text not null unique, "enrolled_at" bigint not null, "last_seen_at" bigint, "agent_version" text, "revoked_at" bigint, "task_epoch" bigint not null, "inventory_at" bigint, "kubernetes_version" text, "leader_epoch" bigint default 0 not null, "leader_agent_id" text, "home_epoch" bigint default 1 not null, "moved_to" text, "came_from" text);

CREATE TABLE "cost_samples" ("at_ms" bigint not null, "cluster_id" text not null, "cost_micro_usd_per_hour" bigint, "nodes_with_unknown_price" integer not null, constraint "cost_samples_key" primary key ("at_ms", "cluster_id"));

CREATE TABLE "decision_breakers" ("cluster_id" text primary key, "failures" integer not null, "failed_at" text default '[]' not null, "paused_at" bigint);

CREATE TABLE "decision_capacity" ("cluster_id" text primary key, "source" text not null, "changed_at" bigint not null, "changed_by" text not null);

CREATE TABLE "decision_engine_choices" ("cluster_id" text primary key, "engine_id" text not null, "parameters" text not null, "changed_at" bigint not null, "changed_by" text not null);

CREATE TABLE "decision_engine_experiments" ("id" text primary key, "champion_id" text not null, "challenger_id" text not null, "champion_name" text not null, "challenger_name" text not null, "challenger_parameters" text not null, "rule" text not null, "alpha" double precision not null, "guardrails" text not null, "started_at" bigint not null, "started_by" text not null, "ended_at" bigint, "ended_by" text, "outcome" text not null, "end_reason" text);

CREATE TABLE "decision_engine_ledger" ("seq" integer primary key, "at" bigint not null, "kind" text not null, "engine_id" text not null, "cluster_id" text, "actor" text not null, "reason" text, "experiment" text);

CREATE TABLE "decision_engine_trials" ("id" text primary key, "experiment_id" text not null, "cluster_id" text not null, "at" bigint not null, "hour" integer not null, "champion_saved" bigint, "champion_share" double precision, "champion_moves" integer, "challenger_saved" bigint, "challenger_share" double precision, "challenger_moves" integer, "challenger_proposals" integer not null, "challenger_refused" integer not null, "failure" text, "failure_reason" text);

CREATE TABLE "decision_engines" ("id" text primary key, "name" text not null, "version" text not null, "manifest" text not null, "file" text not null, "uploaded_at" bigint not null, "state" text not null, "faulty_reason" text, "faults" integer not null, constraint "decision_engines_by_version" unique ("name", "version"));

CREATE TABLE "decision_plan_pods" ("plan_id" text not null, "place" integer not null, "body" text not null, constraint "decision_plan_pods_by_place" primary key ("plan_id", "place"));

CREATE TABLE "decision_plans" ("id" text primary key, "run_id" text not null, "cluster_id" text not null, "state" text not null, "created_at" bigint not null, "approved_at" bigint, "body" text not null, "listed" text default '' not null, "changed" bigint default 0 not null, "begun_at" bigint);

CREATE TABLE "decision_run_nodes" ("run_id" text primary key, "cluster_id" text not null, "as_of" bigint not null, "body" text not null);

CREATE TABLE "decision_runs" ("id" text primary key, "cluster_id" text not null, "started_at" bigint not null, "body" text not null, "listed" text default '' not null);

CREATE TABLE "drift_checks" ("model_id" text primary key, "at" bigint not null, "body" text not null);

CREATE TABLE "forecast_failures" ("model_id" text not null, "at" bigint not null, "message" text not null);

CREATE TABLE "forecast_runs" ("model_id" text primary key, "ended_at" bigint not null, "pools" integer not null, "predictions" integer not null, "message" text, "evaluation" text, "risk" text, "compared_until" bigint);

CREATE TABLE "jobs" ("id" text primary key, "kind" text not null, "key" text not null, "state" text not null, "input" text not null, "progress" text not null, "checkpoint" text not null, "message" text, "queued_at" bigint not null, "started_at" bigint, "ended_at" bigint);

CREATE TABLE "join_tokens" ("secret_hash" text primary key, "cluster_name" text not null, "created_at" bigint not null, "expires_at" bigint not null, "used_at" bigint, "replicas" integer default 1 not null, "uses" integer default 0 not null);

CREATE TABLE "judged_blocks" ("judgement" text not null, "start_ms" bigint not null, "first_id" text not null, "second_id" text not null, "body" text not null, constraint "judged_blocks_key" primary key ("judgement", "start_ms"));

CREATE TABLE "model_activations" ("seq" integer primary key, "at" bigint not null, "task" text not null, "model_id" text not null references "models" ("id"), "alias" text not null, "kind" text not null, "actor" text not null, "reason" text, "rule" text);

CREATE TABLE "model_experiments" ("id" text primary key, "task" text not null, "champion_id" text not null references "models" ("id"), "challenger_id" text not null references "models" ("id"), "rule" text not null, "alpha" double precision not null, "guardrails" text not null, "started_at" bigint not null, "started_by" text not null, "ended_at" bigint, "ended_by" text, "outcome" text not null, "end_reason" text);

CREATE TABLE "models" ("id" text primary key, "sha256" text not null, "bytes" bigint not null, "file_name" text not null, "format" text not null, "state" text not null, "uploaded_at" bigint not null, "trained_until" bigint not null, "covered_share" double precision not null, "manifest" text not null, "operators" text not null, "reasons" text not null, "original_sha256" text default '' not null, "original_bytes" bigint default 0 not null, "notes" text default '' not null, "tags" text default '[]' not null, "made_with" text);

CREATE TABLE "oom_kills" ("cluster_id" text not null, "workload" text not null, "container" text not null, "pod_uid" text not null, "at_ms" bigint not null, "memory_bytes" bigint, constraint "oom_kills_key" primary key ("cluster_id", "workload", "container", "pod_uid", "at_ms"));

CREATE TABLE "policy_kill_switches" ("scope" text primary key, "is_on" integer not null, "at" bigint not null, "by" text not null, "reason" text not null);

CREATE TABLE "policy_revisions" ("scope" text not null, "revision" integer not null, "document" text, "saved_at" bigint not null, "saved_by" text not null, "note" text, "reverted_from" integer, constraint "policy_revisions_key" primary key ("scope", "revision"));

CREATE TABLE "pools" ("id" integer primary key, "region" text not null, "availability_zone" text not null, "instance_type" text not null, "product" text not null, "records" bigint default 0 not null, "last_s" bigint default 0 not null, constraint "pools_unique" unique ("region", "product", "instance_type", "availability_zone"));

CREATE TABLE "prediction_inputs" ("id" integer primary key, "model_id" text not null, "made_at" bigint not null, "body" bytea not null, "data_hash" text);

CREATE TABLE "predictions" ("model_id" text not null, "pool" text not null, "made_at" bigint not null, "for_at" bigint not null, "price_micro_usd" bigint not null, "persistence_micro_usd" bigint not null, "model_hash" text not null, "feature_hash" text not null, "stored_at" bigint, "input_id" bigint, "input_row" integer, "quantiles" text, "quantiles_crossed" integer, constraint "predictions_key" primary key ("model_id", "pool", "made_at"));

CREATE TABLE "price_collections" ("id" text primary key, "scope" text not null unique, "added_at" bigint not null, "is_paused" integer not null, "last_run_at" bigint, "next_run_at" bigint not null, "new_rows" bigint not null, "failures" integer not null, "message" text);

CREATE TABLE "price_coverage" ("region" text not null, "product" text not null, "types_key" text not null, "from_ms" bigint not null, "to_ms" bigint not null, constraint "price_coverage_key" primary key ("region", "product", "types_key", "from_ms"));

CREATE TABLE "price_stretches" ("stretch" integer primary key, "records" integer not null, "is_counted" integer not null);

CREATE TABLE "risk_predictions" ("model_id" text not null, "pool" text not null, "made_at" bigint not null, "for_at" bigint not null, "probability" double precision not null, "model_hash" text not null, "feature_hash" text not null, "stored_at" bigint not null, "input_id" bigint not null, "input_row" integer not null, constraint "risk_predictions_key" primary key ("model_id", "pool", "made_at"));

CREATE TABLE "saving_counterfactuals" ("plan_id" text primary key, "body" text not null);

CREATE TABLE "saving_entries" ("id" text primary key, "plan_id" text not null unique, "started_at" bigint not null, "ended_at" bigint, "body" text not null, "changed" bigint default 0 not null);

CREATE TABLE "saving_intervals" ("entry_id" text not null, "from_ms" bigint not null, "to_ms" bigint not null, "counterfactual" bigint not null, "actual" bigint, constraint "saving_intervals_key" primary key ("entry_id", "from_ms"));

CREATE TABLE "sessions" ("secret_hash" text primary key, "actor_id" text not null, "label" text not null, "role" text not null, "created_at" bigint not null, "expires_at" bigint not null, "way" text, "address" text, "program" text, "last_used_at" bigint);

CREATE TABLE "spot_nodes" ("cluster_id" text not null, "node_uid" text not null, "node_name" text not null, "pool" text not null, "first_seen_at" bigint not null, "last_seen_at" bigint not null, "ended_at" bigint, "interrupted_at" bigint, "rebalance_at" bigint, constraint "spot_nodes_key" primary key ("cluster_id", "node_uid"));

CREATE TABLE "spot_notices" ("cluster_id" text not null, "node_uid" text not null, "node_name" text not null, "noticed_at" bigint not null, "actor" text not null, "cordon_task" text not null, "drain_task" text not null, "closed_at" bigint, constraint "spot_notices_key" primary key ("cluster_id", "node_uid"));

CREATE TABLE "spot_prices" ("key" integer primary key, "price_micro_usd" integer not null);

CREATE TABLE "sync_codes" ("secret_hash" text primary key, "label" text not null, "may_write" integer not null, "created_at" bigint not null, "expires_at" bigint not null, "used_at" bigint);

CREATE TABLE "sync_cursors" ("kind" text not null, "origin" text not null, "name" text not null, "seq" bigint not null, constraint "sync_cursors_key" primary key ("kind", "origin"));

CREATE TABLE "sync_facts" ("kind" text not null, "origin" text not null, "id" text not null, "seq" bigint not null, "at" bigint not null, "body" text not null, constraint "sync_facts_key" primary key ("kind", "origin", "id"));

CREATE TABLE "sync_guests" ("id" text primary key, "label" text not null, "engine_id" text not null, "engine_name" text not null, "version" text not null, "may_write" integer not null, "key_hash" text not null unique, "connected_at" bigint not null, "last_seen_at" bigint, "revoked_at" bigint);

CREATE TABLE "sync_identity" ("only" integer primary key, "engine_id" text not null, "created_at" bigint not null);

CREATE TABLE "sync_models" ("server_id" text not null, "model_key" text not null, "subject" text not null, "refusal" text, constraint "sync_models_key" primary key ("server_id", "model_key"));

CREATE TABLE "sync_policies" ("server_id" text not null, "scope" text not null, "local_revision" integer not null, "remote_revision" integer not null, "conflict" text, "refusal" text, constraint "sync_policies_key" primary key ("server_id", "scope"));

CREATE TABLE "sync_servers" ("id" text primary key, "url" text not null, "engine_id" text not null, "name" text not null, "may_write" integer not null, "mode" text not null, "connected_at" bigint not null, "is_stopped" integer not null, "is_refused" integer not null, "last_done_at" bigint, "last_tried_at" bigint, "problem" text);

CREATE TABLE "usage_days" ("key" integer primary key, "body" bytea not null);

CREATE TABLE "usage_journal" ("id" integer primary key autoincrement, "cluster_id" text not null, "at_ms" bigint not null, "lines" text not null);

CREATE TABLE "usage_series" ("id" integer primary key, "cluster_id" text not null, "workload" text not null, "container" text not null, constraint "usage_series_unique" unique ("cluster_id", "workload", "container"));

CREATE TABLE "users" ("id" text primary key, "name" text not null, "folded_name" text not null unique, "role" text not null, "password_hash" text not null, "created_at" bigint not null, "last_sign_in_at" bigint);

CREATE INDEX "agent_tasks_by_epoch" on "agent_tasks" ("cluster_id", "epoch");

CREATE INDEX "agent_tasks_by_state" on "agent_tasks" ("state", "cluster_id");

CREATE INDEX "agents_by_cluster" on "agents" ("cluster_id");

CREATE INDEX "decision_engine_trials_by_hour" on "decision_engine_trials" ("experiment_id", "hour");

CREATE INDEX "decision_plans_by_age" on "decision_plans" ("created_at");

CREATE INDEX "decision_plans_by_change" on "decision_plans" ("changed");

CREATE INDEX "decision_plans_by_state" on "decision_plans" ("cluster_id", "state");

CREATE INDEX "decision_run_nodes_by_cluster" on "decision_run_nodes" ("cluster_id", "as_of");

CREATE INDEX "decision_runs_by_cluster" on "decision_runs" ("cluster_id", "started_at");

CREATE INDEX "jobs_by_kind" on "jobs" ("kind", "state");

CREATE INDEX "prediction_inputs_by_time" on "prediction_inputs" ("made_at");

CREATE INDEX "saving_entries_by_change" on "saving_entries" ("changed");

CREATE INDEX "saving_intervals_by_begin" on "saving_intervals" ("from_ms", "entry_id");

CREATE INDEX "saving_intervals_by_end" on "saving_intervals" ("to_ms");

CREATE INDEX "spot_nodes_by_time" on "spot_nodes" ("last_seen_at");

CREATE INDEX "sync_facts_by_number" on "sync_facts" ("kind", "origin", "seq");

CREATE INDEX "sync_facts_by_time" on "sync_facts" ("kind", "at");
