# Redis for replicas of the server of CloudOptim: private, encrypted, in two zones. It holds nothing that has to be kept.

resource "aws_elasticache_subnet_group" "redis" {
  name        = var.name
  description = "CloudOptim replicas"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_security_group" "redis" {
  name        = "${var.name}-redis"
  description = "Who may connect to the Redis of CloudOptim"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_security_group_rule" "clients" {
  for_each = toset(var.client_security_group_ids)

  type                     = "ingress"
  description              = "Redis from where the replicas run"
  from_port                = 6379
  to_port                  = 6379
  protocol                 = "tcp"
  source_security_group_id = each.value
  security_group_id        = aws_security_group.redis.id
}

resource "aws_elasticache_replication_group" "redis" {
  replication_group_id = var.name
  description          = "What replicas of CloudOptim tell each other"
  engine               = "redis"
  engine_version       = "7.1"
  node_type            = var.node_type
  port                 = 6379

  num_cache_clusters         = 2
  automatic_failover_enabled = true
  multi_az_enabled           = true

  # Who may connect is said by security groups: a password would lie in the state file.
  transit_encryption_enabled = true
  at_rest_encryption_enabled = true
  snapshot_retention_limit   = 0
  subnet_group_name          = aws_elasticache_subnet_group.redis.name
  security_group_ids         = [aws_security_group.redis.id]

  tags = var.tags
}
