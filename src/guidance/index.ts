export {
  constant,
  cosine,
  type GuidanceSchedule,
  guidanceAt,
  isGuided,
  linearRamp,
  perStep,
  step,
  withScale,
} from "./schedule.ts";
