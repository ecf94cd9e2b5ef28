export { type CachePolicy, keepAll, keepLast, keepNone, kept } from "./policy.ts";
