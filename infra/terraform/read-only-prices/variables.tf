variable "name" {
  description = "Name of the policy, and of the role where one is made."
  type        = string
  default     = "cloudoptim-read-only-prices"
}

variable "trusted_principal_arns" {
  description = "Who may assume the role: users or roles by ARN. Empty: only the policy is made, to be attached by hand."
  type        = list(string)
  default     = []
}

variable "external_id" {
  description = "External id that has to be given when the role is assumed; null asks for none."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
