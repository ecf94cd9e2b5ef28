export {
  constant,
  cosine,
  type GuidanceSchedule,
  guidanceAt,
  isGuided,
  linearRamp,
  perStep,
  revealed,
  step,
  withScale,
} from "./schedule.ts";
