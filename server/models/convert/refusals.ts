import { AppError } from '../../../common/errors.ts';
import type { PythonClass } from '../python/python-values.ts';

/** An error for a model that cannot be converted. @param what a sentence without its full stop, naming the class */
export function unsupported(what: string, hint?: string): AppError {
  return new AppError('model.rejected', `${what}.`, {
    hint:
      hint ??
      'The guide to models lists what can be imported; any other model can be exported to ONNX and uploaded.',
  });
}

/** An error for a model of which a part is missing or does not fit. @param what a sentence without its full stop */
export function unfitted(what: string): AppError {
  return new AppError('model.not-a-model', `${what}.`, {
    hint: 'Train the model (fit) before it is saved; if it was trained, the file is damaged: save it again.',
  });
}

/** A class as people write it: `sklearn.linear_model.Ridge`, without private modules. */
export function classTitle(type: PythonClass): string {
  const modules = type.module.split('.').filter(part => !part.startsWith('_'));
  return [...modules, type.name].join('.');
}
