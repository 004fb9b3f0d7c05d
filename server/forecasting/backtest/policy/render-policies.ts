import type { PolicyReport } from '../../../../common/contracts/index.ts';
import { htmlList, htmlPage, htmlTable } from '../html-page.ts';
import { escapeHtml, svgChart } from '../svg-chart.ts';

/** A comparison of policies as a page of its own. */
export function policiesAsHtml(report: PolicyReport): string {
  return htmlPage('Policies beside the hindsight optimum', [policiesSection(report)]);
}

/** A comparison of policies as a section of a page. */
export function policiesSection(report: PolicyReport): string {
  const {
    job,
    jobs,
    traces,
    pools,
    policies,
    modelSavesUsd,
    leftOut,
    availability = [],
    assumptions,
  } = report;
  const rows = policies.map(standing => [
    `${standing.policy}: ${standing.sentence}`,
    `$${standing.costUsd.toFixed(2)}`,
    standing.ofOptimum === null ? '' : `${standing.ofOptimum.toFixed(4)} ×`,
    count(standing.interruptions),
    count(standing.starts),
    standing.onDemandHours.toFixed(0),
    standing.spotHours.toFixed(0),
    count(standing.late),
  ]);
  const head = ['policy', 'cost', 'of optimum', 'interruptions', 'starts', 'on-demand h', 'Spot h', 'late'];
  return [
    `<p class="soft">${escapeHtml(`${count(jobs)} jobs of ${job.workHours} h within ${job.deadlineHours} h, one every ${job.everyHours} h on each of ${count(traces)} traces with ${count(pools)} pools; a start costs ${job.changeoverMinutes} min.`)}</p>`,
    ...(modelSavesUsd === null ? [] : [`<p class="verdict">${escapeHtml(worthOf(modelSavesUsd))}</p>`]),
    htmlTable(head, rows),
    ...(availability.length === 0 ? [] : [availabilityPart(availability)]),
    '<h3>Assumptions</h3>',
    htmlList([
      ...assumptions,
      `Left out: ${count(leftOut.traces)} traces shorter than a deadline, ${count(leftOut.jobs)} jobs that could not be finished without an on-demand price.`,
    ]),
  ].join('\n');
}

function availabilityPart(availability: NonNullable<PolicyReport['availability']>): string {
  const skill = (value: number | null) => (value === null ? '' : value.toFixed(3));
  const rows = availability.map(entry => [
    `${entry.name}: ${entry.sentence}`,
    entry.brier.toFixed(4),
    skill(entry.skillAgainstBaseRate),
    skill(entry.skillAgainstPersistence),
    entry.calibrationError.toFixed(4),
  ]);
  const styles = ['two', 'three', 'one'] as const;
  const chart = svgChart({
    label: 'Calibration: how often capacity could be had, by what was foretold',
    lines: availability.map((entry, index) => ({
      name: entry.name,
      style: styles[index % styles.length] ?? 'one',
      points: entry.calibration.map(({ meanForecast, observed }) => [meanForecast, observed] as const),
    })),
    xText: value => `${(100 * value).toFixed(0)} %`,
    yText: value => `${(100 * value).toFixed(0)} %`,
    xRange: [0, 1],
    yRange: [0, 1],
  });
  const head = [
    'can it be had in an hour?',
    'Brier',
    'skill: base rate',
    'skill: persistence',
    'calibration error',
  ];
  return `<h3>Foreseeing availability</h3>${htmlTable(head, rows)}${chart}`;
}

/** What a model saves beside persistence, as a sentence. */
export function worthOf(usd: number): string {
  const amount = `$${Math.abs(usd).toFixed(2)}`;
  return usd >= 0
    ? `The model saves ${amount} beside persistence.`
    : `The model costs ${amount} more than persistence.`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
