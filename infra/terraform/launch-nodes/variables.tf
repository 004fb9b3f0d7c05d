variable "name" {
  description = "Name of the policy."
  type        = string
  default     = "cloudoptim-launch-nodes"
}

variable "node_role_arn" {
  description = "ARN of the role of the instance profile that the launch template names: instances may be given this role and no other."
  type        = string
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
