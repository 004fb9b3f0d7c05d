output "policy_arn" {
  description = "ARN of the policy."
  value       = aws_iam_policy.prices.arn
}

output "role_arn" {
  description = "ARN of the role; null where none was made."
  value       = one(aws_iam_role.prices[*].arn)
}
