// before a test's process starts
import "./test/device/software-vulkan.ts";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    // one engine at a time: two busy thread pools on two cores slow each other down
    maxWorkers: 1,
    testTimeout: 60_000,
  },
});

export default config;
