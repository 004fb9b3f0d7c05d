variable "name" {
  description = "Name of the instance and of what belongs to it."
  type        = string
  default     = "cloudoptim"
}

variable "vpc_id" {
  description = "VPC that the server reaches."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of that VPC, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "RDS needs subnets in two zones at least: name two in subnet_ids."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may connect: that of the nodes or pods on which the server runs."
  type        = list(string)
}

variable "engine_version" {
  description = "Major version of PostgreSQL, 15 or newer."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^(1[5-9]|[2-9][0-9])$", var.engine_version))
    error_message = "The server needs PostgreSQL 15 or newer: give engine_version as a major version such as 17."
  }
}

variable "instance_class" {
  description = "Class of the instance; the server opens ten connections at most."
  type        = string
  default     = "db.t4g.medium"
}

variable "storage_gib" {
  description = "Storage at the start in GiB. A price record takes about 73 bytes."
  type        = number
  default     = 20
}

variable "max_storage_gib" {
  description = "Storage up to which RDS grows it by itself, in GiB."
  type        = number
  default     = 200
}

variable "kms_key_arn" {
  description = "KMS key of the storage; null takes the account's own key of RDS."
  type        = string
  default     = null
}

variable "multi_az" {
  description = "Whether a standby in another zone takes over."
  type        = bool
  default     = false
}

variable "backup_days" {
  description = "Days for which the database can be restored to any moment, 1 to 35."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35
    error_message = "backup_days must be 1 to 35: with 0 there would be no backup."
  }
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
