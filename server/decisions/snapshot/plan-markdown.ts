import type { PackingPlan } from '../../../common/contracts/index.ts';
import { ownerChangesMarkdown } from '../owners/owner-changes-text.ts';
import { hourly, machine, monthly } from './plan-text.ts';

/** A plan as Markdown, e.g. for a pull request. */
export function planMarkdown(plan: PackingPlan): string {
  const {
    before,
    after,
    nodes,
    moves,
    waves,
    blocked,
    unknownPrices,
    unplaced,
    brokenPreferences,
    warnings,
  } = plan;
  return `${[
    '# Plan',
    '',
    '| | nodes | cost |',
    '|---|---:|---:|',
    `| now | ${before.nodes} | ${hourly(before.costUsdHour)} |`,
    `| planned | ${after.nodes} | ${hourly(after.costUsdHour)} |`,
    `| no set of nodes costs less than | | ${hourly(plan.lowerBoundUsdHour)} |`,
    '',
    `Saves **${monthly(plan.savesUsdMonth)}**${plan.gap === null ? '' : `; at most ${(plan.gap * 100).toFixed(1)} % above the cheapest possible`}.`,
    ...list(
      'Nodes that go',
      nodes.remove.map(one => cell(machine(one))),
    ),
    ...list(
      'Nodes that come',
      nodes.add.map(one => cell(`${machine(one)}, like ${one.like}`)),
    ),
    ...list(
      'Waves',
      waves.map(
        ({ add, drain, note }, index) =>
          `Wave ${index + 1}: ${add.length > 0 ? `add ${add.map(cell).join(', ')}; ` : ''}drain ${drain.map(({ node }) => cell(node)).join(', ') || 'nothing'}${note === null ? '' : `. ${note}`}`,
      ),
    ),
    ...list(
      'Moves',
      moves.map(
        ({ pod, from, to, reason }) =>
          `${cell(pod)}: ${cell(from ?? 'pending')} → ${cell(to)}. ${cell(reason)}`,
      ),
    ),
    ...list(
      'Nodes that stay',
      blocked.flatMap(({ node, reasons }) =>
        reasons.map(
          ({ text, unblock, savesUsdMonth }) =>
            `${cell(node)}: ${cell(text)}${unblock === null ? '' : ` *${cell(unblock)}*`}${savesUsdMonth === null ? '' : ` About ${monthly(savesUsdMonth)} if the node could go.`}`,
        ),
      ),
    ),
    ...list(
      'Not placed',
      unplaced.map(({ pods, count, reason }) => `${count} × ${cell(pods)}. ${cell(reason)}`),
    ),
    ...list(
      'Unknown prices',
      unknownPrices.map(({ node, reason }) => `${cell(node)}: ${cell(reason)}`),
    ),
    ...list(
      'Preferences that are not met',
      brokenPreferences.map(({ pods, kind, count }) => `${count} × ${cell(pods)}: ${kind}`),
    ),
    ...list('Notes', warnings.map(cell)),
    ...(plan.ownerChanges === undefined ? [] : ownerChangesMarkdown(plan.ownerChanges, cell)),
  ].join('\n')}\n`;
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines.map(line => `- ${line}`)];
}

/** Names come from the cluster: none of them may become markup. */
function cell(text: string): string {
  return text.replace(/[\\`*_[\]<>|#]/g, sign => `\\${sign}`).replace(/\s+/g, ' ');
}
