# PostgreSQL for the server of CloudOptim, where SQLite in its data folder is not wanted: private, encrypted, backed up.

resource "aws_db_subnet_group" "database" {
  name        = var.name
  description = "CloudOptim database"
  subnet_ids  = var.subnet_ids
  tags        = var.tags
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "Who may connect to the database of CloudOptim"
  vpc_id      = var.vpc_id
  tags        = var.tags
}

resource "aws_security_group_rule" "clients" {
  for_each = toset(var.client_security_group_ids)

  type                     = "ingress"
  description              = "PostgreSQL from where the server runs"
  from_port                = 5432
  to_port                  = 5432
  protocol                 = "tcp"
  source_security_group_id = each.value
  security_group_id        = aws_security_group.database.id
}

resource "aws_db_parameter_group" "database" {
  name        = var.name
  family      = "postgres${var.engine_version}"
  description = "CloudOptim database: TLS only"
  tags        = var.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
}

resource "aws_db_instance" "database" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = "cloudoptim"

  # RDS keeps the password in Secrets Manager and renews it: it is in no state file.
  username                    = "cloudoptim_admin"
  manage_master_user_password = true

  storage_type          = "gp3"
  allocated_storage     = var.storage_gib
  max_allocated_storage = var.max_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name   = aws_db_subnet_group.database.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.database.name
  publicly_accessible    = false
  multi_az               = var.multi_az

  backup_retention_period   = var.backup_days
  copy_tags_to_snapshot     = true
  deletion_protection       = true
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final"

  # Minor versions come in the maintenance window; a major one is a decision.
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false

  tags = var.tags
}
