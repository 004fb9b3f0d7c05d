output "policy_arn" {
  description = "ARN of the policy; attach it to the user or role of the engine."
  value       = aws_iam_policy.ends.arn
}
