import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    globalSetup: ["test/support/globalSetup.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // Ink prints only its last frame where CI is set; the frames are what the tests look at.
    env: { CI: "", NO_COLOR: "", FORCE_COLOR: "" },
  },
});
