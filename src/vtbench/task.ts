/** What a tokenizer is asked to keep. */
export const tasks = ["reconstruction", "detail", "text"] as const;
export type Task = (typeof tasks)[number];
