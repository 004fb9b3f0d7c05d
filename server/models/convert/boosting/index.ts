export {
  type BoosterFormat,
  type ConvertedBooster,
  convertBoosterFile,
  recogniseBoosterFile,
} from './booster-file.ts';
export {
  type AddedBooster,
  type BoostingConverter,
  boostingConverters,
  convertPickledBooster,
} from './boosting-converters.ts';
