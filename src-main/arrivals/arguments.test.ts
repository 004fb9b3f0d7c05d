import { expect, it } from 'vitest';
import { handedOver } from './arguments.ts';

it('takes links and model files out of a command line, and nothing else', () => {
  const argv = [
    '/opt/CloudOptim/cloudoptim',
    '--no-sandbox',
    '--load=x.onnx',
    '.',
    'cloudoptim://plan/plan-1',
    '/models/a.onnx',
    'b.pkl.gz',
    'notes.txt',
    'C:\\evil.exe',
  ];
  expect(handedOver(argv, '/home/ops')).toEqual({
    links: ['cloudoptim://plan/plan-1'],
    files: ['/models/a.onnx', '/home/ops/b.pkl.gz'],
  });
  expect(handedOver(['/models/program.onnx'], '/')).toEqual({ links: [], files: [] });
});
