# What CloudOptim may do where plans end the instances of nodes that nobody else ends: only those of one cluster, by its tag.

locals {
  cluster_tag = "aws:ResourceTag/kubernetes.io/cluster/${var.cluster_name}"
}

data "aws_iam_policy_document" "ends" {
  statement {
    sid    = "LookAtInstancesAndGroups"
    effect = "Allow"
    actions = [
      "ec2:DescribeInstances",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeAutoScalingGroups",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "EndInstancesOfTheCluster"
    effect    = "Allow"
    actions   = ["ec2:TerminateInstances"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = local.cluster_tag
      values   = ["owned", "shared"]
    }
  }

  # With its place: the group shrinks by one and launches no other.
  statement {
    sid       = "EndInstancesOfItsGroups"
    effect    = "Allow"
    actions   = ["autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = local.cluster_tag
      values   = ["owned", "shared"]
    }
  }
}

resource "aws_iam_policy" "ends" {
  name        = var.name
  description = "CloudOptim ends instances of cluster ${var.cluster_name} that its plans have drained"
  policy      = data.aws_iam_policy_document.ends.json
  tags        = var.tags
}
