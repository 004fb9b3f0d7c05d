# What CloudOptim may do in an account whose Spot prices it reads: two actions, read-only.

data "aws_iam_policy_document" "prices" {
  statement {
    sid       = "ReadSpotPrices"
    effect    = "Allow"
    actions   = ["ec2:DescribeInstanceTypes", "ec2:DescribeSpotPriceHistory"]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "prices" {
  name        = var.name
  description = "CloudOptim reads Spot prices"
  policy      = data.aws_iam_policy_document.prices.json
  tags        = var.tags
}

# A role is made only where somebody is named who may assume it.
data "aws_iam_policy_document" "trust" {
  count = length(var.trusted_principal_arns) > 0 ? 1 : 0

  statement {
    effect  = "Allow"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = var.trusted_principal_arns
    }

    dynamic "condition" {
      for_each = var.external_id == null ? [] : [var.external_id]

      content {
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [condition.value]
      }
    }
  }
}

resource "aws_iam_role" "prices" {
  count = length(var.trusted_principal_arns) > 0 ? 1 : 0

  name                 = var.name
  description          = "CloudOptim reads Spot prices"
  assume_role_policy   = data.aws_iam_policy_document.trust[0].json
  max_session_duration = 3600
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "prices" {
  count = length(var.trusted_principal_arns) > 0 ? 1 : 0

  role       = aws_iam_role.prices[0].name
  policy_arn = aws_iam_policy.prices.arn
}
