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
  until,
  withScale,
} from "./schedule.ts";
