export { brokenLaws, type OrderLaw, orderLaws } from "./conformance.ts";
export { type NextScaleOptions, nextScale } from "./next-scale.ts";
export { levels, type Order, type Step, type StepInput } from "./order.ts";
export { cellsOfStep, randomOrder, revealCounts } from "./random-order.ts";
export { raster } from "./raster.ts";
export {
  offsets,
  requireSchedule,
  type Scale,
  type ScaleSchedule,
  type ScheduleDemands,
  scaleSchedules,
  squareScales,
  tokenCount,
} from "./scale-schedule.ts";
export { explain, hiddenBias, visibilityBias, visiblePairs } from "./visibility.ts";
