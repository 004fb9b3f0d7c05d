export { type ConvertedFile, convertFile } from './convert-file.ts';
export {
  type Converted,
  type ConvertOptions,
  convertModels,
  convertPython,
  type InputFeature,
  type NamedModel,
  type OutputKind,
} from './convert-python.ts';
