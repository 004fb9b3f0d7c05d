variable "name" {
  description = "Name of the policy."
  type        = string
  default     = "cloudoptim-end-instances"
}

variable "cluster_name" {
  description = "Name of the cluster in AWS: its instances and Auto Scaling groups carry the tag kubernetes.io/cluster/<name>."
  type        = string
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
