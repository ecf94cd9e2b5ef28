export {
  constant,
  cosine,
  type GuidanceSchedule,
  guidanceAt,
  isGuided,
  linearRamp,
  perStep,
  step,
} from "./schedule.ts";
