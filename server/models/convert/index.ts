export { type ConvertedFile, convertFile } from './convert-file.ts';
export {
  type Converted,
  type ConvertOptions,
  convertModels,
  type InputFeature,
  type NamedModel,
  type OutputKind,
} from './convert-python.ts';
