export {
  type BoosterFormat,
  type ConvertedBooster,
  convertBoosterFile,
  recogniseBoosterFile,
} from './booster-file.ts';
export { boostingConverters, convertPickledBooster, describeBooster } from './boosting-converters.ts';
