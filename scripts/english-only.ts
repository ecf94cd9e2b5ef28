import type { Plugin } from "esbuild";

/** Zod brings its messages in fifty languages; English has its own import. */
export const englishOnly: Plugin = {
  name: "english-only",
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "" }));
  },
};
