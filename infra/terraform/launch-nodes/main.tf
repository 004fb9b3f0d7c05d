# What CloudOptim may do where new nodes are ordered from EC2: launch from a launch template, and end what it launched itself.

data "aws_iam_policy_document" "nodes" {
  statement {
    sid       = "LookAtInstancesAndTemplates"
    effect    = "Allow"
    actions   = ["ec2:DescribeInstances", "ec2:DescribeLaunchTemplateVersions"]
    resources = ["*"]
  }

  # CreateFleet launches in the caller's name, so EC2 asks for RunInstances too.
  statement {
    sid       = "LaunchNodes"
    effect    = "Allow"
    actions   = ["ec2:CreateFleet", "ec2:RunInstances"]
    resources = ["*"]
  }

  statement {
    sid       = "TagWhatIsLaunched"
    effect    = "Allow"
    actions   = ["ec2:CreateTags"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = ["CreateFleet", "RunInstances"]
    }
  }

  statement {
    sid       = "EndWhatItLaunched"
    effect    = "Allow"
    actions   = ["ec2:TerminateInstances"]
    resources = ["*"]

    condition {
      test     = "StringLike"
      variable = "aws:ResourceTag/cloudoptim:plan"
      values   = ["*"]
    }
  }

  statement {
    sid       = "GiveNodesTheirRole"
    effect    = "Allow"
    actions   = ["iam:PassRole"]
    resources = [var.node_role_arn]
  }
}

resource "aws_iam_policy" "nodes" {
  name        = var.name
  description = "CloudOptim launches nodes and ends those it launched"
  policy      = data.aws_iam_policy_document.nodes.json
  tags        = var.tags
}
