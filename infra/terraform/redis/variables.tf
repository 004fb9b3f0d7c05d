variable "name" {
  description = "Name of the group and of what belongs to it."
  type        = string
  default     = "cloudoptim"
}

variable "vpc_id" {
  description = "VPC that the replicas reach."
  type        = string
}

variable "subnet_ids" {
  description = "Private subnets of that VPC, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "Two nodes are kept in two zones: name two subnets in subnet_ids."
  }
}

variable "client_security_group_ids" {
  description = "Security groups that may connect: that of the nodes or pods on which the replicas run."
  type        = list(string)
}

variable "node_type" {
  description = "Type of the nodes; what replicas tell each other needs little."
  type        = string
  default     = "cache.t4g.micro"
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}
