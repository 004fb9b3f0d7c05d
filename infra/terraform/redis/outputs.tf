output "redis_url" {
  description = "For CLOUDOPTIM_REDIS_URL, or the key redis-url of the Secret of the chart."
  value       = "rediss://${aws_elasticache_replication_group.redis.primary_endpoint_address}:6379"
}
