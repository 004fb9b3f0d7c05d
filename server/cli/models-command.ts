import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { featureCatalog } from '../forecasting/index.ts';
import {
  convertInChild,
  inspectModel,
  type ModelInspection,
  predictTable,
  readCsv,
  writeCsv,
} from '../models/index.ts';
import { createLog } from '../platform/index.ts';
import { asVerdict, EXIT_VERDICT_NO } from './as-verdict.ts';
import { readText } from './read-text.ts';

const children = { nodePath: process.execPath };
const log = createLog('silent');

/** `cloudoptim models …`: models on a laptop, without an engine or a network. */
export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('Look at models without an engine or a network');
  addConvert(models);
  addPredict(models);
  models
    .command('inspect <file>')
    .description(
      'Say what a file is, what it takes and gives, and whether it would be let in; exits 3 when not',
    )
    .option('--json', 'Print JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const inspection = await inspectModel(file, {
        features: featureCatalog,
        children,
        log,
        nowMs: Date.now(),
      });
      process.stdout.write(options.json ? `${JSON.stringify(inspection, null, 2)}\n` : describe(inspection));
      if (inspection.verdict === 'rejected') process.exitCode = EXIT_VERDICT_NO;
    });
}

function addConvert(models: Command): void {
  models
    .command('convert <file>')
    .description('Convert a model of scikit-learn, XGBoost or LightGBM to ONNX, without Python')
    .requiredOption('--output <file>', 'Where the ONNX file goes')
    .action(async (file: string, { output }: { output: string }) => {
      const description = await asVerdict(convertInChild(file, output, children, log));
      if (description) process.stdout.write(`${JSON.stringify(description, null, 2)}\n`);
    });
}

function addPredict(models: Command): void {
  models
    .command('predict <file>')
    .description('Run the rows of a CSV file through a model; an empty cell is a missing value')
    .requiredOption('--input <csv>', 'Rows with a header that names the columns')
    .option('--output <csv>', 'Where the answers go; standard output when left out')
    .action(async (file: string, { input, output }: { input: string; output?: string }) => {
      const answers = await asVerdict(predictTable(file, readCsv(readText(input)), children, log));
      if (!answers) return;
      if (output === undefined) process.stdout.write(writeCsv(answers));
      else writeFileSync(output, writeCsv(answers));
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
