import type { Command } from 'commander';
import { featureCatalog } from '../forecasting/index.ts';
import { inspectModel, type ModelInspection } from '../models/index.ts';
import { createLog } from '../platform/index.ts';

/** A verdict of "no" is an answer, not a fault. */
const EXIT_VERDICT_NO = 3;

/** `cloudoptim models …`: models on a laptop, without an engine or a network. */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('Look at models without an engine or a network');
  models
    .command('inspect <file>')
    .description(
      'Say what a file is, what it takes and gives, and whether it would be let in; exits 3 when not',
    )
    .option('--json', 'Print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const inspection = await inspectModel(file, {
        features: featureCatalog,
        children: { nodePath: process.execPath },
        log: createLog('silent'),
        nowMs: Date.now(),
      });
      process.stdout.write(options.json ? `${JSON.stringify(inspection, null, 2)}\n` : describe(inspection));
      if (inspection.verdict === 'rejected') process.exitCode = EXIT_VERDICT_NO;
    });
}

function describe(inspection: ModelInspection): string {
  const { file, format, bytes, sha256, name, task, trainedUntil, features, operators, verdict, reasons } =
    inspection;
  const lines = [
    `${file}: ${verdict}`,
    ...reasons.map(reason => `  because ${reason}`),
    `format         ${format}, ${bytes.toLocaleString('en-US')} bytes`,
    `sha256         ${sha256}`,
    ...(name === undefined ? [] : [`name           ${name}`]),
    ...(task === undefined ? [] : [`task           ${task}`]),
    ...(trainedUntil === undefined ? [] : [`trained until  ${trainedUntil}`]),
    ...(features === undefined ? [] : [`features       ${features.join(', ')}`]),
    ...(operators.length === 0 ? [] : [`operators      ${operators.join(', ')}`]),
  ];
  return `${lines.join('\n')}\n`;
}
