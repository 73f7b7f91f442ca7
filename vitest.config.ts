import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['assay-source'] },
  ssr: { resolve: { conditions: ['assay-source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'recipes/**/*.test.ts'],
    // The browser tests look at the built page; a build that is up to date is kept.
    globalSetup: ['test/view/web-build.ts'],
    pool: 'forks',
    execArgv: ['--conditions=assay-source', '--disable-warning=ExperimentalWarning'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Vitest's own second, and ten for a hook, are too short for a browser on a busy machine.
    expect: { poll: { timeout: 30_000 } },
  },
});
